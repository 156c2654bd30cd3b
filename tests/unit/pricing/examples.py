"""The fourteen worked examples: a scenario each, and every figure of its answer."""

from decimal import Decimal
from typing import Any

from products.pricing import ItemType, OnUpgrade, Paid, Period, Scenario
from tests.unit.pricing.cases import (
    YEAR,
    amount,
    answer,
    at,
    change,
    held,
    member,
    nothing,
    wanted,
)

_MARCH, _FROM_17_MARCH = ("2026-03-01", "2026-04-01"), ("2026-03-17", "2026-04-17")
_PRO_CHARGE, _BASIC_CREDIT = (
    ("charge", "pro", 1, 9000, 0, 9000, 0),
    ("credit", "basic", 1, -1452, 0, -1452, 0),
)
_PRO_IN_APRIL = ("2026-04-17", 9000, 0, 9000, 0, 9000)
_21 = Decimal(21)

EXAMPLES: dict[int, tuple[Scenario, dict[str, Any]]] = {
    1: (
        change(member(held("basic", 3000)), wanted("pro", 9000)),
        answer(
            "upgrade",
            _PRO_CHARGE,
            _BASIC_CREDIT,
            net=7548,
            total=7548,
            due_now=7548,
            period=_FROM_17_MARCH,
            next_bill=_PRO_IN_APRIL,
        ),
    ),
    2: (
        change(member(held("basic", 3000)), wanted("pro", 9000), on_upgrade=OnUpgrade.KEEP_RENEWAL_DATE),
        answer(
            "upgrade",
            ("charge", "pro", 1, 4355, 0, 4355, 0),
            _BASIC_CREDIT,
            net=2903,
            total=2903,
            due_now=2903,
            period=_MARCH,
            next_bill=("2026-04-01", 9000, 0, 9000, 0, 9000),
        ),
    ),
    3: (
        change(member(held("basic", 3000, tax=630, tax_rate=_21)), wanted("pro", 9000, tax_rate=_21)),
        answer(
            "upgrade",
            ("charge", "pro", 1, 9000, 0, 9000, 1890),
            ("credit", "basic", 1, -1452, 0, -1452, -305),
            net=7548,
            tax=1585,
            total=9133,
            due_now=9133,
            period=_FROM_17_MARCH,
            next_bill=("2026-04-17", 9000, 1890, 10890, 0, 10890),
        ),
    ),
    4: (
        change(member(held("basic", 3000, net=1500)), wanted("pro", 9000)),
        answer(
            "upgrade",
            _PRO_CHARGE,
            ("credit", "basic", 1, -726, 0, -726, 0),
            net=8274,
            total=8274,
            due_now=8274,
            period=_FROM_17_MARCH,
            next_bill=_PRO_IN_APRIL,
        ),
    ),
    5: (
        change(
            member(
                held("basic", 30000, paid=(Paid(net=30000, tax=0, start=at("2026-01-01")),)),
                interval=YEAR,
                period=Period(at("2026-01-01"), at("2027-01-01")),
            ),
            wanted("pro", 9000),
            as_of=at("2026-02-01"),
        ),
        answer(
            "upgrade",
            _PRO_CHARGE,
            ("credit", "basic", 1, -27452, 0, -27452, 0),
            effective_at="2026-02-01T00:00:00Z",
            net=-18452,
            total=-18452,
            wallet_added=18452,
            period=("2026-02-01", "2026-03-01"),
            next_bill=("2026-03-01", 9000, 0, 9000, 9000, 0),
        ),
    ),
    6: (
        change(member(held("pro", 9000)), wanted("basic", 3000)),
        answer(
            "downgrade",
            effective="period_end",
            effective_at="2026-04-01T00:00:00Z",
            period=_MARCH,
            next_bill=("2026-04-01", 3000, 0, 3000, 0, 3000),
        ),
    ),
    7: (
        change(member(held("basic", 3000)), wanted("basic", 3000), wanted("disk", 500)),
        answer(
            "addon",
            ("charge", "disk", 1, 242, 0, 242, 0),
            net=242,
            total=242,
            due_now=242,
            period=_MARCH,
            next_bill=("2026-04-01", 3500, 0, 3500, 0, 3500),
        ),
    ),
    8: (change(member(held("basic", 3000)), wanted("basic", 3000)), nothing("no_change", "no_change")),
    9: (
        change(member(held("basic", 3000), wallet=2000), wanted("pro", 9000)),
        answer(
            "upgrade",
            _PRO_CHARGE,
            _BASIC_CREDIT,
            net=7548,
            total=7548,
            wallet_used=2000,
            due_now=5548,
            period=_FROM_17_MARCH,
            next_bill=_PRO_IN_APRIL,
        ),
    ),
    10: (
        change(None, wanted("pro", 9000, trial_days=14)),
        answer("trial", trial_end="2026-03-31", next_bill=("2026-03-31", 9000, 0, 9000, 0, 9000)),
    ),
    11: (
        change(None, wanted("pro", 9000), as_of=at("2026-01-31T10:00")),
        answer(
            "new",
            _PRO_CHARGE,
            effective_at="2026-01-31T10:00:00Z",
            net=9000,
            total=9000,
            due_now=9000,
            period=("2026-01-31T10:00", "2026-02-28T10:00"),
            next_bill=("2026-02-28T10:00", 9000, 0, 9000, 0, 9000),
        ),
    ),
    12: (
        change(None, wanted("pro", 9000), wanted("disk", 500), code=amount(1000, periods_left=1)),
        answer(
            "new",
            ("charge", "pro", 1, 9000, 947, 8053, 0),
            ("charge", "disk", 1, 500, 53, 447, 0),
            net=8500,
            total=8500,
            due_now=8500,
            period=_FROM_17_MARCH,
            next_bill=("2026-04-17", 9500, 0, 9500, 0, 9500),
        ),
    ),
    13: (
        change(member(held("basic", 3000)), wanted("pro", 9000), currency="JPY"),
        answer(
            "upgrade",
            _PRO_CHARGE,
            _BASIC_CREDIT,
            net=7548,
            total=7548,
            due_now=7548,
            period=_FROM_17_MARCH,
            next_bill=_PRO_IN_APRIL,
        ),
    ),
    14: (
        change(member(held("basic", 3000)), wanted("basic", 3000), wanted("mail", 60, type=ItemType.SERVICE)),
        answer(
            "addon",
            ("charge", "mail", 1, 29, 0, 29, 0),
            net=29,
            total=29,
            wallet_added=-29,
            period=_MARCH,
            next_bill=("2026-04-01", 3060, 0, 3060, -29, 3089),
        ),
    ),
}
