"""Paying by bank transfer, as the customer and as staff see it: chosen, told, entered in parts, and then it takes
effect."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order
from checkout.tasks import sweep_orders
from memberships.models import Refund
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(settings):
    settings.SELLER_NAME = "Sitewright B.V."
    settings.SELLER_IBAN, settings.SELLER_BIC = "NL91ABNA0417164300", "ABNANL2A"


@pytest.fixture
def bob(world, catalogue):
    return world.signs_up("bob", catalogue.free, now=timezone.now() - timedelta(days=3))


@pytest.fixture
def his(signed_in, bob) -> Client:
    return signed_in(bob.customer.user)


@pytest.fixture
def order(world, catalogue, bob, his) -> Order:
    """Premium for 30.00, to be paid by transfer."""
    quote = world.quote(bob, catalogue.premium, now=timezone.now().replace(microsecond=0))
    answer = his.post(f"/quotes/{quote.uid}/confirm/", {"card": "transfer"})
    order = Order.objects.select_related("payment").get(quote=quote)
    assert answer.url == f"/orders/{order.uid}/"
    return order


def enter(desk: Client, order: Order, amount: str, reference: str = "NL-1"):
    typed = {"amount": amount, "received_on": timezone.localdate().isoformat(), "bank_reference": reference}
    return desk.post(f"/admin/memberships/payment/{order.payment_id}/receipt/", typed, follow=True)


def plan_of(membership) -> str:
    return membership.items.live().get(product__type="plan").product.code


def test_the_review_offers_a_transfer_only_where_there_is_an_account(world, catalogue, bob, his, settings):
    quote = world.quote(bob, catalogue.premium, now=timezone.now().replace(microsecond=0))
    assert "Bank transfer" in text_of(his.get(f"/quotes/{quote.uid}/"))
    settings.SELLER_IBAN = ""
    assert "Bank transfer" not in text_of(his.get(f"/quotes/{quote.uid}/"))


def test_the_instructions_stand_on_the_page_and_in_a_mail(his, bob, order):
    reference = order.payment.reference
    shown = text_of(his.get(f"/orders/{order.uid}/"))
    for part in (
        "€30.00",
        "Sitewright B.V.",
        "NL91 ABNA 0417 1643 00",
        "ABNANL2A",
        reference[:4],
        reference[-4:],
    ):
        assert part in shown
    assert order.expires_at == order.created_at + timedelta(days=14)
    assert bob.notices.filter(kind="transfer_instructions").count() == 1


def test_asking_again_sends_no_second_mail_and_waits_no_longer(his, bob, order):
    his.post(f"/orders/{order.uid}/pay/", {"card": "transfer"})
    assert bob.notices.filter(kind="transfer_instructions").count() == 1
    assert Order.objects.get(pk=order.pk).expires_at == order.expires_at


def test_part_payments_add_up_and_the_last_one_brings_the_plan(
    desk, his, bob, order, django_capture_on_commit_callbacks
):
    assert "€10.00 is still missing" in text_of(enter(desk, order, "20.00"))
    assert "€20.00 has arrived" in text_of(his.get(f"/orders/{order.uid}/"))
    assert plan_of(bob) == "free"
    with django_capture_on_commit_callbacks(execute=True):
        assert "Nothing is missing any more" in text_of(enter(desk, order, "10.00", "NL-2"))
    order.refresh_from_db()
    assert (order.state, plan_of(bob)) == ("fulfilled", "premium")


def test_the_same_transaction_counts_once_and_another_amount_for_it_is_refused(desk, bob, order):
    enter(desk, order, "20.00")
    enter(desk, order, "20.00")
    assert order.payment.receipts.total() == 2000
    answer = enter(desk, order, "10.00")
    assert answer.status_code == 422
    assert "This transaction was entered before, as €20.00." in text_of(answer)
    assert order.payment.receipts.total() == 2000


@pytest.mark.parametrize(
    ("amount", "complaint"),
    [
        ("0", "An amount lies above zero"),
        ("-5", "An amount lies above zero"),
        ("10.005", "at most 2 decimals"),
        ("many", "Enter a number"),
        ("", "This field is required"),
        ("99999999999999999999", "is €10,000,000,000.00 at most"),
    ],
)
def test_what_cannot_have_arrived_is_refused_and_stays_typed(desk, order, amount, complaint):
    answer = enter(desk, order, amount)
    assert answer.status_code == 422
    assert complaint in text_of(answer)
    assert f'value="{amount}"' in answer.content.decode() or not amount
    assert order.payment.receipts.count() == 0


def test_money_of_tomorrow_has_not_arrived(desk, order):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = desk.post(
        f"/admin/memberships/payment/{order.payment_id}/receipt/",
        {"amount": "30", "received_on": tomorrow, "bank_reference": "NL-1"},
    )
    assert answer.status_code == 422
    assert order.payment.receipts.count() == 0


def test_a_card_can_pay_after_all(world, his, bob, order):
    answer = his.post(f"/orders/{order.uid}/pay/", {"card": "other"})
    attempts = list(order.payment.attempts.values_list("method", "state"))
    assert attempts == [("bank_transfer", "failed"), ("hosted_page", "waiting")]
    world.gateway.pay(order.payment.attempts.get(method="hosted_page").gateway_ref)
    his.get(f"/orders/{order.uid}/")
    assert (answer.status_code, plan_of(bob)) == (200, "premium")


def test_an_order_that_nobody_pays_ends_and_part_of_the_money_is_not_lost(desk, bob, order):
    enter(desk, order, "12.00")
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now())
    sweep_orders()
    order.refresh_from_db()
    assert (order.state, plan_of(bob)) == ("expired", "free")
    assert list(bob.wallet_entries.values_list("amount", "reason")) == [(1200, "late_payment")]


def test_staff_give_part_of_a_payment_back_with_a_reason(desk, world, catalogue):
    carol = world.signs_up("carol", catalogue.premium, now=timezone.now() - timedelta(days=3))
    payment = carol.payments.get()
    page = f"/admin/memberships/payment/{payment.pk}/refund/"
    assert "€30.00" in text_of(desk.get(page))
    sent = {"uid": "0b0b0b0b-0000-4000-8000-000000000001"}
    answer = desk.post(page, sent | {"amount": "30.01", "reason": "Too much"})
    assert answer.status_code == 422
    for _pressed_twice in range(2):
        answer = desk.post(page, sent | {"amount": "10.00", "reason": "Two bad days"}, follow=True)
        assert "€10.00 has been given back." in text_of(answer)
    given = Refund.objects.get()
    assert (given.amount, given.state, given.reason, given.actor.email) == (
        1000, "succeeded", "Two bad days", "admin@network.example",
    )  # fmt: skip
    assert (given.credit_note.total, given.credit_note.refunded) == (-1000, 1000)


@pytest.mark.parametrize("what", ["receipt", "refund"])
def test_staff_without_the_permission_may_neither_enter_nor_give_back(order, what):
    user = User.objects.create_user("reader@network.example", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_payment"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    page = f"/admin/memberships/payment/{order.payment_id}/{what}/"
    assert (client.get(page).status_code, client.post(page, {}).status_code) == (403, 403)


def test_a_stranger_cannot_choose_how_another_pays(order, signed_in, world, catalogue):
    mallory = signed_in(world.signs_up("mallory", catalogue.free, now=timezone.now()).customer.user)
    assert mallory.post(f"/orders/{order.uid}/pay/", {"card": "transfer"}).status_code == 404
