"""The dashboard's blocks: numbers that lead to their rows, charts, the table behind them, and what is counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.admin.figures import definitions
from checkout.admin.figures.asked import View, rows_url
from checkout.admin.figures.chart import Chart, Series, line, stacked_bars
from checkout.admin.figures.listings import near_cells, near_headers, outcome_words, page_of
from checkout.admin.figures.table import Cell, Table, amount, number
from checkout.operations.figures import people, revenue, usage
from checkout.operations.figures.revenue import NONE, OfProduct, Recurring, Total
from checkout.operations.figures.window import Step
from memberships.models import RecurringAmount
from products.date_display import month, short_day
from products.limit_display import format_limit
from products.limits import Kind
from products.models.limit import LABELS
from products.pricing.rounding import half_up
from sites.models import Site

Movement = RecurringAmount.Movement
COLOURS = {
    Movement.NEW: "#0d9488",
    Movement.EXPANSION: "#2dd4bf",
    Movement.REACTIVATION: "#60a5fa",
    Movement.CONTRACTION: "#fbbf24",
    Movement.CHURN: "#dc2626",
}
SHOWN = 5  # rows of a list of which there may be many


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure: what it is, how much, a word beside it, and where its rows are."""

    label: str
    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`folded` tables lie behind charts or numbers. `counts` are the definitions, each a term and a sentence."""

    key: str
    title: str
    table: Table
    numbers: Sequence[Number] = ()
    charts: Sequence[Chart] = ()
    counts: Sequence[tuple[str, str]] = ()
    folded: bool = False
    wide: bool = False
    more: str = ""


def shown_to(request: HttpRequest, view: View) -> list[Block]:
    """The blocks whose rows the person may see."""
    return [kind.make(key, view) for key, kind in BLOCKS.items() if request.user.has_perms(kind.permissions)]


def step_names(view: View) -> list[str]:
    name = month if view.window.step == Step.MONTH else short_day
    return [name(begins) for begins, _ends in view.window.steps]


def _money(key: str, view: View) -> Block:
    found = revenue.recurring(window=view.window).get(view.currency) or Recurring(
        opening=0, moved=[{} for _step in view.window.steps], closing=[0] * len(view.window.steps), paying=0
    )
    names, grown = step_names(view), found.amount - found.opening
    paying = rows_url("paying", currency=view.currency)
    moved = [
        Number(
            label=str(movement.label),
            text=amount(found.total(movement).amount, view.currency).text,
            note=_changes(found.total(movement).count),
            href=view.rows("movements", currency=view.currency, movement=movement),
        )
        for movement in Movement
    ]
    return Block(
        key=key,
        title=_("Recurring revenue"),
        wide=True,
        numbers=[
            Number(
                label=_("MRR now"), text=amount(found.amount, view.currency).text, href=paying,
                note=_("%(change)s since %(day)s") % {
                    "change": f"{'+' if grown >= 0 else ''}{amount(grown, view.currency).text}",
                    "day": short_day(view.window.since),
                },
            ),
            Number(label=_("Paying memberships"), text=number(found.paying).text, href=paying),
            Number(
                label=_("ARPU"), text=amount(found.per_paying, view.currency).text, href=paying,
                note=_("a month and paying membership"),
            ),
            *moved,
        ],
        charts=[
            line(
                label=_("MRR over time, in %s") % view.currency, steps=names, currency=view.currency,
                series=Series(label=_("MRR"), colour=COLOURS[Movement.NEW], amounts=found.closing),
            ),
            stacked_bars(
                label=_("What moved it, in %s") % view.currency, steps=names, currency=view.currency,
                series=[
                    Series(
                        label=str(movement.label), colour=COLOURS[movement],
                        amounts=[step.get(movement, NONE).amount for step in found.moved],
                    )
                    for movement in Movement
                ],
            ),
        ],
        table=_movements(view, found, names),
        folded=True,
        counts=definitions.of_recurring_revenue(),
    )  # fmt: skip


def _changes(count: int) -> str:
    return ngettext("%(count)s change", "%(count)s changes", count) % {"count": number(count).text}


def _movements(view: View, found: Recurring, names: Sequence[str]) -> Table:
    def cells(position: int) -> list[Cell]:
        since, until = view.window.steps[position]
        return [
            amount(
                found.moved[position].get(movement, NONE).amount,
                view.currency,
                view.rows("movements", currency=view.currency, movement=movement, since=since, until=until)
                if movement in found.moved[position]
                else "",
            )
            for movement in Movement
        ]

    return Table(
        headers=[_("from"), *(str(movement.label) for movement in Movement), _("MRR at the end"), _("currency")],
        rows=[
            [
                Cell(text=name, value=f"{view.window.steps[position][0]:%Y-%m-%d}"),
                *cells(position),
                amount(found.closing[position], view.currency),
                Cell(text=view.currency),
            ]
            for position, name in enumerate(names)
        ],
    )  # fmt: skip


def _by_plan(key: str, view: View) -> Block:
    plans = revenue.recurring_by_plan().get(view.currency, [])
    whole = sum((of.total for of in plans), NONE).amount
    return Block(
        key=key,
        title=_("Recurring revenue by plan"),
        table=Table(
            headers=[_("plan"), _("memberships"), _("MRR"), _("share")],
            rows=[
                [
                    Cell(text=of.name),
                    number(of.total.count, rows_url("paying", currency=view.currency, plan=of.product_id)),
                    amount(of.total.amount, view.currency),
                    _share(of.total.amount, whole),
                ]
                for of in plans
            ],
        ),
        counts=definitions.of_plans(),
    )


def _invoiced(key: str, view: View) -> Block:
    found = revenue.invoiced(window=view.window).get(view.currency)
    steps = found.steps if found else [NONE] * len(view.window.steps)
    total = found.total if found else NONE
    names = step_names(view)
    return Block(
        key=key,
        title=_("Revenue invoiced"),
        wide=True,
        numbers=[
            Number(
                label=_("Without tax"), text=amount(total.amount, view.currency).text,
                note=ngettext("%(count)s document", "%(count)s documents", total.count)
                % {"count": number(total.count).text},
                href=view.rows("invoices", currency=view.currency),
            )
        ],
        charts=[
            stacked_bars(
                label=_("Invoiced over time, in %s") % view.currency, steps=names, currency=view.currency,
                series=[Series(
                    label=_("Net"), colour=COLOURS[Movement.NEW], amounts=[step.amount for step in steps]
                )],
            )
        ],
        table=Table(
            headers=[_("from or product"), _("net"), _("currency")],
            rows=[*_by_step(view, steps, names), *_by_product(view, found.products if found else [])],
        ),
        folded=True,
        counts=definitions.of_invoices(),
    )  # fmt: skip


def _by_step(view: View, steps: Sequence[Total], names: Sequence[str]) -> list[list[Cell]]:
    return [
        [
            Cell(text=name, value=f"{since:%Y-%m-%d}"),
            amount(
                step.amount,
                view.currency,
                view.rows("invoices", currency=view.currency, since=since, until=until) if step.count else "",
            ),
            Cell(text=view.currency),
        ]
        for name, step, (since, until) in zip(names, steps, view.window.steps, strict=True)
    ]


def _by_product(view: View, products: Sequence[OfProduct]) -> list[list[Cell]]:
    return [
        [
            Cell(text=of.name),
            amount(
                of.total.amount,
                view.currency,
                view.rows("lines", currency=view.currency, product=of.product_id),
            ),
            Cell(text=view.currency),
        ]
        for of in products
    ]


def _payments(key: str, view: View) -> Block:
    failed = people.failed(window=view.window).get(view.currency, {})
    of = {outcome: failed.get(outcome, NONE) for outcome in (people.CONVERTED, people.LOST, people.OPEN)}
    waiting = people.waited_for().get(view.currency, NONE)
    words = {people.CONVERTED: _("recovered"), people.LOST: _("given up"), people.OPEN: _("still open")}
    failures = sum(of.values(), NONE)
    here = {"currency": view.currency}
    rows = [
        [
            Cell(text=words[outcome]),
            number(total.count, view.rows("failed-payments", outcome=outcome, **here)),
            amount(total.amount, view.currency),
        ]
        for outcome, total in of.items()
    ]
    return Block(
        key=key,
        title=_("Payments"),
        numbers=[
            Number(
                label=_("Failed"), text=number(failures.count).text,
                note=amount(failures.amount, view.currency).text, href=view.rows("failed-payments", **here),
            ),
            Number(
                label=_("Recovered"), text=_percent(of[people.CONVERTED].count, failures.count),
                note=amount(of[people.CONVERTED].amount, view.currency).text,
                href=view.rows("failed-payments", outcome=people.CONVERTED, **here),
            ),
            Number(
                label=_("Open bills"), text=number(waiting.count).text,
                note=amount(waiting.amount, view.currency).text, href=rows_url("open-payments", **here),
            ),
        ],
        table=Table(headers=[_("failed payments"), _("number"), _("amount")], rows=rows),
        counts=definitions.of_payments(),
    )  # fmt: skip


def _trials(key: str, view: View) -> Block:
    ended, words = people.trials(window=view.window), outcome_words()
    decided = ended[people.CONVERTED] + ended[people.LOST]
    ending = people.trials_ending(now=view.now).count()
    return Block(
        key=key,
        title=_("Trials"),
        numbers=[
            Number(
                label=_("Conversion"), text=_percent(ended[people.CONVERTED], decided),
                note=_("of %(count)s that are decided") % {"count": number(decided).text},
                href=view.rows("trials", outcome=people.CONVERTED),
            ),
            Number(
                label=_("End within a week"), text=number(ending).text, href=rows_url("trials-ending"),
            ),
        ],
        table=Table(
            headers=[_("trials that ended"), _("number")],
            rows=[
                [Cell(text=words[outcome]), number(count, view.rows("trials", outcome=outcome))]
                for outcome, count in ended.items()
            ],
        ),
        counts=definitions.of_trials(),
    )  # fmt: skip


def _sites(key: str, _view: View) -> Block:
    plans = usage.sites_by_plan()
    whole = sum((of.total for of in plans), NONE).count
    return Block(
        key=key,
        title=_("Sites by plan"),
        table=Table(
            headers=[_("plan"), _("sites"), _("share")],
            rows=[
                [
                    Cell(text=of.name),
                    number(of.total.count, rows_url("sites", plan=of.product_id)),
                    _share(of.total.count, whole),
                ]
                for of in plans
            ],
        ),
        counts=definitions.of_sites(),
    )


def _near(key: str, _view: View) -> Block:
    count, fullest = usage.near_limits(limit=SHOWN)
    return Block(
        key=key,
        title=_("Near a limit"),
        numbers=[
            Number(
                label=_("80 % and more"), text=number(count).text, href=rows_url("near-limits"),
                note=_("a site counts once for each limit"),
            )
        ],
        table=Table(headers=near_headers(), rows=[near_cells(row) for row in fullest]),
        counts=definitions.of_near_limits(),
    )  # fmt: skip


def _largest(key: str, _view: View) -> Block:
    return Block(
        key=key,
        title=_("Top usage"),
        table=Table(
            headers=[_("used most"), _("site"), _("used")],
            rows=[*_top(Kind.VISITS), *_top(Kind.DISK)],
        ),
        counts=definitions.of_top_usage(),
    )


def _top(kind: Kind) -> Iterable[list[Cell]]:
    for row in usage.largest(kind)[:SHOWN].values("pk", "name", "used"):
        yield [
            Cell(text=str(LABELS[kind])),
            Cell(text=row["name"], href=page_of(Site, row["pk"])),
            Cell(text=format_limit(kind, row["used"]), value=str(row["used"])),
        ]


def _percent(part: int, whole: int) -> str:
    return f"{half_up(part * 100, whole)} %" if whole else "\N{EN DASH}"


def _share(part: int, whole: int) -> Cell:
    return Cell(text=_percent(part, whole))


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockKind:
    """A block, and what it takes to see it."""

    permissions: Sequence[str]
    make: Callable[[str, View], Block]


BLOCKS: Mapping[str, BlockKind] = MappingProxyType(
    {
        "recurring-revenue": BlockKind(permissions=["memberships.view_recurringamount"], make=_money),
        "recurring-by-plan": BlockKind(permissions=["memberships.view_recurringamount"], make=_by_plan),
        "sites-by-plan": BlockKind(permissions=["sites.view_site"], make=_sites),
        "invoiced": BlockKind(permissions=["memberships.view_invoice"], make=_invoiced),
        "payments": BlockKind(permissions=["memberships.view_payment"], make=_payments),
        "trials": BlockKind(permissions=["memberships.view_membership"], make=_trials),
        "near-limits": BlockKind(permissions=["sites.view_site"], make=_near),
        "top-usage": BlockKind(permissions=["sites.view_site"], make=_largest),
    }
)
