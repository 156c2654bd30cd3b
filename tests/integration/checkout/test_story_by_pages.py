"""The billing history as a story: everything that moved money is told, newest first, a page at a time."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memberships.models import Attempt, Payment, Transition, WalletEntry
from sites.models import Domain, Site
from tests.integration.checkout.conftest import MARCH_17
from tests.integration.checkout.reading import text_of
from tests.integration.checkout.test_account_page import make_site

pytestmark = pytest.mark.django_db
DECLINED = "4000000000000002"
EVENING = MARCH_17 + timedelta(hours=20)


@pytest.fixture
def url(alice):
    return f"/account/{alice.uid}/"


def whats(page) -> list[str]:
    return [entry["what"] for entry in page.context["story"]]


def moved(membership, number, *, since=MARCH_17) -> None:
    """So many things that happened, one a minute, the last one first in the story."""
    Transition.objects.bulk_create(
        Transition(membership=membership, kind="kept_plan", at=since + timedelta(minutes=n)) for n in range(number)
    )  # fmt: skip


def test_long_histories_are_turned_page_by_page_and_nothing_is_told_twice(alice, browser, url):
    moved(alice, 45)
    first, second, third = (browser.get(f"{url}?history={n}") for n in (1, 2, 3))
    assert [len(page.context["story"]) for page in (first, second, third)] == [20, 20, 6]
    told = [entry["at"] for page in (first, second, third) for entry in page.context["story"]]
    assert told == sorted(told, reverse=True)
    assert len(set(told)) == 46
    assert whats(third)[-1] == "Started Premium"
    ways = [
        [
            way in page.content.decode()
            for way in ("?history=1#history", "?history=2#history", "?history=3#history")
        ]
        for page in (first, second, third)
    ]
    assert ways == [[False, True, False], [True, False, True], [False, True, False]]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "9" * 40, "1e3", "²", "%00"])
def test_what_is_no_page_is_the_first(alice, browser, url, number):
    moved(alice, 25)
    page = browser.get(f"{url}?history={number}&sites={number}&wallet={number}")
    assert page.status_code == 200
    assert page.context["story"][0]["at"] == MARCH_17 + timedelta(minutes=24)


def test_a_payment_that_failed_first_tells_both(world, catalogue, alice, signed_in, url):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    world.gateway.pay(attempt.gateway_ref, card=DECLINED)
    Attempt.objects.filter(pk=attempt.pk).update(
        state="failed", refusal="Your card was declined.", finished_at=MARCH_17, url=""
    )
    world.pays(order, now=MARCH_17 + timedelta(minutes=1))
    with time_machine.travel(MARCH_17 + timedelta(minutes=2), tick=False):
        page = signed_in(alice.customer.user).get(url)
    assert whats(page)[:2] == ["Upgraded Premium → Business", "A payment did not go through"]
    assert "paid after one try that failed" in text_of(page)
    assert "Your card was declined. €75.48 not charged" in text_of(page)


def test_credits_are_part_of_the_story(alice, browser, url):
    for number, (reason, amount, note) in enumerate(
        [
            (WalletEntry.Reason.ADJUSTMENT, 2000, "For your patience"),
            (WalletEntry.Reason.ADJUSTMENT, -500, ""),
            (WalletEntry.Reason.LATE_PAYMENT, 1200, ""),
            (WalletEntry.Reason.USED, -100, ""),  # its bill tells of it
        ]
    ):
        WalletEntry.objects.create(
            membership=alice, amount=amount, reason=reason, note=note, reference=f"entry-{number}",
            created_at=MARCH_17 + timedelta(minutes=number),
        )  # fmt: skip
    page = browser.get(url)
    assert whats(page) == [
        "Payment that came too late to be used", "Adjustment", "For your patience", "Started Premium"
    ]  # fmt: skip
    shown = text_of(page)
    assert "For your patience 17 March 2026 €20.00 into your wallet" in shown
    assert "Adjustment 17 March 2026 €5.00 out of your wallet" in shown


def test_what_another_customer_did_is_not_told(world, catalogue, alice, browser, url):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_17)
    WalletEntry.objects.create(
        membership=bob, amount=1, reason="adjustment", note="Bob's", reference="b", created_at=MARCH_17
    )
    assert whats(browser.get(url)) == ["Started Premium"]


def test_the_page_asks_the_database_the_same_for_1_and_50_sites_and_1_and_300_entries(
    world, catalogue, alice, signed_in
):
    """Of each kind of entry there is one from the start, so that each kind's query is asked both times."""
    url = f"/account/{alice.uid}/"
    order = world.pays(world.orders(alice, catalogue.business, now=EVENING), now=EVENING)
    payment = Payment.objects.get(order=order)

    def much(number, *, begin=0):
        moved(alice, number)
        for n in range(begin, begin + number):
            Attempt.objects.create(
                payment=payment, number=100 + n, method="saved_card", state="failed", refusal="No.",
                started_at=MARCH_17 + timedelta(minutes=n),
            )  # fmt: skip
            WalletEntry.objects.create(
                membership=alice,
                amount=1,
                reason="adjustment",
                reference=f"w-{n}",
                created_at=MARCH_17 + timedelta(minutes=n),
            )

    def site(n):
        make_site(
            alice, f"garden-{n}", state=Site.State.READY, ready_at=MARCH_17, usage={"posts": 1}, usage_at=MARCH_17
        )  # fmt: skip
        made = Site.objects.get(slug=f"garden-{n}")
        Domain.objects.create(domain=made.host, tenant=made, is_primary=True, created_at=MARCH_17)

    much(1)
    site(0)
    with time_machine.travel(EVENING, tick=False):
        browser = signed_in(alice.customer.user)
        browser.get(url)
        with CaptureQueriesContext(connection) as for_few:
            few = browser.get(url)
        assert len(few.context["story"]) == 5
        much(100, begin=1)
        for n in range(1, 50):
            site(n)
        with CaptureQueriesContext(connection) as for_many:
            many = browser.get(url)
    assert len(for_many) == len(for_few)
    assert (len(many.context["story"]), len(many.context["sites"])) == (20, 20)
    assert re.search(r"50</b> of 10", many.content.decode())
    assert 'href="?sites=2#sites"' in many.content.decode()
