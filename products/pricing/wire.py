"""Scenarios and quotes as JSON, in and out. The keys are the ones of `docs/pricing.md`."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from products.pricing.charges import LineType
from products.pricing.errors import ScenarioError
from products.pricing.facts import (
    Discount,
    HeldItem,
    HeldMembership,
    Item,
    ItemType,
    OnUpgrade,
    Paid,
    Policy,
    PriceToCome,
    Selection,
    Status,
    WantedItem,
)
from products.pricing.fields import Fields
from products.pricing.kinds import Kind
from products.pricing.lines import Line
from products.pricing.period import Interval, Period, Unit
from products.pricing.quote import Effective, NextBill, Quote
from products.pricing.rules import check_discount
from products.pricing.scenario import Scenario

JSON = dict[str, Any]

_SCENARIO = frozenset(["as_of", "currency", "policy", "membership", "selection"])
_POLICY = frozenset(["on_upgrade", "prices_include_tax", "minimum_charge", "trial_used"])
_MEMBERSHIP = frozenset(
    ["status", "interval", "period", "anchor", "trial_end", "wallet", "items", "discount", "currency"]
)
_SELECTION = frozenset(["interval", "items", "discount", "currency"])
_PRICE = ["unit_price", "recurring", "setup_fee", "tax_rate", "currency"]
_ITEM = ["product", "type", "rank", "quantity", *_PRICE]
_WANTED_ITEM = frozenset([*_ITEM, "trial_days", "to_come"])
_PRICE_TO_COME = frozenset(["at", "unit_price"])
_HELD_ITEM = frozenset([*_ITEM, "setup_fee_paid", "paid_net", "paid_tax", "paid_parts"])
_PAID = frozenset(["net", "tax", "from"])
_TERMS = frozenset(["code", "percent", "amount", "periods_left", "products", "setup_fee"])
_DISCOUNT = _TERMS | {"currency"}
_INTERVAL = frozenset(["unit", "count"])
_PERIOD = frozenset(["start", "end"])
_FIGURES = ["net", "tax", "total", "wallet_used", "wallet_added", "due_now"]
_QUOTE = frozenset(
    ["kind", "effective", "effective_at", "message", "lines", *_FIGURES, "period", "trial_end", "next_bill"]
)
_LINE = frozenset(["type", "product", "quantity", "gross", "discount", "net", "tax"])
_NEXT_BILL = frozenset(["at", "net", "tax", "total", "wallet_used", "due"])

_STATUSES = {status.value: status for status in Status}
_ITEM_TYPES = {item_type.value: item_type for item_type in ItemType}
_UNITS = {unit.value: unit for unit in Unit}
_ON_UPGRADE = {on_upgrade.value: on_upgrade for on_upgrade in OnUpgrade}
_KINDS = {kind.value: kind for kind in Kind}
_EFFECTIVE = {effective.value: effective for effective in Effective}
_LINE_TYPES = {line_type.value: line_type for line_type in LineType}


def scenario_from_json(value: object) -> Scenario:
    """Read a scenario from what `json.loads` gives. Raises ScenarioError, with the path of what is wrong."""
    fields = Fields(value, _SCENARIO)
    as_of, currency = fields.instant("as_of"), fields.text("currency")
    return Scenario(
        as_of=as_of,
        currency=currency,
        policy=fields.optional("policy", _policy) or Policy(),
        membership=fields.optional("membership", partial(_membership, as_of=as_of, currency=currency)),
        selection=fields.part("selection", partial(_selection, currency=currency)),
    )


def scenario_to_json(scenario: Scenario) -> JSON:
    """Write a scenario so that `scenario_from_json` gives it back."""
    policy, membership, selection = scenario.policy, scenario.membership, scenario.selection
    return {
        "as_of": _time(scenario.as_of),
        "currency": scenario.currency,
        "policy": {
            "on_upgrade": policy.on_upgrade.value,
            "prices_include_tax": policy.prices_include_tax,
            "minimum_charge": policy.minimum_charge,
            "trial_used": policy.trial_used,
        },
        "membership": None if membership is None else _membership_json(membership, as_of=scenario.as_of),
        "selection": {
            "interval": _interval_json(selection.interval),
            "items": [_wanted_item_json(item) for item in selection.items],
            "discount": None if selection.discount is None else discount_to_json(selection.discount),
        },
    }


def quote_to_json(quote: Quote) -> JSON:
    """Write a quote. One that changes nothing has null figures."""
    figures = {
        "net": quote.net,
        "tax": quote.tax,
        "total": quote.total,
        "wallet_used": quote.wallet_used,
        "wallet_added": quote.wallet_added,
        "due_now": quote.due_now,
    }
    return {
        "kind": quote.kind.value,
        "effective": None if quote.effective is None else quote.effective.value,
        "effective_at": None if quote.effective_at is None else _time(quote.effective_at),
        "message": quote.message,
        "lines": [_line_json(line) for line in quote.lines],
        **(figures if quote.changes_something else dict.fromkeys(figures)),
        "period": None if quote.period is None else _period_json(quote.period),
        "trial_end": None if quote.trial_end is None else _time(quote.trial_end),
        "next_bill": None if quote.next_bill is None else _next_bill_json(quote.next_bill),
    }


def quote_from_json(value: object) -> Quote:
    """Read a stored quote back: its figures, without what it leads to (see Quote).

    Raises ScenarioError when it cannot be read, or when its totals contradict its lines.
    """
    fields = Fields(value, _QUOTE)
    quote = Quote(
        kind=fields.choice("kind", _KINDS),
        effective=fields.choice("effective", _EFFECTIVE) if "effective" in fields else None,
        effective_at=fields.instant("effective_at") if "effective_at" in fields else None,
        message=fields.text("message") if "message" in fields else None,
        lines=fields.parts("lines", _line),
        wallet_used=fields.integer("wallet_used") if "wallet_used" in fields else 0,
        wallet_added=fields.integer("wallet_added") if "wallet_added" in fields else 0,
        period=fields.optional("period", _period),
        trial_end=fields.instant("trial_end") if "trial_end" in fields else None,
        next_bill=fields.optional("next_bill", _next_bill),
    )
    if quote_to_json(quote) != value:
        raise ScenarioError("bad_value", "The totals of this quote contradict its lines.")
    return quote


def discount_to_json(discount: Discount) -> JSON:
    """Write what a code grants so that `discount_from_json` gives it back."""
    return {
        "code": discount.code,
        **({} if discount.percent is None else {"percent": f"{discount.percent:f}"}),
        **({} if discount.amount is None else {"amount": discount.amount}),
        "periods_left": discount.periods_left,
        "products": list(discount.products) or None,
        "setup_fee": discount.setup_fee,
    }


def discount_from_json(value: object) -> Discount:
    """Read what a code grants. Raises ScenarioError when it cannot be read or breaks a rule."""
    discount = _terms(Fields(value, _TERMS))
    check_discount(discount)
    return discount


def _policy(value: object) -> Policy:
    fields = Fields(value, _POLICY)
    return Policy(
        on_upgrade=fields.choice("on_upgrade", _ON_UPGRADE, default=OnUpgrade.RESTART),
        prices_include_tax=fields.flag("prices_include_tax", default=False),
        minimum_charge=fields.integer("minimum_charge", 0),
        trial_used=fields.flag("trial_used", default=False),
    )


def _membership(value: object, *, as_of: datetime, currency: str) -> HeldMembership:
    fields = Fields(value, _MEMBERSHIP)
    _same_currency(fields, currency)
    period = fields.optional("period", _period)
    paid_from = as_of if period is None else period.start
    return HeldMembership(
        status=fields.choice("status", _STATUSES),
        interval=fields.part("interval", _interval),
        period=period,
        anchor=fields.instant("anchor") if "anchor" in fields else None,
        trial_end=fields.instant("trial_end") if "trial_end" in fields else None,
        wallet=fields.integer("wallet", 0),
        items=fields.parts("items", partial(_held_item, paid_from=paid_from, currency=currency)),
        discount=fields.optional("discount", partial(_discount, currency=currency)),
    )


def _selection(value: object, *, currency: str) -> Selection:
    fields = Fields(value, _SELECTION)
    _same_currency(fields, currency)
    return Selection(
        interval=fields.part("interval", _interval),
        items=fields.parts("items", partial(_wanted_item, currency=currency)),
        discount=fields.optional("discount", partial(_discount, currency=currency)),
    )


def _wanted_item(value: object, *, currency: str) -> WantedItem:
    fields = Fields(value, _WANTED_ITEM)
    return WantedItem(
        **_item(fields, currency),
        trial_days=fields.integer("trial_days", 0),
        to_come=fields.optional("to_come", _price_to_come),
    )


def _price_to_come(value: object) -> PriceToCome:
    fields = Fields(value, _PRICE_TO_COME)
    return PriceToCome(at=fields.instant("at"), unit_price=fields.integer("unit_price"))


def _held_item(value: object, *, paid_from: datetime, currency: str) -> HeldItem:
    fields = Fields(value, _HELD_ITEM)
    return HeldItem(
        **_item(fields, currency),
        setup_fee_paid=fields.integer("setup_fee_paid", 0),
        paid=_payments(fields, paid_from=paid_from),
    )


def _item(fields: Fields, currency: str) -> JSON:
    _same_currency(fields, currency)
    return {
        "product": fields.text("product"),
        "type": fields.choice("type", _ITEM_TYPES, code="unknown_type"),
        "rank": fields.integer("rank") if "rank" in fields else 0,
        "quantity": fields.integer("quantity", 1),
        "unit_price": fields.integer("unit_price"),
        "recurring": fields.flag("recurring", default=True),
        "setup_fee": fields.integer("setup_fee", 0),
        "tax_rate": fields.decimal("tax_rate", "0"),
    }


def _payments(fields: Fields, *, paid_from: datetime) -> tuple[Paid, ...]:
    """`paid_parts`; or `paid_net` and `paid_tax`, which mean one part from the period's start."""
    if "paid_parts" in fields:
        for key in ("paid_net", "paid_tax"):
            if key in fields:
                raise ScenarioError("bad_value", "This stands in paid_parts already.", key)
        return fields.parts("paid_parts", _paid)
    net, tax = fields.integer("paid_net", 0), fields.integer("paid_tax", 0)
    if net < 0 or tax < 0:
        key = "paid_net" if net < 0 else "paid_tax"
        raise ScenarioError("negative_amount", "What was paid is 0 or more.", key)
    return (Paid(net=net, tax=tax, start=paid_from),) if net or tax else ()


def _paid(value: object) -> Paid:
    fields = Fields(value, _PAID)
    return Paid(net=fields.integer("net"), tax=fields.integer("tax"), start=fields.instant("from"))


def _discount(value: object, *, currency: str) -> Discount:
    fields = Fields(value, _DISCOUNT)
    _same_currency(fields, currency)
    return _terms(fields)


def _terms(fields: Fields) -> Discount:
    return Discount(
        code=fields.text("code"),
        percent=fields.decimal("percent") if "percent" in fields else None,
        amount=fields.integer("amount") if "amount" in fields else None,
        periods_left=fields.integer("periods_left") if "periods_left" in fields else None,
        products=fields.parts("products", _product) if "products" in fields else (),
        setup_fee=fields.flag("setup_fee", default=False),
    )


def _product(value: object) -> str:
    if not isinstance(value, str):
        raise ScenarioError("wrong_type", "This must be a text.")
    return value


def _interval(value: object) -> Interval:
    fields = Fields(value, _INTERVAL)
    return Interval(unit=fields.choice("unit", _UNITS), count=fields.integer("count", 1))


def _period(value: object) -> Period:
    fields = Fields(value, _PERIOD)
    return Period(start=fields.instant("start"), end=fields.instant("end"))


def _same_currency(fields: Fields, currency: str) -> None:
    if "currency" in fields and fields.text("currency") != currency:
        raise ScenarioError("mixed_currency", f"All amounts are in {currency} here.", "currency")


def _line(value: object) -> Line:
    fields = Fields(value, _LINE)
    return Line(
        type=fields.choice("type", _LINE_TYPES),
        product=fields.text("product"),
        quantity=fields.integer("quantity"),
        gross=fields.integer("gross"),
        discount=fields.integer("discount"),
        net=fields.integer("net"),
        tax=fields.integer("tax"),
    )


def _next_bill(value: object) -> NextBill:
    fields = Fields(value, _NEXT_BILL)
    return NextBill(
        at=fields.instant("at"),
        net=fields.integer("net"),
        tax=fields.integer("tax"),
        wallet_used=fields.integer("wallet_used"),
    )


def _membership_json(membership: HeldMembership, *, as_of: datetime) -> JSON:
    period, anchor = membership.period, membership.anchor
    paid_from = as_of if period is None else period.start
    return {
        "status": membership.status.value,
        "interval": _interval_json(membership.interval),
        "period": None if period is None else _period_json(period),
        **({} if anchor is None or (period and anchor == period.start) else {"anchor": _time(anchor)}),
        "trial_end": None if membership.trial_end is None else _time(membership.trial_end),
        "wallet": membership.wallet,
        "items": [
            {
                **_item_json(item),
                "setup_fee_paid": item.setup_fee_paid,
                **_payments_json(item.paid, paid_from=paid_from),
            }
            for item in membership.items
        ],
        "discount": None if membership.discount is None else discount_to_json(membership.discount),
    }


def _item_json(item: Item) -> JSON:
    return {
        "product": item.product,
        "type": item.type.value,
        "rank": item.rank,
        "quantity": item.quantity,
        "unit_price": item.unit_price,
        "recurring": item.recurring,
        "setup_fee": item.setup_fee,
        "tax_rate": f"{item.tax_rate:f}",
    }


def _wanted_item_json(item: WantedItem) -> JSON:
    """A price to come is written only where there is one."""
    written = {**_item_json(item), "trial_days": item.trial_days}
    if item.to_come is not None:
        written["to_come"] = {"at": _time(item.to_come.at), "unit_price": item.to_come.unit_price}
    return written


def _payments_json(paid: Sequence[Paid], *, paid_from: datetime) -> JSON:
    if not paid:
        return {"paid_net": 0, "paid_tax": 0}
    if len(paid) == 1 and paid[0].start == paid_from and (paid[0].net or paid[0].tax):
        return {"paid_net": paid[0].net, "paid_tax": paid[0].tax}
    return {"paid_parts": [{"net": part.net, "tax": part.tax, "from": _time(part.start)} for part in paid]}


def _interval_json(interval: Interval) -> JSON:
    return {"unit": Unit(interval.unit).value, "count": interval.count}


def _period_json(period: Period) -> JSON:
    return {"start": _time(period.start), "end": _time(period.end)}


def _line_json(line: Line) -> JSON:
    return {
        "type": line.type.value,
        "product": line.product,
        "quantity": line.quantity,
        "gross": line.gross,
        "discount": line.discount,
        "net": line.net,
        "tax": line.tax,
    }


def _next_bill_json(bill: NextBill) -> JSON:
    return {
        "at": _time(bill.at),
        "net": bill.net,
        "tax": bill.tax,
        "total": bill.total,
        "wallet_used": bill.wallet_used,
        "due": bill.due,
    }


def _time(at: datetime) -> str:
    return f"{at.date().isoformat()}T{at.time().isoformat()}Z"
