"""Staff change a plan for a customer: the customer's own choices, prices and rules, with a reason, and paid by the
customer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission

from checkout.links import order_behind
from checkout.models import Order, Quote
from checkout.operations.books import what_is_wrong
from memberships.mails.sending import send_notice
from memberships.models import Attempt, Membership

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
DECLINES = "4000000000000341"


@pytest.fixture
def page(alice, in_march) -> str:
    return f"/admin/memberships/membership/{alice.pk}/change-plan/"


def chosen(plan, *, period: str = "month-1", **more: Any) -> dict[str, Any]:
    return {"plan": str(plan.uid), "period": period, "code": "", **more}


def reviewed(desk, page: str, choice: dict[str, Any]) -> str:
    """The address of the review of `choice`."""
    answer = desk.post(page, choice | {"review": "1"})
    assert answer.status_code == 302
    return answer["Location"]


def ordered(
    desk, page: str, choice: dict[str, Any], *, pay: str = "link", reason: str = "Asked by phone"
) -> Any:
    return desk.post(reviewed(desk, page, choice), {"pay": pay, "reason": reason})


def test_the_choices_are_the_customers_own(desk, page, catalogue):
    form = desk.get(page).context["form"]
    assert [label for _value, label in form.fields["plan"].choices] == [
        "Free, €0.00",
        "Premium, €30.00 per month (Current plan)",
        "Business, €90.00 per month",
    ]
    assert form.data["plan"] == str(catalogue.premium.uid)
    labels = [field.label for name, field in form.fields.items() if name.startswith("quantity-")]
    assert labels == [
        "Extra disk, €4.00 per month",
        "Unlimited visits, €5.00 per month",
        "Site design, €450.00 once",
    ]


def test_the_price_is_shown_before_anything_is_asked_for(desk, page, catalogue):
    answer = desk.post(page, chosen(catalogue.business))
    assert answer.status_code == 200
    amounts = [(row[0], row[2]) for row in answer.context["table"]["rows"]]
    assert amounts == [
        ("Business", "€90.00"),
        ("Credit for unused time: Premium", "-€14.52"),
        ("Due today", "€75.48"),
        ("Next bill on 17 April 2026", "€90.00"),
    ]
    assert (
        Quote.objects.filter(user__is_staff=True).count(),
        Order.objects.filter(kind="upgrade").count(),
    ) == (0, 0)


def test_the_customer_gets_a_link_and_pays_it(desk, page, world, catalogue, alice):
    answer = ordered(desk, page, chosen(catalogue.business))
    assert answer["Location"] == f"/admin/memberships/membership/{alice.pk}/change/"
    order = Order.objects.get(kind="upgrade")
    staff = order.placed_by
    assert (order.state, staff.email, order.reason) == ("open", "admin@network.example", "Asked by phone")
    assert (order.payment.amount, order.payment.attempts.count()) == (7548, 0)
    assert order.expires_at == MARCH_17 + timedelta(days=settings.TRANSFER_LIFETIME_DAYS)
    notice = alice.notices.get(kind="change_to_pay")
    assert notice.to == "alice@example.com"
    link = notice.facts["pay_url"]
    assert order_behind(link.rstrip("/").rpartition("/")[2]) == order
    send_notice(notice_id=notice.pk, now=MARCH_17)
    notice.refresh_from_db()
    assert notice.subject == "Upgrade to Business: please pay €75.48"
    assert "Upgrade to Business" in desk.get(link).content.decode()
    order = world.pays(order, now=MARCH_17)
    assert order.state == "fulfilled"
    told = alice.transitions.get(kind="upgrade")
    assert (told.actor, told.reason, told.headline) == (
        staff,
        "Asked by phone",
        "Upgraded Premium → Business",
    )
    assert list(what_is_wrong(now=MARCH_17)) == []


def test_the_saved_card_pays_at_once_when_the_customer_wants_that(desk, page, catalogue, alice):
    ordered(desk, page, chosen(catalogue.business), pay="card")
    order = Order.objects.get(kind="upgrade")
    attempt = order.payment.attempts.get()
    assert (order.state, attempt.method, attempt.state) == ("fulfilled", "saved_card", "succeeded")
    assert alice.notices.filter(kind="change_to_pay").count() == 0


def test_a_card_that_is_declined_leaves_the_plan_and_sends_the_link(desk, page, world, catalogue, alice):
    world.saves_a_card(alice, now=MARCH_17, card=DECLINES)
    ordered(desk, page, chosen(catalogue.business), pay="card")
    order = Order.objects.get(kind="upgrade")
    assert (order.state, order.payment.attempts.get().state) == ("open", "failed")
    assert alice.notices.filter(kind="change_to_pay").count() == 1
    assert alice.items.live().get().product == catalogue.premium


def test_what_costs_nothing_today_is_done_at_once(desk, staff, page, catalogue, alice):
    review = reviewed(desk, page, chosen(catalogue.free))
    assert "pay" not in desk.get(review).context["form"].fields
    desk.post(review, {"reason": "Asked by phone"})
    change = alice.scheduled_changes.get()
    assert (change.kind, change.state, change.actor) == ("downgrade", "pending", staff)
    assert Order.objects.get(kind="downgrade").state == "fulfilled"


def test_the_review_names_what_has_no_room_afterwards(desk, page, catalogue, site):
    answer = desk.get(reviewed(desk, page, chosen(catalogue.free)))
    (row,) = answer.context["no_room"]["rows"]
    assert [str(cell) for cell in row[:4]] == [site.name, "Posts", "5", "3"]


def test_pressed_twice_it_is_one_order_one_charge_and_one_mail(desk, page, catalogue, alice):
    review = reviewed(desk, page, chosen(catalogue.business))
    desk.post(review, {"pay": "card", "reason": "Asked by phone"})
    answer = desk.post(review, {"pay": "card", "reason": "Asked by phone"})
    order = Order.objects.get(kind="upgrade")
    assert answer["Location"] == f"/admin/checkout/order/{order.pk}/change/"
    assert Attempt.objects.filter(payment=order.payment).count() == 1


def test_a_price_that_has_run_out_is_asked_for_anew(desk, page, catalogue, alice):
    review = reviewed(desk, page, chosen(catalogue.business))
    Quote.objects.update(expires_at=MARCH_17, as_of=MARCH_17 - timedelta(days=1))
    answer = desk.post(review, {"pay": "link", "reason": "Asked by phone"})
    assert answer["Location"] == f"{page}?quote={Quote.objects.latest('id').uid}" != review
    assert "The price had run out" in desk.get(answer["Location"]).content.decode()
    assert Order.objects.filter(kind="upgrade").count() == 0


def test_while_another_order_waits_nothing_is_ordered(desk, page, world, catalogue, alice):
    review = reviewed(desk, page, chosen(catalogue.business))
    waiting = world.orders(alice, catalogue.business, now=MARCH_17)
    answer = desk.post(review, {"pay": "link", "reason": "Asked by phone"})
    assert answer["Location"] == f"/admin/checkout/order/{waiting.pk}/change/"
    assert Order.objects.filter(kind="upgrade").count() == 1


def test_without_a_reason_nothing_is_ordered_and_the_choice_stays(desk, page, catalogue):
    answer = desk.post(reviewed(desk, page, chosen(catalogue.business)), {"pay": "link", "reason": " "})
    assert (answer.status_code, answer.context["form"].errors) == (
        422,
        {"reason": ["This field is required."]},
    )
    assert Order.objects.filter(kind="upgrade").count() == 0


@pytest.mark.parametrize(
    "more", [{"plan": "x"}, {"period": "century-1"}, {"plan": ""}], ids=["plan", "period", "none"]
)
def test_what_is_not_on_offer_is_refused_at_its_field(desk, page, catalogue, more):
    answer = desk.post(page, chosen(catalogue.business) | more | {"review": "1"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(more))


def test_a_plan_of_another_family_cannot_be_had_here_either(desk, page, catalogue):
    answer = desk.post(page, chosen(catalogue.basic) | {"review": "1"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["plan"])


def test_a_code_that_does_not_hold_is_refused_at_its_field_and_stays_typed(desk, page, catalogue):
    answer = desk.post(page, chosen(catalogue.business, code="NOPE") | {"review": "1"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["code"])
    assert answer.context["form"]["code"].value() == "NOPE"


def test_what_they_have_already_is_no_change(desk, page, catalogue):
    answer = desk.post(page, chosen(catalogue.premium) | {"review": "1"})
    assert answer.status_code == 422
    assert "This is what you have now." in answer.content.decode()


@pytest.mark.parametrize(
    "quote", ["x", "6c6d2f2e-9d0b-4a5b-8a77-1f1a2b3c4d5e"], ids=["no_identifier", "unknown"]
)
def test_a_quote_that_is_none_is_not_found(desk, page, quote):
    assert desk.get(f"{page}?quote={quote}").status_code == 404


def test_the_customers_own_quote_is_not_ordered_by_staff(desk, page, world, catalogue, alice):
    quote = world.quote(alice, catalogue.business, now=MARCH_17)
    assert desk.get(f"{page}?quote={quote.uid}").status_code == 404


def test_who_may_only_look_cannot_order(desk, staff, page, catalogue, alice):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    assert page not in desk.get(page.replace("change-plan", "change")).content.decode()
    assert desk.get(page).status_code == 403
    assert desk.post(page, chosen(catalogue.business) | {"review": "1"}).status_code == 403
    assert Membership.objects.get(pk=alice.pk).revision == alice.revision


def test_an_order_that_waits_can_be_asked_for_by_mail_once(desk, world, catalogue, alice, in_march):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    page = f"/admin/checkout/order/{order.pk}/mail-link/"
    assert page in desk.get(page.replace("mail-link", "change")).content.decode()
    for _time in range(2):
        assert desk.post(page).status_code == 302
    assert alice.notices.filter(kind="change_to_pay").count() == 1
    world.pays(order, now=MARCH_17)
    assert desk.post(page).status_code == 403
