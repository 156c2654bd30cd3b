"""Billing history as a story: what happened, when, for how much; newest first."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from checkout.models import Order
from checkout.operations.fulfil import reference_of
from checkout.operations.undo import undo_reference_of
from checkout.views.pages import page_of
from checkout.views.words import refusal_text
from memberships.bills import bill_of
from memberships.models import (
    Attempt,
    Invoice,
    Membership,
    ScheduledChange,
    Transition,
    WalletEntry,
)
from memberships.models.transfer import passed_on_after
from memberships.story import HEADLINES, headline, intent
from products.date_display import day
from products.money_display import format_money

SHOWN = 20
MOVES = {
    ScheduledChange.CANCELLATION: ("calendar", "note", gettext_lazy("Cancelled at the end of the period")),
    "transferred": ("user", "note", gettext_lazy("The membership came to you")),
    "kept_plan": ("undo", "note", gettext_lazy("Kept the plan; the scheduled change was taken back")),
    Membership.State.PAST_DUE: ("warning", "bad", gettext_lazy("A bill became overdue")),
    Membership.State.EXPIRED: ("x", "bad", gettext_lazy("The membership expired")),
    Membership.State.CANCELLED: ("x", "bad", gettext_lazy("The membership was cancelled")),
}
MARKS = {
    "upgrade": ("arrow-up", "good"),
    "downgrade": ("arrow-down", "note"),
    "renewal": ("refresh", ""),
    "addon": ("plus", "good"),
    "removal": ("minus", "note"),
    "undone": ("undo", "note"),
}
# What came into the wallet or went out without a bill that tells of it
CREDITS: Final = (
    WalletEntry.Reason.ADJUSTMENT,
    WalletEntry.Reason.LATE_PAYMENT,
    WalletEntry.Reason.OVERPAID,
    WalletEntry.Reason.MISMATCH,
    WalletEntry.Reason.REFUND_FAILED,
)
OF_AN_ORDER: Final = re.compile(r"(?:order|undo)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
TOLD, DOCUMENT, TRY, CREDIT = range(4)


def story_of(membership: Membership, *, page: str = "") -> dict[str, Any]:
    """The entries of a page, and the way to others. `page` is its number as the address has it. Nine queries at most,
    whatever happened."""
    shown = page_of(_keys(membership), number=page, size=SHOWN)
    keys: dict[int, list[int]] = defaultdict(list)
    for _at, kind, key in shown.rows:
        keys[kind].append(key)
    entries = _entries(membership, keys)
    return {"story": [entries[kind, key] for _at, kind, key in shown.rows], "story_page": shown}


def _keys(membership: Membership) -> QuerySet[Any, Any]:
    """When, which kind of row and which row, of all there is to tell since the customer has it; newest first."""
    told = membership.transitions.filter(~passed_on_after("at"), kind__in=[*MOVES, *HEADLINES])
    documents = membership.invoices.filter(~passed_on_after("issued_at"), corrects__isnull=False).exclude(
        reference__in=told.values("reference")
    )
    before = membership.transfers.filter(at__gt=OuterRef("started_at"))
    tries = Attempt.objects.filter(
        ~Exists(before), payment__membership=membership, state=Attempt.State.FAILED
    )
    movements = WalletEntry.objects.of(membership).filter(~passed_on_after("created_at"), reason__in=CREDITS)
    rows = [
        _as_keys(told, TOLD, "at"),
        _as_keys(documents, DOCUMENT, "issued_at"),
        _as_keys(tries.exclude(refusal=""), TRY, Coalesce("finished_at", "started_at")),
        _as_keys(movements, CREDIT, "created_at"),
    ]
    return rows[0].union(*rows[1:], all=True).order_by("-moment", "sort", "-key")


def _as_keys(rows: QuerySet[Any], kind: int, at: Any) -> QuerySet[Any, Any]:
    moment = F(at) if isinstance(at, str) else at
    named = rows.order_by().annotate(moment=moment, sort=Value(kind), key=F("pk"))
    keys: QuerySet[Any, Any] = named.values_list("moment", "sort", "key")
    return keys


def _entries(membership: Membership, keys: Mapping[int, Collection[int]]) -> dict[tuple[int, int], Any]:
    transitions = Transition.objects.in_bulk(keys[TOLD])
    references = [row.reference for row in transitions.values() if row.reference]
    invoices = _documents(membership, references, keys[DOCUMENT])
    scheduled = {row.reference: row for row in ScheduledChange.objects.filter(reference__in=references)}
    orders = _orders(membership, references)
    tries = Attempt.objects.select_related("payment").in_bulk(keys[TRY])
    movements = WalletEntry.objects.in_bulk(keys[CREDIT])
    return {
        **{
            (TOLD, key): _told(row, invoices=invoices, scheduled=scheduled, orders=orders)
            for key, row in transitions.items()
        },
        **{
            (DOCUMENT, invoice.pk): _given_back(invoice)
            for invoice in invoices.values()
            if invoice.pk in keys[DOCUMENT]
        },
        **{(TRY, key): _refused(row) for key, row in tries.items()},
        **{(CREDIT, key): _credited(row, membership.currency) for key, row in movements.items()},
    }


def _documents(
    membership: Membership, references: Collection[str], keys: Collection[int]
) -> dict[str, Invoice]:
    """The bills of what is told and the credit notes that came by themselves, by reference; each with `failed_tries`,
    how often its payment was refused. Two queries."""
    failed = Count("payment__attempts", filter=Q(payment__attempts__state=Attempt.State.FAILED))
    told = membership.invoices.filter(Q(reference__in=references) | Q(pk__in=keys))
    rows = told.annotate(failed_tries=failed).prefetch_related("lines")
    return {invoice.reference: invoice for invoice in rows}


def _orders(membership: Membership, references: Collection[str]) -> dict[str, Order]:
    """Those that were carried out, by the references of what they did. One query."""
    uids = [named[1] for reference in references if (named := OF_AN_ORDER.fullmatch(reference))]
    done = Order.objects.filter(membership=membership, state__in=[Order.State.FULFILLED, Order.State.UNDONE])
    return {
        reference: order
        for order in done.filter(uid__in=uids)
        for reference in (reference_of(order), undo_reference_of(order))
    }


def _told(
    row: Transition,
    *,
    invoices: Mapping[str, Invoice],
    scheduled: Mapping[str, ScheduledChange],
    orders: Mapping[str, Order],
) -> dict[str, Any]:
    if row.kind in MOVES:
        icon, tone, move = MOVES[row.kind]
        return _entry(row.at, icon, tone, str(move))
    icon, tone = MARKS.get(row.kind, ("check", "note"))
    invoice, order = invoices.get(row.reference), orders.get(row.reference)
    change = scheduled.get(row.reference)
    if change is not None and invoice is None:
        planned = intent(kind=row.kind, came_from=row.came_from, went_to=row.went_to)
        text = _("Planned for %(date)s: %(what)s") % {"date": day(change.effective_at), "what": planned}
        return _entry(row.at, "calendar", "note", text)
    entry = _entry(row.at, icon, tone, headline(kind=row.kind, came_from=row.came_from, went_to=row.went_to))
    if invoice is not None:
        entry |= _booked(invoice)
        entry["url"] = reverse("checkout:order", args=[order.uid]) if order else ""
    return entry


def _given_back(invoice: Invoice) -> dict[str, Any]:
    return _entry(invoice.issued_at, "undo", "note", invoice.headline) | _booked(invoice)


def _booked(invoice: Invoice) -> dict[str, Any]:
    """What a bill came to, its lines with their why, and the document."""
    name = {"document": invoice.get_type_display(), "number": invoice.number}
    return {
        "amount": format_money(invoice.due - invoice.refunded, invoice.currency),
        "remark": " · ".join(filter(None, [_money_moved(invoice), _tries(invoice)])),
        "bill": bill_of(invoice),
        "pdf": reverse("memberships:invoice_pdf", args=[invoice.uid]),
        "pdf_label": _("%(document)s %(number)s (PDF)") % name,
    }


def _refused(attempt: Attempt) -> dict[str, Any]:
    at = attempt.finished_at or attempt.started_at
    return {
        **_entry(at, "x", "bad", _("A payment did not go through")),
        "remark": refusal_text(attempt.refusal),
        "amount": format_money(attempt.payment.amount, attempt.payment.currency),
        "amount_note": _("not charged"),
    }


def _credited(entry: WalletEntry, currency: str) -> dict[str, Any]:
    written = entry.note if entry.reason == WalletEntry.Reason.ADJUSTMENT else ""
    came = entry.amount > 0
    return {
        **_entry(
            entry.created_at, "wallet", "good" if came else "note", written or entry.get_reason_display()
        ),
        "amount": format_money(abs(entry.amount), currency),
        "amount_note": _("into your wallet") if came else _("out of your wallet"),
    }


def _money_moved(invoice: Invoice) -> str:
    if invoice.wallet_added > 0:
        return _("%(amount)s into your wallet") % {
            "amount": format_money(invoice.wallet_added, invoice.currency)
        }
    if invoice.wallet_used > 0:
        return _("%(amount)s from your wallet") % {
            "amount": format_money(invoice.wallet_used, invoice.currency)
        }
    return ""


def _tries(invoice: Any) -> str:
    """How often its payment was refused before it went through."""
    count = invoice.failed_tries
    if not count:
        return ""
    return ngettext("paid after one try that failed", "paid after %(count)d tries that failed", count) % {
        "count": count
    }


def _entry(at: datetime, icon: str, tone: str, what: str) -> dict[str, Any]:
    return {"at": at, "when": day(at), "icon": icon, "tone": tone, "what": what}
