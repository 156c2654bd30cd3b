"""What each kind of mail says: the rows behind a notice, as texts and amounts for its templates."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from memberships.bills import bill_of
from memberships.models import (
    Attempt,
    Invoice,
    Membership,
    Notice,
    PaymentMethod,
    ScheduledChange,
    ScheduledItem,
)
from memberships.operations.entitlements import entitlements
from memberships.operations.next_bill import next_bill
from memberships.parties import spaced
from memberships.story import headline
from products.limit_display import format_limit
from products.limits import Kind
from products.models.limit import LABELS
from products.money_display import format_money

Content = dict[str, Any]
Part = Callable[[Notice], Content]


def content_of(notice: Notice) -> Content:
    """The words of a mail, in the active language, for `mail/<kind>.txt` and `mail/<kind>.html`."""
    content = _always(notice)
    for part in PARTS[notice.kind]:
        content |= part(notice)
    return content


def invoice_of(notice: Notice) -> Invoice | None:
    """The bill or credit note that the mail shows."""
    if _bill not in PARTS[notice.kind]:
        return None
    return Invoice.objects.filter(reference=_reference(notice)).prefetch_related("lines").first()


def _reference(notice: Notice) -> str:
    return notice.repeats.reference if notice.repeats else notice.reference


def _always(notice: Notice) -> Content:
    membership = notice.membership
    account_url = f"{settings.NETWORK_ORIGIN}/account/{membership.uid}/"
    return {
        "network_name": settings.NETWORK_NAME,
        "name": membership.customer.user.name or membership.customer.company,
        "plan": _plan(membership),
        "account_url": account_url,
        "action_url": account_url,
        "action_label": _("Open your Account page"),
    }


def _plan(membership: Membership) -> str:
    """The plan that is had, or that was had last."""
    plans = membership.items.filter(product__type="plan").select_related("product")
    last = plans.order_by(F("ended_at").desc(nulls_first=True), "-id").first()
    return last.product.name if last else ""


def _bill(notice: Notice) -> Content:
    invoice = invoice_of(notice)
    if invoice is None:
        return {"bill": None, "paid": "", "paid_with": ""}
    return {
        "bill": bill_of(invoice),
        "number": invoice.number,
        "is_credit_note": invoice.type == Invoice.Type.CREDIT_NOTE,
        "paid": format_money(invoice.due, invoice.currency) if invoice.due else "",
        "paid_with": _means_of(invoice),
    }


def _means_of(invoice: Invoice) -> str:
    """The card a bill was paid with, as far as we know it."""
    card = (
        Attempt.objects.filter(payment=invoice.payment_id, state=Attempt.State.SUCCEEDED)
        .exclude(card_ref="")
        .values("card_ref")
    )
    return _named(PaymentMethod.objects.filter(gateway_ref__in=card).first())


def _story(notice: Notice) -> Content:
    told = notice.membership.transitions.filter(reference=_reference(notice)).first()
    if told is None:
        return {"story": "", "undo_hours": 0}
    return {
        "story": headline(kind=told.kind, came_from=told.came_from, went_to=told.went_to),
        "undo_hours": settings.UNDO_HOURS if told.kind == "upgrade" else 0,
    }


def _limits(notice: Notice) -> Content:
    limits = entitlements(notice.membership)
    return {
        "limits": [
            {"label": LABELS[kind], "amount": format_limit(kind, limits[kind])}
            for kind in Kind
            if limits[kind] != 0
        ]
    }


def _next_bill(notice: Notice) -> Content:
    bill = next_bill(membership=notice.membership, now=notice.created_at)
    if bill is None:
        return {"next_amount": "", "next_at": None}
    return {
        "next_amount": format_money(bill.due_now, notice.membership.currency),
        "next_at": bill.effective_at,
    }


def _planned_change(notice: Notice) -> Content:
    """The change that waits for the end of the period: when, and what is had from then on."""
    changes = notice.membership.scheduled_changes.prefetch_related("items__product")
    about = {"pk": notice.facts["change"]} if "change" in notice.facts else {"reference": _reference(notice)}
    change = changes.filter(**about).first()
    return {
        "change_at": change.effective_at if change else None,
        "change_to": [_counted(item) for item in change.items.all()] if change else [],
        "is_cancellation": change is not None and change.kind == ScheduledChange.CANCELLATION,
        "grace_days": settings.GRACE_DAYS,
    }


def _counted(item: ScheduledItem) -> str:
    return f"{item.quantity} × {item.product}" if item.quantity > 1 else str(item.product)


def _payment(notice: Notice) -> Content:
    """An amount to be paid, on a page that asks for no password."""
    facts = _facts(notice)
    return {
        **facts,
        **_card(notice),
        "payment_reference": spaced(facts["payment_reference"]),
        "refusal": _(facts["refusal"]) if facts["refusal"] else "",
        "expires_at": facts.get("expires_at"),
        "action_url": facts["pay_url"],
        "action_label": _("Pay %(amount)s") % {"amount": _amount(notice)},
    }


def _bank_account(_notice: Notice) -> Content:
    return {
        "holder": settings.SELLER_NAME,
        "iban": spaced(settings.SELLER_IBAN),
        "bic": settings.SELLER_BIC,
    }


def _confirmation(_notice: Notice) -> Content:
    return {"action_label": _("Confirm the payment")}


def _payment_request(_notice: Notice) -> Content:
    return {"action_label": _("Open the payment request")}


def _wallet(notice: Notice) -> Content:
    """What came into the wallet, and why."""
    entries = notice.membership.wallet_entries.filter(reference=_reference(notice), amount__gt=0)
    last = entries.last()
    return {
        "amount": format_money(sum(entry.amount for entry in entries), notice.membership.currency),
        "reason": last.reason if last else "",
    }


def _card(notice: Notice) -> Content:
    """The card that bills are charged to."""
    return {"card": _named(notice.membership.customer.payment_methods.filter(is_default=True).first())}


def _named(card: PaymentMethod | None) -> str:
    """“Visa •••• 4242”, which stays on one line; empty for no card."""
    return str(card or "").replace(" ", "\N{NO-BREAK SPACE}")


def _card_needed(notice: Notice) -> Content:
    """A button that leads to where a card is saved, when there is none."""
    card = _card(notice)
    return card if card["card"] else card | _other_card(notice)


def _other_card(notice: Notice) -> Content:
    return {
        "action_url": f"{_always(notice)['account_url']}#payment",
        "action_label": _("Save a card"),
    }


def _facts(notice: Notice) -> Content:
    """The notice's own facts: amounts as texts, instants as datetimes."""
    instants = ("at", "until", "next_try_at", "expires_at")
    facts = {
        name: datetime.fromisoformat(fact) if name in instants and fact else fact
        for name, fact in notice.facts.items()
    }
    return facts | {"amount": _amount(notice), "is_free": not notice.facts.get("amount")}


def _visits(notice: Notice) -> Content:
    """What a site has had of a month's visits: when they count anew, and from when its visitors see a notice."""
    facts = _facts(notice)
    until = facts["until"]
    return {
        "site": facts["site"],
        "used": format_limit(Kind.VISITS, facts["used"]),
        "allowed": format_limit(Kind.VISITS, facts["allowed"]),
        "at": facts["at"],
        "until": until if until and until < facts["at"] else None,
        "action_url": f"{_always(notice)['account_url']}change/",
        "action_label": _("Upgrade"),
    }


def _amount(notice: Notice) -> str:
    return format_money(notice.facts.get("amount") or 0, notice.membership.currency)


def _end(notice: Notice) -> Content:
    """Since when a membership is over, and until when visitors see its sites."""
    ended_at = notice.membership.ended_at or notice.created_at
    return {
        "ended_at": ended_at,
        "shown_until": ended_at + timedelta(days=settings.GRACE_DAYS) if settings.GRACE_DAYS else None,
        "action_label": _("Come back"),
    }


def _period(notice: Notice) -> Content:
    return {"period_end": notice.membership.period_end}


def _trial(notice: Notice) -> Content:
    membership = notice.membership
    return {"trial_end": membership.trial_end if membership.state == Membership.State.TRIALING else None}


PARTS: Mapping[str, Sequence[Part]] = MappingProxyType(
    {
        "welcome": (_trial, _bill, _limits, _next_bill),
        "change_done": (_story, _bill, _planned_change, _next_bill, _limits),
        "change_scheduled": (_planned_change, _next_bill),
        "reminder_week": (_planned_change, _next_bill),
        "reminder_day": (_planned_change, _next_bill),
        "change_applied": (_bill, _next_bill, _limits),
        "change_undone": (_facts, _card, _bill, _limits),
        "renewed": (_period, _bill, _next_bill),
        "renewal_coming": (_facts, _card_needed),
        "trial_ending": (_facts, _card_needed),
        "payment_failed": (_payment,),
        "action_needed": (_payment, _confirmation),
        "transfer_instructions": (_payment, _bank_account, _payment_request),
        "payment_credited": (_wallet,),
        "refunded": (_facts, _bill),
        "card_expiring": (_facts, _next_bill, _other_card),
        "visits_near": (_visits,),
        "visits_over": (_visits,),
        "cancellation_scheduled": (_planned_change,),
        "cancelled": (_end,),
        "expired": (_end,),
    }
)
