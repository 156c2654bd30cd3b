"""Recurring revenue with what moved it, and what was invoiced."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    QuerySet,
    Sum,
    Value,
    When,
)

from checkout.models import InvoicedDay
from checkout.operations.figures.days import local_day, midnight, summed_until
from checkout.operations.figures.window import Window, number_of_step
from memberships.models import Invoice, InvoiceLine, RecurringAmount
from products.models import Product
from products.pricing.rounding import half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """So many rows, and what they add up to in minor units of one currency."""

    count: int = 0
    amount: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(count=self.count + other.count, amount=self.amount + other.amount)


NONE = Total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """The monthly recurring revenue of one currency over a window. `moved` holds what moved it in each step, `closing`
    the amount at the end of each; `paying` is how many memberships bring something at the end."""

    opening: int
    moved: Sequence[Mapping[str, Total]]
    closing: Sequence[int]
    paying: int

    @property
    def amount(self) -> int:
        return self.closing[-1]

    @property
    def per_paying(self) -> int:
        """The average of the memberships that pay, rounded; 0 when there is none."""
        return half_up(self.amount, self.paying) if self.paying else 0

    def total(self, movement: str) -> Total:
        """A movement over the whole window."""
        return sum((step[movement] for step in self.moved if movement in step), NONE)


def recurring(*, window: Window) -> dict[str, Recurring]:
    """By currency. One statement over the rows of all time, which grow with changes and not with months."""
    rows = (
        RecurringAmount.objects.filter(at__lt=window.until)
        .order_by()
        .values("currency", "movement", step=number_of_step("at", window))
        .annotate(count=Count("pk"), sum=Sum("delta"), begun=Sum(_BEGUN))
    )
    found: dict[str, list[dict[str, Total]]] = defaultdict(
        lambda: [{} for _step in range(len(window.bounds))]
    )
    paying: dict[str, int] = defaultdict(int)
    for row in rows:
        total = Total(count=row["count"], amount=row["sum"])
        found[row["currency"]][row["step"]][row["movement"]] = total
        paying[row["currency"]] += row["begun"]
    return {
        currency: _recurring(before, steps, paying[currency]) for currency, (before, *steps) in found.items()
    }


NO_PRODUCT = Value(None, output_field=BigIntegerField())
# 1 where a membership begins to bring something, -1 where it brings nothing any more
_BEGUN = Case(
    When(amount=0, then=Value(-1)),
    When(amount=F("delta"), then=Value(1)),
    default=Value(0),
    output_field=BigIntegerField(),
)


def _recurring(before: Mapping[str, Total], steps: Sequence[Mapping[str, Total]], paying: int) -> Recurring:
    opening = standing = sum(before.values(), NONE).amount
    closing = []
    for step in steps:
        standing += sum(step.values(), NONE).amount
        closing.append(standing)
    return Recurring(opening=opening, moved=steps, closing=closing, paying=paying)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfProduct:
    """What a product brings, in minor units of one currency."""

    product_id: int
    name: str
    total: Total


def recurring_by_plan() -> dict[str, list[OfProduct]]:
    """What the plans, with their packages, bring a month now, by currency, the most first. Two statements."""
    rows = (
        RecurringAmount.objects.standing()
        .order_by()
        .values("currency", "plan_id")
        .annotate(count=Count("pk"), sum=Sum("amount"))
    )
    names = dict(
        Product.objects.values_list("pk", "name")
    )  # joined to every row they would take as long again
    found: dict[str, list[OfProduct]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row["sum"], names[row["plan_id"]])):
        total = Total(count=row["count"], amount=row["sum"])
        found[row["currency"]].append(
            OfProduct(product_id=row["plan_id"], name=names[row["plan_id"]], total=total)
        )
    return dict(found)


def documents(*, window: Window) -> QuerySet[Invoice]:
    """The invoices and credit notes that were issued in the window."""
    return Invoice.objects.filter(issued_at__gte=window.since, issued_at__lt=window.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoiced:
    """What the documents of one currency come to without tax, by step and by product."""

    steps: list[Total]
    products: list[OfProduct] = field(default_factory=list)

    @property
    def total(self) -> Total:
        return sum(self.steps, NONE)


def invoiced(*, window: Window) -> dict[str, Invoiced]:
    """By currency. Days that are over come from their sums, the others from the documents. Five statements."""
    until = summed_until() or local_day(window.since)
    since = max(window.since, midnight(until))
    found: dict[str, Invoiced] = {}
    products: dict[tuple[str, int], Total] = defaultdict(lambda: NONE)
    for row in [*_summed(window, until), *_documents(window, since), *_lines(window, since)]:
        total = Total(count=row["count"], amount=row["sum"])
        of = found.setdefault(row["currency"], Invoiced(steps=[NONE] * len(window.steps)))
        if row["product_id"] is None:
            of.steps[row["step"] - 1] += total
        else:
            products[row["currency"], row["product_id"]] += total
    names = dict(Product.objects.values_list("pk", "name"))
    for (currency, pk), total in sorted(products.items(), key=lambda each: (-each[1].amount, each[0])):
        found[currency].products.append(OfProduct(product_id=pk, name=names[pk], total=total))
    return found


def _summed(window: Window, until: date) -> Iterable[Any]:
    """The sums of days before `until`, by step of the window, currency and product; none: the documents as a whole."""
    days = [local_day(bound) for bound in window.bounds]
    bounds = Value(days, output_field=ArrayField(DateField()))
    step = Func(F("day"), bounds, function="width_bucket", output_field=IntegerField())
    rows = InvoicedDay.objects.filter(day__gte=days[0], day__lt=min(days[-1], until)).order_by()
    return rows.values("currency", "product_id", step=step).annotate(sum=Sum("net"), count=Sum("count"))


def _documents(window: Window, since: datetime) -> Iterable[Any]:
    rows = documents(window=window).filter(issued_at__gte=since).order_by()
    by_step = rows.values("currency", step=number_of_step("issued_at", window))
    return by_step.annotate(sum=Sum("net"), count=Count("pk"), product_id=NO_PRODUCT)


def _lines(window: Window, since: datetime) -> Iterable[Any]:
    rows = InvoiceLine.objects.filter(invoice__issued_at__gte=since, invoice__issued_at__lt=window.until)
    by_product = rows.order_by().values("product_id", currency=F("invoice__currency"))
    return by_product.annotate(sum=Sum("net"), count=Count("pk"))
