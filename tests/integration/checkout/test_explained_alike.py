"""Every cent is explained once: whoever reads a price, wherever, reads the same sentences."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tokens.models import Scope
from accounts.tokens.operations import make_token
from memberships.mails.sending import send_notice
from memberships.models import Invoice, Membership, Notice
from products.models import TaxRate
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.integration.checkout.reading import text_of
from tests.pdf import text_of as text_of_pdf

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)

SENTENCES = {
    "en": [
        "Business: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026. Tax: 21 % of €90.00 = €18.90.",
        (
            "Credit for unused time of Premium: €30.00 × 15/31 = €14.52 back, for the 15 of 31 days left until "
            "1 April 2026. Tax: €6.30 × 15/31 = €3.05 back."
        ),
    ],
    "nl": [
        "Business: 1 × € 90,00 = € 90,00, voor 17 maart 2026 tot 17 april 2026. Btw: 21 % van € 90,00 = € 18,90.",
        (
            "Tegoed voor ongebruikte tijd van Premium: € 30,00 × 15/31 = € 14,52 terug, voor 15 van 31 dagen tot "
            "1 april 2026. Btw: € 6,30 × 15/31 = € 3,05 terug."
        ),
    ],
}


@pytest.fixture(params=sorted(SENTENCES))
def language(request) -> str:
    return str(request.param)


@pytest.fixture
def alice(world: World, catalogue: Catalogue, language: str) -> Membership:
    rate = TaxRate.objects.create(name="High", percent=Decimal(21))
    for plan in (catalogue.premium, catalogue.business):
        plan.tax_rate = rate
        plan.save()
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    User.objects.filter(pk=alice.customer.user_id).update(language=language)
    return alice


def read(text: str) -> str:
    return " ".join(text.split())


def asked_by_program(alice: Membership, catalogue: Catalogue, language: str) -> str:
    """The sentences of the API, for the same choice."""
    token = make_token(
        user=alice.customer.user,
        uid=uuid.uuid4(),
        name="t",
        scopes=tuple(Scope),
        expires_at=None,
        now=MARCH_1,
    )
    answer = Client(headers={"host": "localhost", "accept-language": language}).post(
        f"/api/v1/memberships/{alice.uid}/quotes",
        json.dumps({"plan": str(catalogue.business.uid), "interval": {"unit": "month", "count": 1}}),
        content_type="application/json",
        headers={"authorization": f"Bearer {token.secret}"},
    )
    return " ".join(answer.json()["explanations"]["lines"])


def test_each_line_is_explained_alike_wherever_it_is_read(world, catalogue, alice, signed_in, language):
    user = User.objects.get(pk=alice.customer.user_id)
    places: dict[str, str] = {}
    with time_machine.travel(MARCH_17, tick=False):
        browser = signed_in(user)
        url = f"/account/{alice.uid}/change/"
        choice = {"plan": str(catalogue.business.uid), "period": "month-1"}
        places["change"] = text_of(browser.get(url, choice))
        places["update"] = text_of(browser.get(f"{url}summary/", choice))
        places["api"] = asked_by_program(alice, catalogue, language)
        review = browser.post(url, choice).url
        places["review"] = text_of(browser.get(review))
        browser.post(f"{review}confirm/")
        order = alice.orders.get(kind="upgrade")
        places["payment request"] = text_of_pdf(
            browser.get(f"/orders/{order.uid}/payment-request.pdf").content
        )
        world.pays(order, now=MARCH_17)
        places["result"] = text_of(browser.get(f"/orders/{order.uid}/"))
        places["history"] = text_of(browser.get(f"/account/{alice.uid}/"))
        invoice = Invoice.objects.latest("id")
        places["invoice"] = text_of_pdf(browser.get(f"/invoices/{invoice.uid}.pdf").content)
        send_notice(notice_id=Notice.objects.latest("id").pk, now=MARCH_17)
        message: Any = mail.outbox[-1]
        places["mail"], places["mail in colour"] = message.body, message.alternatives[0][0]
    missing = {
        (place, sentence)
        for place, text in places.items()
        for sentence in SENTENCES[language]
        if sentence not in read(text)
    }
    assert (missing, len(places)) == (set(), 10)
