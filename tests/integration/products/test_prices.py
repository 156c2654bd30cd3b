"""Prices are versions: what a member bought never changes under them."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from products.models import Price
from products.operations.prices import PriceReplaced, add_price, normal_interval, retire_price, revise_price

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def basic(make_product):
    return make_product("basic", price=3000)


def test_a_revised_price_is_a_new_row_and_the_old_one_stays(basic):
    old, now = basic.prices.get(), timezone.now()
    new = revise_price(price=old, amount=3500, setup_fee=100, trial_days=14, now=now)
    old.refresh_from_db()
    assert (old.amount, old.setup_fee, old.trial_days, old.superseded_at) == (3000, 0, 0, now)
    assert (new.amount, new.setup_fee, new.trial_days, new.superseded_at) == (3500, 100, 14, None)
    assert (new.currency, new.interval_unit, new.interval_count) == ("EUR", "month", 1)
    assert list(basic.prices.current()) == [new]


def test_versions_begin_and_end_when_the_caller_says(basic):
    first = add_price(
        product=basic, currency="EUR", interval_unit="year", interval_count=1, amount=30000, now=MARCH_1
    )
    second = revise_price(price=first, amount=33000, setup_fee=0, trial_days=0, now=MARCH_17)
    revise_price(price=second, amount=36000, setup_fee=0, trial_days=0, now=MARCH_17)
    versions = basic.prices.filter(interval_unit="year").order_by("id")
    assert list(versions.values_list("amount", "created_at", "superseded_at")) == [
        (30000, MARCH_1, MARCH_17),
        (33000, MARCH_17, MARCH_17),
        (36000, MARCH_17, None),
    ]


def test_the_same_figures_make_no_new_version(basic):
    price = basic.prices.get()
    assert revise_price(price=price, amount=3000, setup_fee=0, trial_days=0, now=timezone.now()) == price
    assert Price.objects.count() == 1


def test_a_replaced_price_cannot_be_replaced_again(basic):
    old = basic.prices.get()
    revise_price(price=old, amount=3500, setup_fee=0, trial_days=0, now=timezone.now())
    with pytest.raises(PriceReplaced):
        revise_price(price=old, amount=4000, setup_fee=0, trial_days=0, now=timezone.now())
    with pytest.raises(PriceReplaced):
        retire_price(price=old, now=timezone.now())
    assert sorted(Price.objects.values_list("amount", flat=True)) == [3000, 3500]


def test_a_retired_price_is_not_sold_and_not_deleted(basic):
    price = basic.prices.get()
    retire_price(price=price, now=timezone.now())
    assert not basic.prices.current().exists()
    assert basic.prices.get() == price


def test_one_interval_and_currency_has_one_current_price(basic):
    with pytest.raises(ValidationError):
        add_price(
            product=basic, currency="EUR", interval_unit="month", interval_count=1, amount=1, now=MARCH_1
        )
    for currency, unit in (("USD", "month"), ("EUR", "year")):
        add_price(
            product=basic, currency=currency, interval_unit=unit, interval_count=1, amount=1, now=MARCH_1
        )


def test_twelve_months_are_stored_as_one_year(basic):
    price = add_price(
        product=basic, currency="EUR", interval_unit="month", interval_count=24, amount=1, now=MARCH_1
    )
    assert (price.interval_unit, price.interval_count) == ("year", 2)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (("month", 12), ("year", 1)),
        (("month", 60), ("year", 5)),
        (("month", 6), ("month", 6)),
        (("day", 12), ("day", 12)),
    ],
)
def test_only_whole_years_of_months_are_written_differently(given, normal):
    assert normal_interval(unit=given[0], count=given[1]) == normal
