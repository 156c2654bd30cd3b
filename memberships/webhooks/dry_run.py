"""What handling an event would do now: its handler runs, and everything it wrote is rolled back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from memberships.billing.choose import network_gateway
from memberships.billing.gateway import GatewayUnavailable
from memberships.billing.looking import LookingGateway
from memberships.billing.rehearsal import rehearsing
from memberships.models import (
    Attempt,
    CardSetup,
    InboundEvent,
    Invoice,
    Membership,
    Notice,
    Payment,
    PaymentMethod,
    Refund,
    Transition,
    WalletEntry,
)
from memberships.notices import KINDS
from memberships.signals import news_kept
from memberships.webhooks import stripe as _handlers  # noqa: F401 -- importing registers the handlers
from memberships.webhooks.registry import handler_of
from products.money_display import format_money

PATIENCE = "2s"  # for rows that somebody else works on


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row that would be there, or be another. `was` is empty for a new one."""

    kind: str
    row: str
    was: str = ""
    becomes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """`effect` is what the handler answered, "" when the event concerns nothing of ours. `asked` is what the gateway
    would be asked to do, and was not: see `LookingGateway`. With an `error` it would fail there."""

    effect: str
    error: str
    asked: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Rows of a kind: how they belong to a membership, which fields tell something, and how a new one reads."""

    path: str
    fields: tuple[str, ...] = ()
    reads: Callable[[Any], str] = str


def _bill(invoice: Invoice) -> str:
    return f"{invoice.headline}, {format_money(invoice.total, invoice.currency)}"


def _mail(notice: Notice) -> str:
    known = KINDS.get(notice.kind)
    return _(known.title) if known else notice.kind


WATCHED: Mapping[type[Model], Watched] = MappingProxyType(
    {
        Membership: Watched(path="pk", fields=("state", "period_start", "period_end")),
        Transition: Watched(path="membership", reads=lambda row: str(row.headline)),
        Attempt: Watched(path="payment__membership", fields=("state", "refusal")),
        Payment: Watched(path="membership", fields=("state", "next_try_at")),
        Refund: Watched(path="payment__membership", fields=("state", "refusal")),
        Invoice: Watched(path="membership", reads=_bill),
        WalletEntry: Watched(path="membership"),
        PaymentMethod: Watched(path="customer__memberships", fields=("exp_month", "exp_year", "is_default")),
        Notice: Watched(path="membership", reads=_mail),
    }
)


def dry_run(*, event: InboundEvent, now: datetime) -> DryRun:
    """What `handle` would do with `event` if it were new. The gateway is asked what it knows and nothing else; nothing
    is written, queued, sent or numbered. Rows are locked for the moment between the gateway's answer and the end."""
    handler, gateway = handler_of(event.kind), LookingGateway(network_gateway())
    if handler is None:
        return DryRun(effect="", error="", asked=(), changes=())
    effect, error = "", ""
    with transaction.atomic(), rehearsing(gateway), news_kept() as news:
        _be_patient()
        concerned = _concerned(event)
        before = _rows(concerned)
        try:
            with transaction.atomic():
                effect = handler(event, now)
                error = _follow(news)
        except GatewayUnavailable as unavailable:
            error = "" if gateway.asked else f"{type(unavailable).__name__}: {unavailable}"
        except OperationalError:
            error = _("Somebody else is working on these rows right now. Try again in a moment.")
        except Exception as failure:  # noqa: BLE001 -- whatever the handler would fail with is the answer
            error = f"{type(failure).__name__}: {failure}"
        changes = tuple(_changes(before, _rows(concerned)))
        transaction.set_rollback(True)
    return DryRun(effect=effect, error=error, asked=tuple(gateway.asked), changes=changes)


def _be_patient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])


def _follow(news: list[partial[Any]]) -> str:
    """What the handler told of payments, and what that led to, is told now: the receivers write rows. All else that was
    left for after the commit tells the world, and goes with the transaction. Answers what went wrong on the way."""
    wrong = []
    while news:
        answers = news.pop(0)()
        wrong += [str(answer) for _receiver, answer in answers if isinstance(answer, Exception)]
    return "; ".join(wrong)


def _concerned(event: InboundEvent) -> set[int]:
    """The memberships whose rows the event may change: those that its object's id leads to."""
    ref = event.object_id
    if not ref:
        return set()
    payments = [
        rows.objects.filter(gateway_ref=ref).values_list("payment__membership", flat=True)
        for rows in (Attempt, Refund)
    ]
    customers = [
        rows.objects.filter(gateway_ref=ref).values_list("customer__memberships", flat=True)
        for rows in (CardSetup, PaymentMethod)
    ]
    return {pk for found in (*payments, *customers) for pk in found if pk is not None}


def _rows(memberships: set[int]) -> dict[type[Model], dict[int, Any]]:
    return {
        model: {
            row.pk: row
            for row in model._default_manager.filter(**{f"{watched.path}__in": memberships}).order_by("pk")  # noqa: SLF001 -- Django's public API
        }
        for model, watched in WATCHED.items()
    }


def _changes(
    before: Mapping[type[Model], Mapping[int, Any]], after: Mapping[type[Model], Mapping[int, Any]]
) -> Iterable[Change]:
    for model, watched in WATCHED.items():
        kind = str(model._meta.verbose_name)  # noqa: SLF001 -- Django's public API
        for pk, row in after[model].items():
            was = before[model].get(pk)
            if was is None:
                yield Change(kind=kind, row=watched.reads(row))
                continue
            for field in watched.fields:
                if getattr(was, field) != getattr(row, field):
                    yield Change(kind=kind, row=str(was), was=_said(was, field), becomes=_said(row, field))
        for pk, row in before[model].items():
            if pk not in after[model]:
                yield Change(kind=kind, row=str(row), was=str(row), becomes=_("gone"))


def _said(row: Any, field: str) -> str:
    described = row._meta.get_field(field)  # noqa: SLF001 -- Django's public API
    value = getattr(row, f"get_{field}_display")() if described.choices else getattr(row, field)
    return f"{described.verbose_name}: {value}"
