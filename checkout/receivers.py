"""What news from below makes checkout do. Each reaction also has a sweep (`checkout.tasks`)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from checkout.models import Order
from checkout.operations.bills import follow_up
from checkout.operations.fulfil import fulfil
from checkout.operations.pay import drop
from checkout.operations.sign_up import make_waiting_sites
from checkout.operations.what_stays_told import words_for
from memberships.models import Membership, Notice, Payment
from memberships.signals import entitlements_changed, letter_asked, payment_refused, payment_settled


@receiver(payment_settled)
def fulfil_the_paid_order(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    payment_id: int,
    now: datetime,
    **_: Any,
) -> None:
    order = Order.objects.filter(payment_id=payment_id).first()
    if order is not None:
        fulfil(order=order, now=now)


@receiver(payment_refused)
def follow_up_the_unpaid_bill(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    payment_id: int,
    now: datetime,
    **_: Any,
) -> None:
    order = Order.objects.open().filter(payment_id=payment_id).first()
    if order is not None:
        follow_up(order=order, now=now)


@receiver(entitlements_changed)
def drop_what_an_ended_membership_waited_for(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    membership_id: int,
    now: datetime,
    **_: Any,
) -> None:
    closed = Order.objects.open().filter(
        membership=membership_id,
        membership__state__in=Membership.ENDED,
        payment__state=Payment.State.CLOSED,
    )
    for order in closed:
        drop(order=order, state=Order.State.CANCELLED, now=now)


@receiver(entitlements_changed)
def make_the_site_that_was_signed_up_for(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    membership_id: int,
    now: datetime,
    **_: Any,
) -> None:
    make_waiting_sites(membership_id=membership_id, now=now)


@receiver(letter_asked)
def name_what_no_longer_fits(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    notice: Notice,
    **_: Any,
) -> dict[str, Any]:
    with transaction.atomic():  # a site that cannot be read must not keep a mail from being written
        return words_for(notice, now=notice.created_at)
