"""The rows behind each number of the dashboard: as many as it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from checkout.admin.figures.asked import Asked
from checkout.admin.figures.table import Cell, amount
from checkout.operations.figures import people, revenue, usage
from memberships.models import Invoice, InvoiceLine, Membership, Payment, RecurringAmount
from products.limit_display import format_limit
from products.models.limit import LABELS
from products.money_display import format_money
from sites.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows with what they are called; `cells` shows one. `sums` names the column to be added up, by currency."""

    title: str
    headers: Sequence[str]
    rows: Any
    cells: Callable[[Any], Sequence[Cell]]
    sums: str = ""

    def totals(self) -> list[str]:
        """What the rows come to, in each currency apart."""
        if not self.sums:
            return []
        currency = "invoice__currency" if self.rows.model is InvoiceLine else "currency"
        found = self.rows.order_by().values(code=F(currency)).annotate(minor=Sum(self.sums)).order_by("code")
        return [format_money(row["minor"], row["code"]) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of list, and what it takes to see it."""

    permission: str
    make: Callable[[Asked], Listing]


def _movements(asked: Asked) -> Listing:
    of = asked.window
    rows = RecurringAmount.objects.filter(at__gte=of.since, at__lt=of.until).select_related(
        "membership__customer__user", "plan"
    )
    return Listing(
        title=_("Changes of recurring revenue"),
        headers=[_("at"), _("customer"), _("plan"), _("movement"), _("change"), _("a month from then on")],
        rows=_chosen(rows, asked, "currency", "movement"),
        cells=lambda row: [
            _when(row.at), _member(row.membership), Cell(text=row.plan.name),
            Cell(text=row.get_movement_display()), amount(row.delta, row.currency),
            amount(row.amount, row.currency),
        ],
        sums="delta",
    )  # fmt: skip


def _paying(asked: Asked) -> Listing:
    rows = RecurringAmount.objects.standing().select_related("membership__customer__user", "plan")
    return Listing(
        title=_("Memberships that bring something now"),
        headers=[_("customer"), _("plan"), _("a month"), _("since")],
        rows=_chosen(rows, asked, "currency", "plan").order_by("-amount", "pk"),
        cells=lambda row: [
            _member(row.membership), Cell(text=row.plan.name), amount(row.amount, row.currency), _when(row.at),
        ],
        sums="amount",
    )  # fmt: skip


def _documents(asked: Asked) -> Listing:
    rows = revenue.documents(window=asked.window).select_related("membership__customer__user")
    return Listing(
        title=_("Invoices and credit notes"),
        headers=[_("number"), _("issued"), _("customer"), _("for"), _("net")],
        rows=_chosen(rows, asked, "currency"),
        cells=lambda row: [
            Cell(text=row.number, href=page_of(Invoice, row.pk)), _when(row.issued_at), _member(row.membership),
            Cell(text=row.headline), amount(row.net, row.currency),
        ],
        sums="net",
    )  # fmt: skip


def _lines(asked: Asked) -> Listing:
    of = asked.window
    rows = InvoiceLine.objects.filter(
        invoice__issued_at__gte=of.since, invoice__issued_at__lt=of.until
    ).select_related("invoice__membership__customer__user", "product")
    if currency := asked.given("currency"):
        rows = rows.filter(invoice__currency=currency)
    return Listing(
        title=_("Lines of invoices and credit notes"),
        headers=[_("number"), _("issued"), _("customer"), _("product"), _("net")],
        rows=_chosen(rows, asked, "product").order_by("-invoice__issued_at", "-pk"),
        cells=lambda row: [
            Cell(text=row.invoice.number, href=page_of(Invoice, row.invoice_id)), _when(row.invoice.issued_at),
            _member(row.invoice.membership), Cell(text=row.product.name), amount(row.net, row.invoice.currency),
        ],
        sums="net",
    )  # fmt: skip


def _failed(asked: Asked) -> Listing:
    return _payments(_("Payments that failed at first"), people.failed_payments(window=asked.window), asked)


def _open(asked: Asked) -> Listing:
    return _payments(_("Payments that are waited for"), people.open_payments(), asked)


def _payments(title: str, rows: QuerySet[Payment], asked: Asked) -> Listing:
    found = rows.select_related("membership__customer__user")
    return Listing(
        title=title,
        headers=[_("payment"), _("asked for"), _("customer"), _("amount"), _("state")],
        rows=_chosen(found, asked, "currency", "outcome"),
        cells=lambda row: [
            Cell(text=row.purpose, href=page_of(Payment, row.pk)), _when(row.created_at), _member(row.membership),
            amount(row.amount, row.currency), Cell(text=row.get_state_display()),
        ],
        sums="amount",
    )  # fmt: skip


def _trials(asked: Asked) -> Listing:
    rows = people.ended_trials(window=asked.window).select_related("membership__customer__user")
    words = outcome_words()
    return Listing(
        title=_("Trials that ended"),
        headers=[_("customer"), _("ended"), _("outcome")],
        rows=_chosen(rows, asked, "outcome").order_by("-at", "-pk"),
        cells=lambda row: [_member(row.membership), _when(row.at), Cell(text=words[row.outcome])],
    )


def _trials_ending(_asked: Asked) -> Listing:
    rows = people.trials_ending(now=timezone.now()).select_related("customer__user")
    return Listing(
        title=_("Trials that end within a week"),
        headers=[_("customer"), _("ends")],
        rows=rows.order_by("trial_end", "pk"),
        cells=lambda row: [_member(row), _when(row.trial_end)],
    )


def _sites(asked: Asked) -> Listing:
    rows: QuerySet[Site] = Site.objects.outside_the_bin()
    if plan := asked.given("plan"):
        rows = usage.sites_of_plan(plan_id=plan)
    return Listing(
        title=_("Sites"),
        headers=[_("site"), _("customer"), _("state"), _("created")],
        rows=rows.select_related("membership__customer__user").order_by("name", "pk"),
        cells=lambda row: [
            Cell(text=row.name, href=page_of(Site, row.pk)), _member(row.membership),
            Cell(text=row.get_state_display()), _when(row.created_at),
        ],
    )  # fmt: skip


class _NearLimits:
    """The sites near a limit as a paginator wants them: counted, and cut."""

    def count(self) -> int:
        return usage.near_limits(limit=1)[0]

    def __getitem__(self, cut: slice) -> Sequence[usage.NearLimit]:
        return usage.near_limits(limit=cut.stop - cut.start, offset=cut.start)[1]

    def iterator(self, chunk_size: int) -> Sequence[usage.NearLimit]:  # noqa: ARG002 -- as a query set has it
        return usage.near_limits(limit=None)[1]


def _near(_asked: Asked) -> Listing:
    return Listing(
        title=_("Sites near a limit"), headers=near_headers(), rows=_NearLimits(), cells=near_cells
    )


def near_headers() -> list[str]:
    return [_("site"), _("limit"), _("used"), _("allowed"), _("share")]


def near_cells(row: usage.NearLimit) -> list[Cell]:
    return [
        Cell(text=row.site, href=page_of(Site, row.site_id)),
        Cell(text=str(LABELS[row.kind])),
        Cell(text=format_limit(row.kind, row.used), value=str(row.used)),
        Cell(text=format_limit(row.kind, row.allowed), value=str(row.allowed)),
        Cell(text=f"{number_format(row.percent)} %", value=str(row.percent)),
    ]


def outcome_words() -> dict[str, str]:
    return {
        people.CONVERTED: _("Became paying"),
        people.LOST: _("Left"),
        people.OPEN: _("Payment overdue"),
    }


def _chosen(rows: QuerySet[Any], asked: Asked, *fields: str) -> Any:
    """Those that have what is asked for in these fields."""
    given = {field: asked.given(field) for field in fields}
    return rows.filter(**{field: value for field, value in given.items() if value is not None})


def _when(at: datetime) -> Cell:
    return Cell(text=date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT"), value=at.isoformat())


def _member(membership: Membership) -> Cell:
    return Cell(text=str(membership.customer), href=page_of(Membership, membership.pk))


def page_of(model: type[Any], pk: int) -> str:
    """The address of a row in the network admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])  # noqa: SLF001 -- Django's public API


LISTINGS: Mapping[str, Kind] = MappingProxyType(
    {
        "movements": Kind(permission="memberships.view_recurringamount", make=_movements),
        "paying": Kind(permission="memberships.view_recurringamount", make=_paying),
        "invoices": Kind(permission="memberships.view_invoice", make=_documents),
        "lines": Kind(permission="memberships.view_invoice", make=_lines),
        "failed-payments": Kind(permission="memberships.view_payment", make=_failed),
        "open-payments": Kind(permission="memberships.view_payment", make=_open),
        "trials": Kind(permission="memberships.view_membership", make=_trials),
        "trials-ending": Kind(permission="memberships.view_membership", make=_trials_ending),
        "sites": Kind(permission="sites.view_site", make=_sites),
        "near-limits": Kind(permission="sites.view_site", make=_near),
    }
)
