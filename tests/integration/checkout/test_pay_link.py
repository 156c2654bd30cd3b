"""The link in a mail that pays one bill, and does and shows nothing else."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from checkout.links import order_behind, pay_link, token_of
from checkout.models import Order
from checkout.operations.pay import give_up
from memberships.billing.gateway import GatewayUnavailable
from memberships.operations.transfers import record_receipt
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def bill(world, alice) -> Order:
    """Alice's renewal of 1 April, with no card to charge."""
    alice.customer.payment_methods.all().delete()
    world.a_day(APRIL_1)
    return Order.objects.select_related("payment").get(state="open")


@pytest.fixture
def address(bill) -> str:
    return pay_link(bill).removeprefix(settings.NETWORK_ORIGIN)


@pytest.fixture
def somebody() -> Client:
    """Whoever has the link, signed in nowhere."""
    return Client(headers={"host": "localhost"})


def test_the_page_shows_what_is_to_be_paid_and_nothing_else_of_the_customer(bill, address, somebody):
    page = somebody.get(address)
    shown = text_of(page)
    assert "€30.00 Renew Premium, 1 Apr – 1 May 2026 Pay €30.00" in shown
    assert bill.payment.reference in shown
    assert "alice" not in page.content.decode().lower()
    assert page["Referrer-Policy"] == "same-origin"
    assert b'name="referrer"' not in page.content
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]


def test_looking_at_the_page_asks_the_gateway_nothing(bill, address, somebody, monkeypatch):
    monkeypatch.setattr("checkout.views.pay_link.reconcile", lambda **_: 1 / 0)
    assert somebody.get(address).status_code == 200
    assert somebody.head(address).status_code == 200
    assert not bill.payment.attempts.exists()


def test_who_pays_by_the_link_is_thanked_there_and_the_membership_goes_on(
    world, alice, bill, address, somebody
):
    leaving = somebody.post(address)
    attempt = bill.payment.attempts.get()
    assert attempt.url in leaving.content.decode()
    assert (attempt.method, attempt.return_url) == ("hosted_page", f"{settings.NETWORK_ORIGIN}{address}")
    assert leaving["Referrer-Policy"] == "same-origin"
    world.gateway.pay(attempt.gateway_ref)
    shown = text_of(somebody.get(address))
    assert "Thank you €30.00 is paid." in shown
    assert (world.fresh(alice).state, world.fresh(alice).period_start) == ("active", APRIL_1)


def test_who_comes_back_without_having_paid_can_go_there_again(world, bill, address, somebody):
    somebody.post(address)
    assert "Pay €30.00" in text_of(somebody.get(address))
    somebody.post(address)
    assert bill.payment.attempts.count() == 1


def test_a_bill_that_is_settled_can_no_longer_be_paid_by_its_link(world, bill, address, somebody):
    give_up(order=bill, state=Order.State.EXPIRED, now=APRIL_1)
    page = somebody.get(address)
    assert "This bill is no longer open" in text_of(page)
    assert "€30.00" not in text_of(page)
    answer = somebody.post(address)
    assert (answer.status_code, answer.url, bill.payment.attempts.count()) == (302, address, 0)


@pytest.mark.parametrize("broken", ["", "x", "0" * 32, "é"])
def test_a_link_that_we_did_not_make_leads_nowhere(bill, somebody, broken):
    assert somebody.get(f"/pay/{token_of(bill)}{broken}x/").status_code == 404
    assert somebody.post(f"/pay/{bill.uid}{broken}/").status_code == 404


def test_a_link_is_for_its_bill_only(world, catalogue, bill):
    other = world.orders(world.comes("bob", now=APRIL_1), catalogue.premium, now=APRIL_1)
    signature = token_of(bill).split(".")[1]
    assert order_behind(f"{other.uid.hex}.{signature}") is None
    assert order_behind(token_of(other)) == other


def test_a_gateway_that_cannot_be_reached_charges_nothing_and_says_so(bill, address, somebody, monkeypatch):
    def silent(*_args: object, **_kwargs: object) -> None:
        raise GatewayUnavailable("no answer")

    monkeypatch.setattr("checkout.views.pay_link.pay", silent)
    page = somebody.post(address)
    assert page.status_code == 503
    assert "Nothing was charged; please try again." in text_of(page)


def test_the_page_is_protected_against_forged_forms(address):
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    assert strict.post(address).status_code == 403


def test_the_mail_about_a_failed_payment_carries_the_link(world, alice, bill):
    notice = alice.notices.get(kind="payment_failed")
    assert notice.facts["pay_url"] == pay_link(bill)
    assert notice.facts["expires_at"] == datetime(2026, 4, 15, tzinfo=UTC).isoformat()


def test_a_customer_who_is_signed_in_sees_the_same_page(alice, signed_in, address):
    with time_machine.travel(APRIL_1, tick=False):
        assert "Pay €30.00" in text_of(signed_in(alice.customer.user).get(address))


def test_what_has_arrived_in_the_bank_is_said_before_somebody_pays_twice(bill, address, somebody, world):
    record_receipt(
        payment=bill.payment,
        amount=1000,
        received_at=APRIL_1,
        bank_reference="bank-1",
        actor=None,
        now=APRIL_1,
    )
    shown = text_of(somebody.get(address))
    assert "€10.00 has arrived by bank transfer. If you pay here, it goes into your wallet." in shown
