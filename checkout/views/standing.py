"""How a membership stands when it is not simply running: an open bill, or its end. What the owner can do about it, and
what becomes of the sites."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.network.live import network
from checkout.models import Order
from memberships.models import Membership
from memberships.policies import dunning
from products import pricing
from products.date_display import day
from products.money_display import format_money
from sites.policies.access import grace_ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What `components/standing.html` shows. `bill` is the order to be paid and `amount` what it asks for; None and
    empty for a membership that has ended."""

    tone: str
    title: str
    sentences: tuple[str, ...]
    bill: UUID | None = None
    amount: str = ""


def standing_of(membership: Membership, *, now: datetime) -> Standing | None:
    """None while there is nothing to tell: in a trial, and as long as everything is paid. One query at most."""
    if membership.state == Membership.State.PAST_DUE:
        return _overdue(membership)
    return _over(membership, now=now) if membership.ended_at is not None else None


def what_becomes_of_sites(*, ended_at: datetime, now: datetime) -> str:
    """In one sentence, for sites whose membership ends at `ended_at`, or did."""
    notice_at = grace_ends_at(ended_at=ended_at, grace_days=network.grace_days)
    date = {"date": day(notice_at)}
    if now >= notice_at:
        return _("Your sites are read-only for you, and visitors see a notice instead of them.")
    if now >= ended_at:
        return _("Your sites are read-only; visitors see them until %(date)s, and then a notice.") % date
    return _("Your sites are then read-only; visitors see them until %(date)s, and then a notice.") % date


def _overdue(membership: Membership) -> Standing | None:
    order = (
        Order.objects.open()
        .select_related("payment")
        .filter(membership=membership, kind=pricing.Kind.RENEWAL)
        .first()
    )
    if order is None or order.payment is None or membership.past_due_since is None:
        return None
    expires_at = dunning.expires_at(past_due_since=membership.past_due_since, days=network.expire_after_days)
    sentences = [
        _("Your membership expires on %(date)s unless it is paid.") % {"date": day(expires_at)},
    ]
    has_card = membership.customer.payment_methods.filter(is_default=True).exists()
    if order.payment.next_try_at is not None and has_card:
        sentences.append(
            _("Your card is charged again on %(date)s.") % {"date": day(order.payment.next_try_at)}
        )
    amount = format_money(order.payment.amount, order.payment.currency)
    return Standing(
        tone="bad",
        title=_("A bill of %(amount)s is unpaid") % {"amount": amount},
        sentences=tuple(sentences),
        bill=order.uid,
        amount=amount,
    )


def _over(membership: Membership, *, now: datetime) -> Standing:
    assert membership.ended_at is not None, "an ended membership says since when"
    title = (
        _("Your membership expired on %(date)s")
        if membership.state == Membership.State.EXPIRED
        else _("Your membership ended on %(date)s")
    )
    return Standing(
        tone="warn",
        title=title % {"date": day(membership.ended_at)},
        sentences=(
            what_becomes_of_sites(ended_at=membership.ended_at, now=now),
            _("Everything is kept: come back, and it is as it was."),
        ),
    )
