"""The payment request of an order that waits for its money."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Order
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def order(world, catalogue, alice, settings) -> Order:
    settings.SELLER_NAME = "Sitewright B.V."
    settings.SELLER_IBAN, settings.SELLER_BIC = "NL91ABNA0417164300", "ABNANL2A"
    placed: Order = world.orders(alice, catalogue.business, now=MARCH_17)
    return placed


def test_it_says_what_to_pay_until_when_how_and_why(browser, order):
    answer = browser.get(f"/orders/{order.uid}/payment-request.pdf")
    shown, reference = text_of(answer.content), order.payment.reference
    spaced = " ".join(reference[place : place + 4] for place in range(0, len(reference), 4))
    for text in (
        "Payment request Alice Date 17 March 2026 Pay before 17 March 2026",
        "Upgrade to Business",
        "Business 17 Mar – 17 Apr 2026 Business: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026. €90.00",
        "To pay €75.48",
        (
            f"How to pay Amount €75.48 Name Sitewright B.V. IBAN NL91 ABNA 0417 1643 00 BIC ABNANL2A "
            f"Payment reference {spaced} Online http://localhost:8000/orders/{order.uid}/"
        ),
        "This is not an invoice. You receive one when your payment has arrived.",
    ):
        assert text in shown
    assert answer["Content-Disposition"] == f'attachment; filename="payment-request-{reference}.pdf"'
    assert set(answer["Cache-Control"].split(", ")) == {"no-store", "private"}


def test_without_a_bank_account_it_is_paid_online(browser, order, settings):
    settings.SELLER_IBAN = ""
    shown = text_of(browser.get(f"/orders/{order.uid}/payment-request.pdf").content)
    assert "IBAN" not in shown
    assert "How to pay Online http://localhost:8000/orders/" in shown


def test_it_is_there_while_the_order_waits(world, browser, order):
    page = browser.get(f"/orders/{order.uid}/").content.decode()
    assert f'href="/orders/{order.uid}/payment-request.pdf"' in page
    world.pays(order, now=MARCH_17)
    assert browser.get(f"/orders/{order.uid}/payment-request.pdf").status_code == 404


def test_it_is_the_owners_and_the_staffs(world, signed_in, order):
    url = f"/orders/{order.uid}/payment-request.pdf"
    admin = User.objects.create_superuser("admin@example.com", "a-long-password")
    assert signed_in(admin).get(url).status_code == 200
    assert signed_in(world.person("mallory")).get(url).status_code == 404
    nobody = Client(headers={"host": "localhost"}).get(url)
    assert nobody["Location"] == f"/auth/login/?next={url}"
