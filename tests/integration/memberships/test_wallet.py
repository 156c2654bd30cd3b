"""Staff give and take account credit, and the customer reads why."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from checkout.operations.confirm import QuoteStale, confirm
from memberships.models import Membership, WalletEntry
from memberships.operations.wallet import BelowZero, adjust

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def give(alice, staff):
    """Adjust Alice's wallet on 17 March."""

    def give(amount: int, *, reference: str = "adjustment-1", **options) -> WalletEntry:
        return adjust(
            membership=alice, amount=amount, note="Sorry for the wait", actor=staff, reference=reference,
            now=MARCH_17, **options,
        )  # fmt: skip

    return give


def balance(membership: Membership) -> int:
    return membership.wallet_entries.balance()


# The operation


def test_an_adjustment_is_an_entry_with_its_reason_and_who_made_it(give, alice, staff):
    entry = give(500)
    assert (entry.amount, entry.reason, entry.note) == (500, "adjustment", "Sorry for the wait")
    assert (entry.actor, entry.created_at, balance(alice)) == (staff, MARCH_17, 500)


def test_the_same_reference_moves_the_wallet_once(give, alice):
    assert give(500).pk == give(500).pk
    assert balance(alice) == 500


def test_a_wallet_goes_below_zero_only_when_that_was_agreed_to(give, alice):
    give(500)
    with pytest.raises(BelowZero) as below:
        give(-501, reference="adjustment-2")
    assert (below.value.balance, balance(alice)) == (-1, 500)
    give(-500, reference="adjustment-2")
    assert balance(alice) == 0
    give(-1, reference="adjustment-3", into_debt=True)
    assert balance(alice) == -1


def test_credit_is_used_before_the_card(give, world, catalogue, alice):
    give(500)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    assert order.payment.amount == 7548 - 500
    world.pays(order, now=MARCH_17)
    assert (balance(alice), alice.invoices.latest("id").wallet_used) == (0, 500)


def test_a_quote_made_before_credit_was_given_charges_nobody_and_is_priced_anew(
    give, world, catalogue, alice
):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    give(500)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_17)
    assert (stale.value.reason, stale.value.fresh.price.due_now) == ("price_changed", 7048)


def test_an_order_under_way_is_applied_as_agreed_when_credit_is_given_meanwhile(
    give, world, catalogue, alice
):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    give(500)
    assert world.pays(order, now=MARCH_17).state == "fulfilled"
    assert balance(alice) == 500


def test_an_order_that_counted_on_credit_that_was_taken_is_not_applied(give, world, catalogue, alice):
    give(500)
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    give(-500, reference="adjustment-2")
    assert world.pays(order, now=MARCH_17).state == "credited"
    assert balance(alice) == 7048


# The desk


def page_of(membership: Membership) -> str:
    return f"/admin/memberships/membership/{membership.pk}/wallet/"


def typed(desk: Client, membership: Membership, **fields: str):
    """What a browser sends of the form, as it came."""
    form = desk.get(page_of(membership)).context["form"]
    return {"reference": str(form["reference"].value()), **fields}


def test_staff_adjust_a_wallet_on_a_page_of_its_own(desk, alice, staff):
    assert (
        f"{alice.pk}/wallet/"
        in desk.get(f"/admin/memberships/membership/{alice.pk}/change/").content.decode()
    )
    sent = typed(desk, alice, amount="12.50", note="A gift")
    for _again in range(2):
        answer = desk.post(page_of(alice), sent)
        assert answer.status_code == 302
    entry = WalletEntry.objects.get()
    assert (entry.amount, entry.note, entry.actor) == (1250, "A gift", staff)


def test_below_zero_must_be_confirmed_on_the_form_and_loses_nothing_typed(desk, alice):
    sent = typed(desk, alice, amount="-5", note="Charged back")
    answer = desk.post(page_of(alice), sent)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "That leaves -€5.00. Confirm that this is meant." in shown
    assert 'value="Charged back"' in shown
    assert desk.post(page_of(alice), {**sent, "into_debt": "on"}).status_code == 302
    assert balance(alice) == -500


@pytest.mark.parametrize(
    ("amount", "note", "said"),
    [
        ("0", "x", "An adjustment of nothing changes nothing."),
        ("1.005", "x", "An amount in EUR has at most 2 decimals."),
        ("100000000", "x", "The largest adjustment is €10,000,000.00."),
        ("ten", "x", "Enter a number."),
        ("NaN", "x", "Enter a number."),
        ("5", "", "This field is required."),
    ],
)
def test_what_cannot_be_an_adjustment_is_said_beside_its_field(desk, alice, amount, note, said):
    answer = desk.post(page_of(alice), typed(desk, alice, amount=amount, note=note))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not WalletEntry.objects.exists()


def test_who_may_only_look_cannot_adjust(alice):
    viewer = User.objects.create_user(email="viewer@network.example", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_membership"))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(viewer)
    assert (
        f"{alice.pk}/wallet/"
        not in browser.get(f"/admin/memberships/membership/{alice.pk}/change/").content.decode()
    )
    for way in (browser.get, browser.post):
        assert way(page_of(alice)).status_code == 403
    assert not WalletEntry.objects.exists()


def test_a_membership_that_is_not_there_is_not_found(desk):
    for name in ("0", "nonsense"):
        assert desk.get(f"/admin/memberships/membership/{name}/wallet/").status_code == 404
