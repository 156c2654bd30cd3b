"""Billing periods and limits in the reader's words."""

import pytest
from django.utils import translation

from checkout.views.words import (
    REFUSALS,
    includes,
    interval_name,
    limit_text,
    per,
    refusal_text,
)
from memberships.story import intent
from products.limits import Kind, Limits
from products.pricing import Interval, Unit


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_what_banks_say_is_told_in_dutch_and_an_unknown_message_as_it_came():
    with translation.override("nl"):
        told = [refusal_text(message) for message in REFUSALS]
        assert told[0] == "Uw kaart is geweigerd."
        assert set(told).isdisjoint(REFUSALS)
        assert refusal_text("Ask your bank.") == "Ask your bank."
        assert refusal_text("") == ""


@pytest.mark.parametrize(
    ("interval", "name", "after_a_price"),
    [
        (Interval(unit=Unit.MONTH), "Monthly", "per month"),
        (Interval(unit=Unit.YEAR), "Yearly", "per year"),
        (Interval(unit=Unit.MONTH, count=3), "Every 3 months", "every 3 months"),
        (Interval(unit=Unit.WEEK, count=2), "Every 2 weeks", "every 2 weeks"),
    ],
)
def test_a_billing_period_has_a_name_and_stands_after_a_price(interval, name, after_a_price):
    assert (interval_name(interval), per(interval)) == (name, after_a_price)


@pytest.mark.parametrize(
    ("kind", "amount", "text"),
    [
        (Kind.POSTS, 1, "1 post"),
        (Kind.POSTS, 1000, "1,000 posts"),
        (Kind.VISITS, None, "Unlimited visits per month"),
        (Kind.CUSTOM_CSS, None, "Custom CSS"),
    ],
)
def test_a_limit_reads_as_a_phrase(kind, amount, text):
    assert limit_text(kind, amount) == text


def test_what_a_plan_does_not_include_is_named_without_an_amount():
    assert includes(Limits({Kind.POSTS: 3}), [Kind.POSTS, Kind.DOMAINS]) == [
        {"included": True, "text": "3 posts"},
        {"included": False, "text": "Custom domains"},
    ]


@pytest.mark.parametrize(
    ("kind", "came_from", "went_to", "text"),
    [
        ("upgrade", "Basic", "Premium", "Upgrade to Premium"),
        ("upgrade", "Premium", "Premium", "Change the billing period of Premium"),
        ("downgrade", "Premium", "Basic", "Downgrade to Basic"),
        ("addon", "", "Extra disk", "Add Extra disk"),
        ("removal", "Extra disk", "", "Remove Extra disk"),
    ],
)
def test_a_change_that_is_still_to_come_is_told_as_one(kind, came_from, went_to, text):
    assert intent(kind=kind, came_from=came_from, went_to=went_to) == text
