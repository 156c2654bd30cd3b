"""Memberships, selections and expected answers in short. Amounts are cents; March is the paid month."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from products.pricing import (
    Discount,
    HeldItem,
    HeldMembership,
    Interval,
    ItemType,
    OnUpgrade,
    Paid,
    Period,
    Policy,
    Scenario,
    Selection,
    Status,
    Unit,
    WantedItem,
)

MONTH, YEAR = Interval(Unit.MONTH, 1), Interval(Unit.YEAR, 1)


def at(text: str) -> datetime:
    """ "2026-03-17", with a time of day if it matters: "2026-03-17T10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MAR_1, MAR_17, APR_1 = at("2026-03-01"), at("2026-03-17"), at("2026-04-01")
MARCH = Period(MAR_1, APR_1)


def wanted(product: str, unit_price: int, **more: Any) -> WantedItem:
    """A wanted item; `basic` and `pro` are plans of rank 1 and 2, `free` of rank 0, all else is a package."""
    ranks = {"free": 0, "basic": 1, "pro": 2}
    defaults: dict[str, Any] = {
        "type": ItemType.PLAN if product in ranks else ItemType.PACKAGE,
        "rank": ranks.get(product, 0),
    }
    return WantedItem(product=product, unit_price=unit_price, **{**defaults, **more})


def held(product: str, unit_price: int, *, net: int | None = None, tax: int = 0, **more: Any) -> HeldItem:
    """A held item, paid in full on 1 March unless told otherwise (`net`, or `paid` with its parts)."""
    item = wanted(
        product, unit_price, **{key: more[key] for key in more if key not in ("paid", "setup_fee_paid")}
    )
    paid = net if net is not None else unit_price * item.quantity
    parts = (Paid(net=paid, tax=tax, start=MAR_1),) if paid or tax else ()
    return HeldItem(
        product=product,
        type=item.type,
        unit_price=unit_price,
        quantity=item.quantity,
        recurring=item.recurring,
        rank=item.rank,
        setup_fee=item.setup_fee,
        tax_rate=item.tax_rate,
        setup_fee_paid=more.get("setup_fee_paid", 0),
        paid=more.get("paid", parts),
    )


def member(*items: HeldItem, **more: Any) -> HeldMembership:
    """An active monthly membership in its paid March."""
    defaults: dict[str, Any] = {"status": Status.ACTIVE, "interval": MONTH, "period": MARCH}
    return HeldMembership(items=items, **{**defaults, **more})


def free_member(*items: HeldItem, **more: Any) -> HeldMembership:
    return member(*(items or (held("free", 0),)), **{"period": None, **more})


def trial_member(*items: HeldItem, **more: Any) -> HeldMembership:
    """In a trial that ends on 24 March; nothing has been paid."""
    defaults = {"status": Status.TRIALING, "period": None, "trial_end": at("2026-03-24")}
    return member(*items, **{**defaults, **more})


def change(
    membership: HeldMembership | None,
    *items: WantedItem,
    interval: Interval = MONTH,
    as_of: datetime = MAR_17,
    code: Discount | None = None,
    currency: str = "EUR",
    on_upgrade: OnUpgrade = OnUpgrade.RESTART,
    prices_include_tax: bool = False,
    minimum_charge: int = 50,
    trial_used: bool = False,
) -> Scenario:
    """The scenario of a change on 17 March 2026 at midnight, with f = 15/31."""
    return Scenario(
        as_of=as_of,
        currency=currency,
        policy=Policy(
            on_upgrade=on_upgrade,
            prices_include_tax=prices_include_tax,
            minimum_charge=minimum_charge,
            trial_used=trial_used,
        ),
        membership=membership,
        selection=Selection(interval=interval, items=items, discount=code),
    )


def percent(number: str, **more: Any) -> Discount:
    return Discount(code="PERCENT", percent=Decimal(number), **more)


def amount(minor: int, **more: Any) -> Discount:
    return Discount(code="AMOUNT", amount=minor, **more)


def answer(
    kind: str,
    *lines: tuple[str, str, int, int, int, int, int],
    effective: str = "now",
    effective_at: str = "2026-03-17T00:00:00Z",
    net: int = 0,
    tax: int = 0,
    total: int = 0,
    wallet_used: int = 0,
    wallet_added: int = 0,
    due_now: int = 0,
    period: tuple[str, str] | None = None,
    trial_end: str | None = None,
    next_bill: Sequence[str | int] | None = None,
) -> dict[str, Any]:
    """A quote as JSON, from its lines and its next bill as tuples in the order of their keys."""
    line_keys = ("type", "product", "quantity", "gross", "discount", "net", "tax")
    bill_keys = ("at", "net", "tax", "total", "wallet_used", "due")
    return {
        "kind": kind,
        "effective": effective,
        "effective_at": effective_at,
        "message": None,
        "lines": [dict(zip(line_keys, line, strict=True)) for line in lines],
        "net": net,
        "tax": tax,
        "total": total,
        "wallet_used": wallet_used,
        "wallet_added": wallet_added,
        "due_now": due_now,
        "period": period and dict(zip(("start", "end"), (midnight(day) for day in period), strict=True)),
        "trial_end": trial_end and midnight(trial_end),
        "next_bill": next_bill
        and dict(zip(bill_keys, (midnight(str(next_bill[0])), *next_bill[1:]), strict=True)),
    }


def nothing(kind: str, message: str) -> dict[str, Any]:
    """The answer that carries no lines and null figures."""
    blank = dict.fromkeys(answer(kind))
    return {**blank, "kind": kind, "message": message, "lines": []}


def midnight(day: str) -> str:
    return f"{day}T00:00:00Z" if "T" not in day else f"{day}:00Z"
