"""The bills of renewals: charged to the saved card on the days of the schedule, told of while they stay unpaid, and
given up in the end."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.network.live import network
from checkout.links import pay_link
from checkout.models import Order
from checkout.operations.fulfil import fulfil, reference_of
from checkout.operations.fulfil_together import Paid, Plain, fulfil_together
from checkout.operations.pay import give_up
from memberships.billing.durable import durably
from memberships.billing.gateway import Charge, GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Membership, Payment, PaymentMethod
from memberships.notices import facts_of, notify
from memberships.operations import lifecycle
from memberships.operations.collection import advance, brought_all, charge_together, record
from memberships.policies import dunning
from products import pricing

log = logging.getLogger(__name__)


def collect_bills(
    *, payment_ids: Sequence[int], now: datetime, renewals: Mapping[int, Plain] | None = None
) -> dict[int, Order]:
    """Try the saved cards for those of these bills whose next try has come, each once, and do what follows. `renewals`
    are those of their orders, by id, that are carried out together. Answers the orders of the bills that were tried.

    The try and when the one after it comes are committed before the gateway is called, so a run that dies is not
    repeated: the sweep of payments asks what became of it.
    """
    begun = _begin(payment_ids, now)
    charges = charge_together(attempts=[attempt for _order, attempt in begun if attempt is not None])
    done = fulfil_together(paid=list(_plainly_paid(begun, charges, renewals or {})), now=now)
    for order, attempt in begun:
        if order.pk in done:
            continue
        if attempt is not None:
            _charge(attempt, charges.get(attempt.pk), now)
        done[order.pk] = fulfil(order=order, now=now)
        follow_up(order=done[order.pk], now=now)
    return done


def follow_up(*, order: Order, now: datetime) -> None:
    """What follows from a bill that was tried and is not paid: the membership is past due, and the customer is told,
    with a link to pay, once a try. Nothing as long as the bank has not answered. Any number of times is once."""
    if order.state != Order.State.OPEN or order.kind != pricing.Kind.RENEWAL:
        return
    with transaction.atomic():
        membership = Membership.objects.select_related("customer__user").get(pk=order.membership_id)
        membership.lock()
        order.refresh_from_db()
        payment = order.payment
        if order.state != Order.State.OPEN or payment is None:
            return
        tries = list(payment.attempts.filter(method=Attempt.Method.SAVED_CARD, return_url=""))
        if _is_under_way(payment, tries, now):
            return
        payment.failed_tries = sum(attempt.state == Attempt.State.FAILED for attempt in tries)
        payment.save(update_fields=["failed_tries"])
        asks = bool(tries) and tries[-1].asks_customer
        reason = "no card" if not tries else "confirmation needed" if asks else "declined"
        membership.move(Membership.State.PAST_DUE, now=now, reason=reason)
        kind = "action_needed" if asks else "payment_failed"
        _tell(order, payment, membership, kind=kind, tries=len(tries), now=now)


def expire_overdue(*, membership_id: int, now: datetime) -> bool:
    """End a membership whose bill has been overdue for too long. The bill is closed at the gateway first; if it turns
    out to be paid, the membership is renewed instead. True when it has expired. Raises GatewayUnavailable."""
    membership = Membership.objects.select_related("customer__user").get(pk=membership_id)
    since = membership.past_due_since
    if since is None or now < dunning.expires_at(past_due_since=since, days=network.expire_after_days):
        return False
    for order in Order.objects.open().filter(membership=membership):
        give_up(order=order, state=Order.State.EXPIRED, now=now)
    return lifecycle.expire(membership=membership, now=now)


def _begin(payment_ids: Sequence[int], now: datetime) -> list[tuple[Order, Attempt | None]]:
    """Write down, for each bill whose try has come and that nobody else has in hand, the attempt to be made; None where
    there is no card to charge. A try waits until what the customer has begun is over."""
    with durably():
        orders = (
            Order.objects.open()
            .select_related("membership__customer__user", "payment")
            .select_for_update(of=("membership", "self", "payment"), skip_locked=True)
            .filter(payment__in=payment_ids, payment__state=Payment.State.OPEN, payment__next_try_at__lte=now)
            .order_by("membership_id")
        )
        bills = [(order, order.payment) for order in orders if order.payment is not None]
        before = _attempts_of([payment for _order, payment in bills])
        cards = _cards_of([order.membership for order, _payment in bills])
        begun: list[tuple[Order, Attempt | None]] = []
        for order, payment in bills:
            payment.membership = order.membership
            under_way = next((attempt for attempt in before[payment.pk] if attempt.is_open), None)
            if under_way is not None and not under_way.asks_customer:
                continue
            payment.next_try_at = dunning.next_try(
                billed_at=payment.created_at, now=now, days=network.dunning_days
            )
            card = cards.get(order.membership.customer_id) if under_way is None else None
            begun.append((order, _attempt(payment, card, number=len(before[payment.pk]) + 1, now=now)))
        _move_on([order.payment for order, _attempt in begun if order.payment is not None])
        Attempt.objects.bulk_create([attempt for _order, attempt in begun if attempt is not None])
    return begun


def _move_on(payments: Sequence[Payment]) -> None:
    """Write down when each is tried next; of bills made together that is the same moment."""
    at: dict[datetime | None, list[int]] = defaultdict(list)
    for payment in payments:
        at[payment.next_try_at].append(payment.pk)
    for next_try_at, keys in at.items():
        Payment.objects.filter(pk__in=keys).update(next_try_at=next_try_at)


def _attempts_of(payments: Sequence[Payment]) -> Mapping[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(payment__in=payments):
        found[attempt.payment_id].append(attempt)
    return found


def _cards_of(memberships: Sequence[Membership]) -> Mapping[int, PaymentMethod]:
    """The card that each customer's bills are charged to, by customer."""
    customers = [membership.customer_id for membership in memberships]
    cards = PaymentMethod.objects.filter(customer__in=customers, is_default=True)
    return {card.customer_id: card for card in cards}


def _attempt(payment: Payment, card: PaymentMethod | None, *, number: int, now: datetime) -> Attempt | None:
    if card is None:
        return None
    return Attempt(
        payment=payment,
        number=number,
        method=Attempt.Method.SAVED_CARD,
        card_ref=card.gateway_ref,
        started_at=now,
    )


def _plainly_paid(
    begun: Sequence[tuple[Order, Attempt | None]],
    charges: Mapping[int, Charge],
    renewals: Mapping[int, Plain],
) -> Iterator[Paid]:
    for order, attempt in begun:
        if attempt is None or attempt.pk not in charges or order.pk not in renewals:
            continue
        charge = charges[attempt.pk]
        if brought_all(charge, attempt.payment):
            yield Paid(order=order, attempt_id=attempt.pk, charge=charge, renewal=renewals[order.pk])


def _charge(attempt: Attempt, charge: Charge | None, now: datetime) -> None:
    """Write down what the gateway has said, or ask on."""
    try:
        if charge is not None:
            record(attempt=attempt, charge=charge, now=now)
        else:
            advance(attempt=attempt, now=now)
    except GatewayUnavailable as error:
        log.warning(
            "payment %s: the gateway is unavailable, the sweep asks again: %s", attempt.payment_id, error
        )
    except GatewayRefused as error:
        log.error("payment %s: the gateway refused the charge: %s", attempt.payment_id, error)  # noqa: TRY400 -- it says all


def _is_under_way(payment: Payment, tries: Sequence[Attempt], now: datetime) -> bool:
    """Whether the answer to the last try, or the next try itself, is still to come."""
    if tries and tries[-1].is_open and not tries[-1].asks_customer:
        return True
    return payment.next_try_at is not None and payment.next_try_at <= now


def _tell(
    order: Order, payment: Payment, membership: Membership, *, kind: str, tries: int, now: datetime
) -> None:
    day = dunning.number_of_try(billed_at=payment.created_at, now=now, days=network.dunning_days)
    reference = f"{reference_of(order)}-{tries}-{day}"
    if membership.notices.filter(kind=kind, reference=reference).exists():
        return
    assert membership.past_due_since is not None, "a membership whose bill is unpaid is past due"
    facts = facts_of(
        payment,
        pay_url=pay_link(order),
        expires_at=dunning.expires_at(
            past_due_since=membership.past_due_since, days=network.expire_after_days
        ),
    )
    notify(membership, kind, reference=reference, now=now, facts=facts)
