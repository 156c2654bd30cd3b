"""A membership passes to another customer: sites, domains and wallet with it, cards and old bills not."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import User
from checkout.models import Order
from checkout.operations.books import what_is_wrong
from checkout.operations.undo import UndoRefused, foresee
from memberships.mails.sending import send_notice
from memberships.models import Customer, Invoice, Membership
from memberships.operations.lifecycle import cancel_now
from memberships.operations.next_bill import next_bill
from memberships.operations.pass_on import TransferRefused
from memberships.operations.refunds import refundable
from memberships.operations.wallet import adjust
from sites.models import Role, Site, SiteMember
from sites.operations.transfer import transfer

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
UID = uuid.UUID("6c6d2f2e-9d0b-4a5b-8a77-1f1a2b3c4d5e")


@pytest.fixture(autouse=True)
def in_march() -> Iterator[None]:
    with time_machine.travel(MARCH_17, tick=False):
        yield


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def bob(world) -> Customer:
    return Customer.objects.create(user=world.person("bob"))


@pytest.fixture
def garden(alice, site_a) -> Site:
    Site.objects.filter(pk=site_a.pk).update(membership=alice)
    return Site.objects.select_related("membership__customer__user").get(pk=site_a.pk)


@pytest.fixture
def passes(staff, world):
    def passed(membership: Membership, to: Customer) -> Membership:
        transfer(membership=membership, to=to, reason="Sold", actor=staff, uid=UID, now=MARCH_17)
        return world.fresh(membership)

    return passed


def browser_of(user: User) -> Client:
    client = Client(headers={"host": "localhost:8000"})
    client.force_login(user)
    return client


def test_the_new_customer_has_it_and_pays_its_next_bill(world, alice, bob, passes, staff):
    adjust(membership=alice, amount=500, note="Sorry", actor=staff, reference="gift", now=MARCH_1)
    revision = alice.revision
    alice = passes(alice, bob)
    assert (alice.customer, alice.revision, alice.state) == (bob, revision + 1, "active")
    assert (next_bill(membership=alice, now=MARCH_17).due_now, alice.wallet_entries.balance()) == (2500, 500)
    row = alice.transfers.get()
    assert (row.came_from.user.email, row.went_to, row.reason) == ("alice@example.com", bob, "Sold")
    told = alice.transitions.get(kind="transferred")
    assert (told.headline, told.actor, told.reason) == ("Passed on from Alice to Bob", staff, "Sold")
    assert (bob.payment_methods.count(), row.came_from.payment_methods.count()) == (0, 1)
    assert list(what_is_wrong(now=MARCH_17)) == []


def test_both_are_told_each_in_their_own_name(alice, bob, garden, passes):
    alice = passes(alice, bob)
    mails = {notice.kind: notice for notice in alice.notices.filter(reference=f"transfer-{UID}")}
    assert {kind: notice.to for kind, notice in mails.items()} == {
        "passed_on": "alice@example.com",
        "taken_over": "bob@example.com",
    }
    for notice in mails.values():
        assert send_notice(notice_id=notice.pk, now=MARCH_17)
        notice.refresh_from_db()
    assert mails["passed_on"].body.startswith("Hello Alice,")
    assert mails["taken_over"].body.startswith("Hello Bob,")
    assert "With it went: Alpha Garden." in " ".join(mails["passed_on"].body.split())
    assert "Next bill: €30.00 on 1 April 2026." in " ".join(mails["taken_over"].body.split())


def test_the_former_owner_is_out_of_the_sites_and_the_new_one_needs_no_place(
    alice, bob, garden, passes, staff
):
    place = SiteMember.objects.create(
        site=garden, email="bob@example.com", role=Role.WRITER, user=bob.user, invited_at=MARCH_1,
        accepted_at=MARCH_1,
    )  # fmt: skip
    with tenant_context(garden):
        for user in (alice.customer.user, bob.user):
            User.objects.create(uid=user.uid, email=user.email, name=user.name)
    passes(alice, bob)
    place.refresh_from_db()
    assert place.removed_at == MARCH_17
    with tenant_context(garden):
        assert dict(
            User.objects.filter(email__in=["alice@example.com", "bob@example.com"]).values_list(
                "email", "is_active"
            )
        ) == {
            "alice@example.com": False,
            "bob@example.com": True,
        }
        assert User.objects.get(email="bob@example.com").is_superuser
    assert browser_of(bob.user).get(f"/sites/{garden.uid}/domains/").status_code == 200
    assert (
        browser_of(User.objects.get(email="alice@example.com"))
        .get(f"/sites/{garden.uid}/domains/")
        .status_code
        == 404
    )


def test_what_was_billed_before_stays_with_who_paid_it(world, alice, bob, passes):
    paid_by = alice.customer.user
    bill = alice.invoices.get()
    alice = passes(alice, bob)
    assert list(Invoice.objects.owned_by(paid_by)) == [bill]
    assert list(Invoice.objects.owned_by(bob.user)) == []
    assert Order.objects.owned_by(bob.user).count() == 0
    world.a_day(datetime(2026, 4, 1, tzinfo=UTC))
    order = Order.objects.get(state="open")
    world.pays(order, now=datetime(2026, 4, 1, tzinfo=UTC))
    assert [each.customer_name for each in Invoice.objects.owned_by(bob.user)] == ["Bob"]
    assert list(Invoice.objects.owned_by(paid_by)) == [bill]


def test_the_account_page_of_the_new_customer_begins_with_the_transfer(alice, bob, passes, staff):
    adjust(membership=alice, amount=500, note="Sorry, Alice", actor=staff, reference="gift", now=MARCH_1)
    alice = passes(alice, bob)
    answer = browser_of(bob.user).get(f"/account/{alice.uid}/")
    assert [entry["what"] for entry in answer.context["story"]] == ["The membership came to you"]
    assert (answer.context["wallet"], answer.context["wallet_entries"]) == ("€5.00", [])
    assert "Sorry, Alice" not in answer.content.decode()


def test_the_same_form_sent_twice_is_one_transfer(alice, bob, passes):
    alice = passes(passes(alice, bob), bob)
    assert (alice.transfers.count(), alice.notices.filter(kind="taken_over").count()) == (1, 1)


def test_an_upgrade_of_before_is_not_undone_by_the_new_customer(world, catalogue, alice, bob, passes):
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    passes(alice, bob)
    with pytest.raises(UndoRefused, match="changed"):
        foresee(order=Order.objects.get(pk=order.pk), now=MARCH_17)


def test_what_the_former_customer_paid_does_not_go_back_to_their_card(desk, alice, bob, passes, staff):
    """They have sold what they paid for; what is unused of it is the new customer's credit."""
    payment = alice.payments.get()
    assert refundable(payment) == 3000
    alice = passes(alice, bob)
    assert refundable(payment) == 0
    answer = desk.get(f"/admin/memberships/payment/{payment.pk}/refund/", follow=True)
    assert "The membership has passed to another customer since" in answer.content.decode()
    cancel_now(membership=alice, actor=staff, reason="Closes", refund=True, now=MARCH_17)
    assert (payment.refunds.count(), alice.wallet_entries.balance()) == (0, 1452)
    assert list(Invoice.objects.owned_by(bob.user)) == []  # nothing that bears the former customer's name
    assert list(what_is_wrong(now=MARCH_17)) == []


def test_while_a_change_waits_for_its_money_it_stays(world, catalogue, alice, bob, passes):
    world.orders(alice, catalogue.business, now=MARCH_17)
    with pytest.raises(TransferRefused, match="money_open"):
        passes(alice, bob)


def test_a_wallet_below_zero_is_settled_first(alice, bob, passes, staff):
    adjust(membership=alice, amount=-1, note="x", actor=staff, reference="debt", into_debt=True, now=MARCH_17)
    with pytest.raises(TransferRefused, match="debt"):
        passes(alice, bob)


def test_who_has_not_begun_has_nothing_to_pass_on(world, bob, passes):
    with pytest.raises(TransferRefused, match="not_begun"):
        passes(world.comes("carol", now=MARCH_1), bob)


def test_it_does_not_go_to_who_signed_up_with_an_address_that_is_not_theirs(alice, bob, passes):
    EmailAddress.objects.create(user=bob.user, email=bob.user.email, primary=True, verified=False)
    with pytest.raises(TransferRefused, match="unconfirmed"):
        passes(alice, bob)


def test_nobody_transfers_to_themselves(alice, staff, passes):
    with pytest.raises(TransferRefused, match="own"):
        passes(alice, Customer.objects.create(user=staff))


# The page


@pytest.fixture
def page(alice) -> str:
    return f"/admin/memberships/membership/{alice.pk}/transfer/"


def sent(**typed: str) -> dict[str, str]:
    return {"email": "bob@example.com", "reason": "Sold", "uid": str(UID), "checked": "", **typed}


def test_whose_it_will_be_is_shown_before_anything_happens(desk, page, alice, bob, garden):
    shown = desk.post(page, sent())
    assert "Transfer to Bob" in shown.content.decode()
    assert "Alpha Garden" in shown.content.decode()
    assert shown.context["form"]["checked"].value() == "bob@example.com"
    assert Membership.objects.get(pk=alice.pk).customer_id == alice.customer_id
    done = desk.post(page, sent(checked="bob@example.com"))
    assert done["Location"] == f"/admin/memberships/membership/{alice.pk}/change/"
    assert Membership.objects.get(pk=alice.pk).customer == bob
    assert "Passed on from Alice to Bob" in desk.get(done["Location"]).content.decode()


def test_another_address_than_was_shown_is_shown_first(desk, page, alice, bob, world):
    world.person("carl")
    desk.post(page, sent(email="carl@example.com", checked="bob@example.com"))
    assert world.fresh(alice).customer_id == alice.customer_id


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "nobody@example.org"}, "email"),
        ({"reason": ""}, "reason"),
    ],
    ids=["empty", "no_address", "unknown", "no_reason"],
)
def test_what_makes_no_sense_is_refused_at_its_field(desk, page, bob, typed, field):
    answer = desk.post(page, sent(**typed))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_whose_it_is_already_is_said_at_the_address(desk, page, alice):
    answer = desk.post(page, sent(email="alice@example.com", checked="alice@example.com"))
    assert answer.context["form"].errors == {
        "email": ["This customer has the membership already. Enter the address of another one."]
    }


def test_an_address_that_nobody_has_confirmed_is_said_at_its_field(desk, page, alice, bob, world):
    EmailAddress.objects.create(user=bob.user, email=bob.user.email, primary=True, verified=False)
    answer = desk.post(page, sent(checked="bob@example.com"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["email"] == [
        "Nobody has shown yet that this address is theirs. Ask the customer to open the link in the mail that they got."
    ]
    assert world.fresh(alice).customer_id == alice.customer_id


def test_it_needs_its_own_permission(desk, page, staff, bob, alice):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.exclude(codename="add_membershiptransfer"))
    assert desk.post(page, sent(checked="bob@example.com")).status_code == 403
    assert Membership.objects.get(pk=alice.pk).customer_id == alice.customer_id
