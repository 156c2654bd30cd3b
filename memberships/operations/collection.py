"""Collect a payment. A row is committed before every call to the gateway and carries its key, so a lost answer is asked
for again and money moves once."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid5

from django.db import transaction

from memberships.billing.choose import gateway
from memberships.billing.gateway import (
    Card,
    CardDeclined,
    Charge,
    ChargeRequest,
    ChargeState,
    GatewayRefused,
    HostedPageRequest,
)
from memberships.models import Attempt, Customer, Payment, PaymentMethod
from memberships.signals import payment_settled

HOSTED_PAGE_LIFETIME = timedelta(hours=1)
NOTHING = Charge(ref="", state=ChargeState.FAILED, captured=0, currency="")
log = logging.getLogger(__name__)


class PaymentNotOpen(Exception):
    """The payment is paid or closed; nothing more is collected for it."""


def collect(*, payment: Payment, card: PaymentMethod | None, return_url: str, now: datetime) -> Attempt:
    """Try to collect `payment`: from `card` when given, else on the gateway's page.

    An attempt that is under way by the same means is continued. Raises PaymentNotOpen, and GatewayUnavailable or
    GatewayRefused when the gateway could not be asked; the attempt is then on record and can be continued.
    """
    method = Attempt.Method.SAVED_CARD if card else Attempt.Method.HOSTED_PAGE
    means = (method, card.gateway_ref if card else "")
    under_way = payment.attempts.filter(state__in=[Attempt.State.STARTED, Attempt.State.WAITING]).first()
    if under_way is not None and (under_way.method, under_way.card_ref) != means:
        _give_up(under_way, now=now)
    with transaction.atomic(durable=True):
        attempt = _open_attempt(payment, method=method, card=card, return_url=return_url, now=now)
    if attempt.gateway_ref and attempt.url:
        return attempt
    return advance(attempt=attempt, now=now)


def advance(*, attempt: Attempt, now: datetime) -> Attempt:
    """Bring an open attempt up to date with the gateway: send it if its answer was lost, look it up otherwise.

    An attempt that the gateway does not accept has failed, so that the next try is another one; GatewayRefused goes on.
    """
    try:
        charge = gateway().look_up(attempt.gateway_ref) if attempt.gateway_ref else _send(attempt)
    except CardDeclined as refusal:
        charge = Charge(
            ref=refusal.ref, state=ChargeState.FAILED, captured=0, currency="", refusal=refusal.message
        )
    except GatewayRefused:
        if not attempt.gateway_ref:
            record(attempt=attempt, charge=NOTHING, now=now)
        raise
    record(attempt=attempt, charge=charge, now=now)
    return attempt


def reconcile_payment(*, payment: Payment, now: datetime) -> Payment:
    """Ask the gateway about every open attempt of `payment` and write down what it says. Safe at any time, any
    number of times. Raises GatewayUnavailable."""
    for attempt in payment.attempts.filter(state__in=[Attempt.State.STARTED, Attempt.State.WAITING]):
        advance(attempt=attempt, now=now)
    payment.refresh_from_db()
    return payment


def close_payment(*, payment: Payment, now: datetime) -> Payment:
    """Make sure that `payment` can no longer be paid, or find that it has been. Raises GatewayUnavailable."""
    for attempt in payment.attempts.filter(state__in=[Attempt.State.STARTED, Attempt.State.WAITING]):
        _give_up(attempt, now=now)
    with transaction.atomic():
        payment.refresh_from_db(from_queryset=Payment.objects.select_for_update())
        if payment.state == Payment.State.OPEN and not payment.attempts.filter(finished_at=None).exists():
            payment.state, payment.settled_at = Payment.State.CLOSED, now
            payment.save(update_fields=["state", "settled_at"])
            _tell(payment, now)
    return payment


@transaction.atomic
def record(*, attempt: Attempt, charge: Charge, now: datetime) -> None:
    """Write down what the gateway says of `attempt`; a success pays the payment, once. Locks payment, then attempt.

    An attempt that was given up stays so, whatever came of it meanwhile, unless it was paid.
    """
    payment = Payment.objects.select_for_update().get(pk=attempt.payment_id)
    attempt.refresh_from_db(from_queryset=Attempt.objects.select_for_update())
    if attempt.state == Attempt.State.SUCCEEDED:
        return
    if attempt.state == Attempt.State.FAILED and charge.state != ChargeState.SUCCEEDED:
        return
    attempt.gateway_ref = attempt.gateway_ref or charge.ref
    attempt.url = charge.action_url or attempt.url
    match charge.state:
        case ChargeState.SUCCEEDED:
            if (charge.captured, charge.currency) != (payment.amount, payment.currency):
                log.error(
                    "payment %s: the gateway captured %s %s, we asked for %s %s",
                    payment.uid, charge.captured, charge.currency, payment.amount, payment.currency,
                )  # fmt: skip
                attempt.save(update_fields=["gateway_ref", "url"])
                return
            attempt.state, attempt.finished_at = Attempt.State.SUCCEEDED, now
            payment.state, payment.captured, payment.settled_at = Payment.State.PAID, charge.captured, now
            payment.save(update_fields=["state", "captured", "settled_at"])
            if charge.card:
                remember_card(customer=payment.membership.customer, card=charge.card, now=now)
            _tell(payment, now)
        case ChargeState.FAILED:
            attempt.state, attempt.finished_at = Attempt.State.FAILED, now
            attempt.refusal = charge.refusal[:240]
        case ChargeState.WAITING | ChargeState.ACTION_NEEDED:
            attempt.state = Attempt.State.WAITING
    attempt.save(update_fields=["gateway_ref", "url", "state", "finished_at", "refusal"])


def remember_card(*, customer: Customer, card: Card, now: datetime) -> PaymentMethod:
    """Keep a card for the next payment and make it the default."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    customer.payment_methods.filter(is_default=True).exclude(gateway_ref=card.ref).update(is_default=False)
    method, _ = PaymentMethod.objects.update_or_create(
        gateway_ref=card.ref,
        defaults={
            "customer": customer,
            "brand": card.brand,
            "last4": card.last4,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "is_default": True,
        },
        create_defaults={
            "customer": customer,
            "brand": card.brand,
            "last4": card.last4,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "is_default": True,
            "created_at": now,
        },
    )
    return method


def _tell(payment: Payment, now: datetime) -> None:
    transaction.on_commit(partial(payment_settled.send_robust, Payment, payment_id=payment.pk, now=now))


def _open_attempt(
    payment: Payment, *, method: str, card: PaymentMethod | None, return_url: str, now: datetime
) -> Attempt:
    payment.refresh_from_db(from_queryset=Payment.objects.select_for_update())
    if payment.state != Payment.State.OPEN:
        raise PaymentNotOpen(f"Payment {payment.uid} is {payment.state}.")
    under_way = payment.attempts.filter(state__in=[Attempt.State.STARTED, Attempt.State.WAITING]).first()
    if under_way is not None:
        return under_way
    return payment.attempts.create(
        number=payment.attempts.count() + 1,
        method=method,
        card_ref=card.gateway_ref if card else "",
        return_url=return_url,
        started_at=now,
    )


def _send(attempt: Attempt) -> Charge:
    """Ask the gateway for what the row says. Every figure comes from the row, so a repeated call is the same call."""
    payment = attempt.payment
    customer_ref = _gateway_customer(payment.membership.customer)
    if attempt.method == Attempt.Method.SAVED_CARD:
        return gateway().charge_saved_card(
            ChargeRequest(
                key=str(attempt.uid),
                customer_ref=customer_ref,
                card_ref=attempt.card_ref,
                amount=payment.amount,
                currency=payment.currency,
                description=payment.purpose,
                return_url=attempt.return_url or None,
            )
        )
    page = gateway().open_hosted_page(
        HostedPageRequest(
            key=str(attempt.uid),
            customer_ref=customer_ref,
            amount=payment.amount,
            currency=payment.currency,
            description=payment.purpose,
            success_url=attempt.return_url,
            cancel_url=attempt.return_url,
            expires_at=attempt.started_at + HOSTED_PAGE_LIFETIME,
        )
    )
    return Charge(
        ref=page.ref, state=ChargeState.WAITING, captured=0, currency=payment.currency, action_url=page.url
    )


def _give_up(attempt: Attempt, *, now: datetime) -> None:
    """Close an attempt at the gateway, whichever way it ends. A page whose address never reached us was shown
    to nobody; a saved card's lost answer is asked for first, since it may have been charged."""
    if not attempt.gateway_ref and attempt.method == Attempt.Method.HOSTED_PAGE:
        charge = NOTHING
    else:
        if not attempt.gateway_ref:
            with suppress(GatewayRefused):
                advance(attempt=attempt, now=now)
        if not attempt.is_open:
            return
        charge = gateway().close(attempt.gateway_ref)
    record(attempt=attempt, charge=charge, now=now)


def _gateway_customer(customer: Customer) -> str:
    """The gateway's reference of `customer`, registering them the first time."""
    if not customer.gateway_ref:
        email, name = customer.user.email, str(customer)
        key = uuid5(customer.uid, f"{email}\n{name}")  # the same key goes with the same words only
        ref = gateway().create_customer(key=str(key), email=email, name=name)
        Customer.objects.filter(pk=customer.pk, gateway_ref="").update(gateway_ref=ref)
        customer.refresh_from_db(fields=["gateway_ref"])
    return customer.gateway_ref
