"""Billing history as a story: what happened, when, for how much; newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import Order
from checkout.operations.fulfil import reference_of
from checkout.operations.undo import undo_reference_of
from checkout.views.words import refusal_text
from memberships.bills import bill_of
from memberships.models import Attempt, Invoice, Membership, ScheduledChange, Transition
from memberships.story import HEADLINES, headline, intent
from products.date_display import day
from products.money_display import format_money

SHOWN = 30
MOVES = {
    ScheduledChange.CANCELLATION: ("calendar", "note", gettext_lazy("Cancelled at the end of the period")),
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


def story_of(membership: Membership) -> dict[str, Any]:
    """The newest entries, and whether there are more: six queries, whatever happened."""
    told = [*MOVES, *HEADLINES]
    transitions = list(membership.transitions.filter(kind__in=told).order_by("-at", "-id")[: SHOWN + 1])
    references = [transition.reference for transition in transitions if transition.reference]
    invoices = _documents(membership, references)
    refunds = [invoice for reference, invoice in invoices.items() if reference not in references]
    scheduled = {
        change.reference: change for change in ScheduledChange.objects.filter(reference__in=references)
    }
    done = Order.objects.filter(membership=membership, state__in=[Order.State.FULFILLED, Order.State.UNDONE])
    orders = {
        reference: order
        for order in done.order_by("-id")[: SHOWN + 1]
        for reference in (reference_of(order), undo_reference_of(order))
    }
    refusals = Attempt.objects.filter(payment__membership=membership, state=Attempt.State.FAILED).exclude(
        refusal=""
    )
    entries = [
        *(_told(row, invoices=invoices, scheduled=scheduled, orders=orders) for row in transitions),
        *(_given_back(invoice) for invoice in refunds),
        *(_refused(row) for row in refusals.select_related("payment").order_by("-id")[:SHOWN]),
    ]
    entries.sort(key=lambda entry: entry["at"], reverse=True)
    return {"story": entries[:SHOWN], "more_story": len(entries) > SHOWN}


def _documents(membership: Membership, references: Sequence[str]) -> dict[str, Invoice]:
    """The newest bills of what is told, and the credit notes that came by themselves, by reference: two queries."""
    told = Q(reference__in=references) | Q(corrects__isnull=False)
    newest = membership.invoices.filter(told).order_by("-issued_at", "-id")[: 2 * (SHOWN + 1)]
    return {invoice.reference: invoice for invoice in newest.prefetch_related("lines")}


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
        "remark": _money_moved(invoice),
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


def _entry(at: datetime, icon: str, tone: str, what: str) -> dict[str, Any]:
    return {"at": at, "when": day(at), "icon": icon, "tone": tone, "what": what}
