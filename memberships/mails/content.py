"""What each kind of mail says: the rows behind a notice, as texts and amounts for its templates."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.network.live import network
from memberships.bills import bill_of
from memberships.models import (
    Attempt,
    Invoice,
    Membership,
    Notice,
    PaymentMethod,
    PriceCampaign,
    ScheduledChange,
    ScheduledItem,
)
from memberships.notices import reader_of
from memberships.operations.entitlements import entitlements
from memberships.operations.next_bill import next_bill
from memberships.parties import spaced
from memberships.signals import letter_asked
from memberships.story import headline, intent
from products.limit_display import format_limit, shown_limits
from products.limits import Kind, Limits
from products.models.limit import LABELS
from products.money_display import format_money, format_price

Content = dict[str, Any]
Part = Callable[[Notice], Content]


def content_of(notice: Notice) -> Content:
    """The words of a mail, in the active language, for `mail/<kind>.txt` and `mail/<kind>.html`. What apps above know
    beside that is left out when they fail."""
    content = _always(notice)
    for part in PARTS[notice.kind]:
        content |= part(notice)
    for _receiver, more in letter_asked.send_robust(Notice, notice=notice):
        content |= more if isinstance(more, dict) else {}
    return content


def invoice_of(notice: Notice) -> Invoice | None:
    """The bill or credit note that the mail shows."""
    if _bill not in PARTS[notice.kind]:
        return None
    return Invoice.objects.filter(reference=_reference(notice)).prefetch_related("lines").first()


def _reference(notice: Notice) -> str:
    return notice.repeats.reference if notice.repeats else notice.reference


def _always(notice: Notice) -> Content:
    membership, reader = notice.membership, reader_of(notice)
    account_url = f"{settings.NETWORK_ORIGIN}/account/{membership.uid}/"
    return {
        "network_name": network.network_name,
        "name": reader.user.name or reader.company,
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
        "undo_hours": network.undo_hours if told.kind == "upgrade" else 0,
    }


def _limits(notice: Notice) -> Content:
    """What may be used; after a change beside what might be before."""
    before = notice.facts.get("limits_before")
    return {
        "limits": shown_limits(
            after=entitlements(notice.membership),
            before=None if before is None else Limits.from_json(before),
        )
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
        "grace_days": network.grace_days,
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
        "holder": network.seller_name,
        "iban": spaced(network.seller_iban),
        "bic": network.seller_bic,
    }


def _confirmation(_notice: Notice) -> Content:
    return {"action_label": _("Confirm the payment")}


def _payment_request(_notice: Notice) -> Content:
    return {"action_label": _("Open the payment request")}


def _ordered(notice: Notice) -> Content:
    """What staff ordered for a customer, who is to pay it."""
    return {"what": intent(**notice.facts["change"]), "until": datetime.fromisoformat(notice.facts["until"])}


def _passed_on(notice: Notice) -> Content:
    """The way to what is theirs still, or else to the network."""
    return {
        "sites": notice.facts["sites"],
        "action_url": f"{settings.NETWORK_ORIGIN}/account/",
        "action_label": _("Open your Account page"),
    }


def _taken_over(notice: Notice) -> Content:
    balance = notice.membership.wallet_entries.balance()
    return {
        "sites": notice.facts["sites"],
        "wallet": format_money(balance, notice.membership.currency) if balance else "",
        **_card_needed(notice),
    }


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


def _price_change(notice: Notice) -> Content:
    """Which price becomes which, from when, and the first bill that asks the new one as far as it is known."""
    about = PriceCampaign.objects.select_related("from_price__product").get(pk=notice.facts["campaign"])
    old, new = about.from_price, copy(about.from_price)
    new.amount = about.amount
    known = notice.facts.get("amount") is not None
    return {
        "product": about.from_price.product.name,
        "old_price": format_price(old),
        "new_price": format_price(new),
        "starts_at": about.starts_at,
        "message": about.message,
        "bill_at": datetime.fromisoformat(notice.facts["at"]) if known else None,
        "bill_amount": _amount(notice),
    }


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
        **_upgrade(notice),
    }


def _over_limit(notice: Notice) -> Content:
    """Which limit a site has passed, and when it counts anew by itself."""
    facts = _facts(notice)
    kind = Kind(facts["limit"])
    return {
        "site": facts["site"],
        "limit": str(LABELS[kind]),
        "allowed": format_limit(kind, facts["allowed"]),
        "at": facts["at"],
        **_upgrade(notice),
    }


def _upgrade(notice: Notice) -> Content:
    return {"action_url": f"{_always(notice)['account_url']}change/", "action_label": _("Upgrade")}


def _amount(notice: Notice) -> str:
    return format_money(notice.facts.get("amount") or 0, notice.membership.currency)


def _end(notice: Notice) -> Content:
    """Since when a membership is over, and until when visitors see its sites."""
    ended_at = notice.membership.ended_at or notice.created_at
    return {
        "ended_at": ended_at,
        "shown_until": ended_at + timedelta(days=network.grace_days) if network.grace_days else None,
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
        "price_change": (_price_change,),
        "price_stays": (_price_change,),
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
        "visitors_see_notice": (_over_limit,),
        "change_to_pay": (_payment, _ordered),
        "extended": (_facts, _next_bill),
        "passed_on": (_passed_on,),
        "taken_over": (_taken_over, _next_bill),
        "cancellation_scheduled": (_planned_change,),
        "cancelled": (_end,),
        "expired": (_end,),
    }
)
