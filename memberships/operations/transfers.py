"""Payments by bank transfer: what the customer is told, and what staff enter when money has arrived."""

import logging
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.network.live import network
from memberships.billing.durable import durably
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Payment, Receipt
from memberships.operations.collection import PaymentNotOpen, advance, expect_transfer
from memberships.operations.surplus import credit_surplus

log = logging.getLogger(__name__)


class ReceiptDiffers(Exception):
    """This transaction of the bank was entered before, with another amount. `known` is how."""

    def __init__(self, known: Receipt) -> None:
        super().__init__(f"{known.bank_reference} was entered as {known.amount}.")
        self.known = known


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferInstructions:
    """What to write on a transfer. `amount` is what is still missing, in minor units of `currency`."""

    holder: str
    iban: str
    bic: str
    reference: str
    amount: int
    currency: str


def transfers_are_offered() -> bool:
    return bool(network.seller_iban)


def transfer_instructions(payment: Payment) -> TransferInstructions:
    return TransferInstructions(
        holder=network.seller_name,
        iban=network.seller_iban,
        bic=network.seller_bic,
        reference=payment.reference,
        amount=max(payment.amount - payment.receipts.total(), 0),
        currency=payment.currency,
    )


def record_receipt(
    *,
    payment: Payment,
    amount: int,
    received_at: datetime,
    bank_reference: str,
    actor: User | None,
    now: datetime,
) -> Receipt:
    """Enter `amount` minor units that have arrived for `payment`; the same transaction of the bank counts once.

    Receipts add up, and pay once they reach the amount. What is more, and what arrives for a payment that is over, goes
    to the wallet. Raises ReceiptDiffers.
    """
    with durably():
        payment.lock()
        known = payment.receipts.filter(bank_reference=bank_reference).first()
        if known is not None and known.amount != amount:
            raise ReceiptDiffers(known)
        receipt = known or payment.receipts.create(
            amount=amount, received_at=received_at, bank_reference=bank_reference, actor=actor, created_at=now
        )
        if payment.state != Payment.State.OPEN:
            credit_surplus(payment=payment, now=now)
    try:
        pay_from_receipts(payment=payment, now=now)
    except GatewayUnavailable as error:
        log.warning("payment %s: the gateway is unavailable, the sweep goes on: %s", payment.uid, error)
    return receipt


def pay_from_receipts(*, payment: Payment, now: datetime) -> Payment:
    """Pay `payment` by transfer if enough has arrived, whatever other way to pay was under way. Safe any number of
    times. Raises GatewayUnavailable."""
    if payment.state == Payment.State.OPEN and payment.receipts.total() >= payment.amount:
        try:
            attempt = expect_transfer(payment=payment, now=now)
            if attempt.is_open:
                advance(attempt=attempt, now=now)
        except PaymentNotOpen:
            pass  # it was paid otherwise; what arrived went to the wallet then
        payment.refresh_from_db()
    return payment
