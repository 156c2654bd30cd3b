"""Collect a payment. A row is committed before every call to the gateway and carries its key, so a lost answer is asked
for again and money moves once. A saved card is charged in two steps: the charge is prepared and its reference kept,
then it is confirmed; so an attempt that was stopped is never charged."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from memberships.billing.choose import gateway, gateway_for
from memberships.billing.durable import durably
from memberships.billing.gateway import (
    CardDeclined,
    Charge,
    ChargeRequest,
    ChargeState,
    Confirmation,
    CustomerUnknown,
    GatewayRefused,
    GatewayUnavailable,
    HostedPageRequest,
)
from memberships.models import Attempt, Payment, PaymentMethod, Receipt, WalletEntry
from memberships.notices import notify
from memberships.operations.cards import remember_card, remember_cards
from memberships.operations.registration import gateway_ref_of, register_anew
from memberships.operations.surplus import credit_surplus
from memberships.signals import payment_refused, payment_settled, tell

HOSTED_PAGE_LIFETIME = timedelta(hours=1)
NOT_ACCEPTED = Charge(ref="", state=ChargeState.FAILED, captured=0, currency="")
OPEN = (Attempt.State.STARTED, Attempt.State.WAITING)
LOCKED = Attempt.objects.select_related("payment__membership__customer").select_for_update(
    of=("payment__membership", "payment", "self")
)
log = logging.getLogger(__name__)


class PaymentNotOpen(Exception):
    """The payment is paid or closed; nothing more is collected for it."""


def collect(*, payment: Payment, card: PaymentMethod | None, return_url: str, now: datetime) -> Attempt:
    """Try to collect `payment`: from `card` when given, else on the gateway's page.

    An attempt that is under way by the same means is continued. Raises PaymentNotOpen, and GatewayUnavailable or
    GatewayRefused when the gateway could not be asked; the attempt is then on record and can be continued.
    """
    if card is not None:
        return _pursue(
            payment,
            method=Attempt.Method.SAVED_CARD,
            card_ref=card.gateway_ref,
            return_url=return_url,
            now=now,
        )
    try:
        return _open_page(payment, return_url=return_url, now=now)
    except CustomerUnknown:
        return _open_page(payment, return_url=return_url, now=now)  # they are registered anew


def expect_transfer(*, payment: Payment, now: datetime) -> Attempt:
    """The customer will pay `payment` by bank transfer, or has. Raises what `collect` raises."""
    return _pursue(payment, method=Attempt.Method.BANK_TRANSFER, card_ref="", return_url="", now=now)


def advance(*, attempt: Attempt, now: datetime) -> Attempt:
    """Bring an open attempt up to date with the gateway: send it if its answer was lost, look it up otherwise.

    An attempt that the gateway does not accept has failed, so that the next try is another one; GatewayRefused goes on.
    """
    try:
        charge = _ask(attempt)
        record(attempt=attempt, charge=charge, now=now)
        if charge.state == ChargeState.PREPARED and attempt.is_open:
            record(attempt=attempt, charge=_confirm(attempt), now=now)
    except CardDeclined as refusal:
        record(attempt=attempt, charge=_declined(refusal), now=now)
    except GatewayRefused as refused:
        if isinstance(refused, CustomerUnknown):
            register_anew(attempt.payment.membership.customer)
        if attempt.state == Attempt.State.STARTED:
            record(attempt=attempt, charge=NOT_ACCEPTED, now=now)
        raise
    return attempt


def charge_together(*, attempts: Sequence[Attempt]) -> dict[int, Charge]:
    """Charge many saved cards, one after the other, whose attempts have just been written down. Answers what the
    gateway said of each, by the attempt's id; nothing of that is written down yet. Of those that it said nothing of,
    `advance` asks on."""
    prepared = {attempt.pk: charge.ref for attempt in attempts if (charge := _prepared(attempt)) is not None}
    kept = _keep(prepared)
    charges = {}
    for attempt in attempts:
        if attempt.pk in kept:
            attempt.gateway_ref = prepared[attempt.pk]
            charge = _confirmed(attempt)
            if charge is not None:
                charges[attempt.pk] = charge
    return charges


def brought_all(charge: Charge, payment: Payment) -> bool:
    """Whether `charge` is the money that `payment` asked for."""
    asked = ChargeState.SUCCEEDED, payment.amount, payment.currency
    return asked == (charge.state, charge.captured, charge.currency)


def book_together(*, charges: Mapping[int, Charge], now: datetime) -> set[int]:
    """Write down that these attempts brought what was asked for, in the transaction of a caller that holds the locks of
    their memberships. Nobody is told: the caller does at once what follows. Answers the attempts that it was written
    down of; those that others have settled, have in hand, or that a transfer came on top of, are left to `record`."""
    transfers = Receipt.objects.filter(payment=OuterRef("payment"))
    attempts = list(
        Attempt.objects.select_related("payment__membership__customer")
        .select_for_update(of=("payment", "self"), skip_locked=True)
        .filter(~Exists(transfers), pk__in=charges, state__in=OPEN, payment__state=Payment.State.OPEN)
        .order_by("pk")
    )
    booked = {attempt.pk for attempt in attempts}
    Attempt.objects.filter(pk__in=booked).update(state=Attempt.State.SUCCEEDED, finished_at=now)
    Payment.objects.filter(pk__in=[attempt.payment_id for attempt in attempts]).update(
        state=Payment.State.PAID, captured=F("amount"), settled_at=now, next_try_at=None
    )
    remember_cards(
        cards=[(attempt.payment.membership.customer, charges[attempt.pk].card) for attempt in attempts],
        now=now,
    )
    return booked


def reconcile_payment(*, payment: Payment, now: datetime) -> Payment:
    """Ask the gateway about every open attempt of `payment` and write down what it says. Safe at any time, any
    number of times. Raises GatewayUnavailable."""
    for attempt in payment.attempts.filter(state__in=OPEN):
        advance(attempt=attempt, now=now)
    payment.refresh_from_db()
    return payment


def close_payment(*, payment: Payment, now: datetime) -> Payment:
    """Make sure that `payment` can no longer be paid, or find that it has been. Raises GatewayUnavailable."""
    for attempt in payment.attempts.filter(state__in=OPEN):
        _give_up(attempt, now=now)
    with transaction.atomic():
        payment.lock()
        if payment.state == Payment.State.OPEN and not payment.attempts.filter(finished_at=None).exists():
            _settle(payment, Payment.State.CLOSED, now)
    return payment


@transaction.atomic
def record(*, attempt: Attempt, charge: Charge, now: datetime, given_up: bool = False) -> None:
    """Write down what the gateway says of `attempt`; a success pays the payment, once. Locks membership, payment,
    attempt.

    An attempt that was given up stays so, whatever came of it meanwhile, unless it was paid. It is no news that it
    brings no money, so nobody is told.
    """
    attempt.refresh_from_db(from_queryset=LOCKED)
    if attempt.state == Attempt.State.SUCCEEDED:
        return
    if attempt.state == Attempt.State.FAILED and charge.state != ChargeState.SUCCEEDED:
        return
    attempt.gateway_ref = attempt.gateway_ref or charge.ref
    attempt.url = charge.action_url or attempt.url
    match charge.state:
        case ChargeState.SUCCEEDED:
            attempt.state, attempt.finished_at = Attempt.State.SUCCEEDED, now
        case ChargeState.FAILED:
            attempt.state, attempt.finished_at = Attempt.State.FAILED, now
            attempt.refusal = charge.refusal[:240]
        case ChargeState.WAITING | ChargeState.ACTION_NEEDED:
            attempt.state = Attempt.State.WAITING
            attempt.refusal = charge.refusal[:240]
        case ChargeState.PREPARED:
            pass  # its reference is all there is to keep; no money moves before it is confirmed
    attempt.save(update_fields=["gateway_ref", "url", "state", "finished_at", "refusal"])
    if attempt.state == Attempt.State.SUCCEEDED:
        _book(attempt, charge, now)
    elif charge.state in {ChargeState.FAILED, ChargeState.ACTION_NEEDED} and not given_up:
        tell(payment_refused, Payment, payment_id=attempt.payment_id, now=now)


def _book(attempt: Attempt, charge: Charge, now: datetime) -> None:
    """The money of `charge` is ours: it pays the payment. Another amount than was asked for pays nothing; it goes to
    the wallet, and the payment is closed."""
    payment = attempt.payment
    if charge.card:
        remember_card(customer=payment.membership.customer, card=charge.card, now=now)
    if brought_all(charge, payment):
        payment.captured = charge.captured
        _settle(payment, Payment.State.PAID, now)
        return
    told = f"captured {charge.captured} {charge.currency}, asked for {payment.amount} {payment.currency}"
    log.error("payment %s, attempt %s: %s", payment.uid, attempt.uid, told)
    attempt.refusal = told
    attempt.save(update_fields=["refusal"])
    if charge.currency == payment.currency and charge.captured:
        entry = WalletEntry.objects.create(
            membership=payment.membership,
            amount=charge.captured,
            reason=WalletEntry.Reason.MISMATCH,
            note=told,
            reference=f"attempt-{attempt.uid}",
            created_at=now,
        )
        notify(payment.membership, "payment_credited", reference=entry.reference, now=now)
    _settle(payment, Payment.State.CLOSED, now)


def _settle(payment: Payment, state: Payment.State, now: datetime) -> None:
    """Pay or close `payment`, whose membership is locked too, and tell."""
    payment.state, payment.settled_at, payment.next_try_at = state, now, None
    payment.save(update_fields=["state", "captured", "settled_at", "next_try_at"])
    credit_surplus(payment=payment, now=now)
    tell(payment_settled, Payment, payment_id=payment.pk, now=now)


def _open_page(payment: Payment, *, return_url: str, now: datetime) -> Attempt:
    return _pursue(payment, method=Attempt.Method.HOSTED_PAGE, card_ref="", return_url=return_url, now=now)


def _pursue(
    payment: Payment, *, method: Attempt.Method, card_ref: str, return_url: str, now: datetime
) -> Attempt:
    """Continue the attempt that is under way by these means, or make one. One by other means ends first; so does one
    that waits for its customer when they are here: only a new one can send them back to `return_url`."""
    under_way = payment.attempts.filter(state__in=OPEN).first()
    if under_way is not None:
        is_by_other_means = (under_way.method, under_way.card_ref) != (method, card_ref)
        if is_by_other_means or (under_way.asks_customer and return_url):
            _give_up(under_way, now=now)
    with durably():
        attempt = _open_attempt(payment, method=method, card_ref=card_ref, return_url=return_url, now=now)
    if attempt.gateway_ref and attempt.url:
        return attempt
    return advance(attempt=attempt, now=now)


def _open_attempt(
    payment: Payment, *, method: Attempt.Method, card_ref: str, return_url: str, now: datetime
) -> Attempt:
    """The one attempt that is open now, under the payment's lock. Raises PaymentNotOpen."""
    payment.refresh_from_db(from_queryset=Payment.objects.select_for_update())
    if payment.state != Payment.State.OPEN:
        raise PaymentNotOpen(f"Payment {payment.uid} is {payment.state}.")
    under_way = payment.attempts.filter(state__in=OPEN).first()
    if under_way is not None:
        return under_way
    return payment.attempts.create(
        number=payment.attempts.count() + 1,
        method=method,
        card_ref=card_ref,
        return_url=return_url,
        started_at=now,
    )


def _ask(attempt: Attempt) -> Charge:
    """Ask the gateway for what the row says. Every figure comes from the row, so a repeated call is the same call."""
    if attempt.gateway_ref:
        return gateway_for(attempt.method).look_up(attempt.gateway_ref)
    payment = attempt.payment
    by_transfer = attempt.method == Attempt.Method.BANK_TRANSFER
    customer_ref = "" if by_transfer else gateway_ref_of(payment.membership.customer)
    if attempt.method == Attempt.Method.SAVED_CARD:
        return gateway().prepare_charge(
            ChargeRequest(
                key=str(attempt.uid),
                customer_ref=customer_ref,
                card_ref=attempt.card_ref,
                amount=payment.amount,
                currency=payment.currency,
                description=payment.purpose,
            )
        )
    page = gateway_for(attempt.method).open_hosted_page(
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


def _confirm(attempt: Attempt) -> Charge:
    return gateway().confirm_charge(
        Confirmation(
            ref=attempt.gateway_ref, key=f"{attempt.uid}-confirm", return_url=attempt.return_url or None
        )
    )


def _prepared(attempt: Attempt) -> Charge | None:
    try:
        charge = _ask(attempt)
    except (GatewayUnavailable, GatewayRefused):
        return None
    return charge if charge.state == ChargeState.PREPARED else None


def _keep(refs: Mapping[int, str]) -> set[int]:
    """Commit the references of what was prepared. Answers the attempts that may be confirmed: not those that somebody
    has given up meanwhile."""
    with durably():
        attempts = list(
            Attempt.objects.select_for_update()
            .filter(pk__in=refs, state=Attempt.State.STARTED, gateway_ref="")
            .order_by("pk")
        )
        for attempt in attempts:
            attempt.gateway_ref = refs[attempt.pk]
        Attempt.objects.bulk_update(attempts, ["gateway_ref"])
    return {attempt.pk for attempt in attempts}


def _confirmed(attempt: Attempt) -> Charge | None:
    try:
        return _confirm(attempt)
    except CardDeclined as refusal:
        return _declined(refusal)
    except (GatewayUnavailable, GatewayRefused):
        return None


def _declined(refusal: CardDeclined) -> Charge:
    return Charge(ref=refusal.ref, state=ChargeState.FAILED, captured=0, currency="", refusal=refusal.message)


def _give_up(attempt: Attempt, *, now: datetime) -> None:
    """Close an attempt at the gateway, whichever way it ends."""
    if not _abandoned(attempt, now=now):
        charge = gateway_for(attempt.method).close(attempt.gateway_ref)
        record(attempt=attempt, charge=charge, now=now, given_up=True)


@transaction.atomic
def _abandoned(attempt: Attempt, *, now: datetime) -> bool:
    """Close an attempt whose reference never reached us without asking: its page was shown to nobody, its charge is
    not confirmed and no longer can be. False when the gateway must be asked."""
    attempt.refresh_from_db(from_queryset=LOCKED)
    if attempt.is_open and not attempt.gateway_ref:
        attempt.state, attempt.finished_at = Attempt.State.FAILED, now
        attempt.save(update_fields=["state", "finished_at"])
    return not attempt.is_open
