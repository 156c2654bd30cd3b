"""The cards that the gateway keeps for our customers. We know what is printed on them, no more."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from memberships.billing.choose import gateway
from memberships.billing.gateway import Card
from memberships.models import Customer, PaymentMethod


def remember_card(*, customer: Customer, card: Card, now: datetime) -> None:
    """Keep a card for the next payment and make it the default. Call it in a transaction; locks the customer unless
    nothing is new."""
    facts = _facts(card)
    if customer.payment_methods.filter(gateway_ref=card.ref, is_default=True, **facts).exists():
        return
    Customer.objects.select_for_update().get(pk=customer.pk)
    customer.payment_methods.filter(is_default=True).exclude(gateway_ref=card.ref).update(is_default=False)
    PaymentMethod.objects.bulk_create(
        [PaymentMethod(customer=customer, gateway_ref=card.ref, **facts, is_default=True, created_at=now)],
        update_conflicts=True,
        unique_fields=["gateway_ref"],
        update_fields=[*facts, "is_default"],
    )


def remember_cards(*, cards: Sequence[tuple[Customer, Card | None]], now: datetime) -> None:
    """`remember_card` for many, in one statement as long as nothing is new, as is usual for cards that were saved."""
    customers = [customer for customer, _card in cards]
    kept = PaymentMethod.objects.filter(customer__in=customers, is_default=True)
    known = {(row.customer_id, row.gateway_ref): _facts(row) for row in kept}
    for customer, card in cards:
        if card is not None and known.get((customer.pk, card.ref)) != _facts(card):
            remember_card(customer=customer, card=card, now=now)


def reconcile_card(*, gateway_ref: str) -> str:
    """Bring a card we know in line with the gateway: a bank renews one, a customer takes one away. Answers what became
    of it, or "" when it is none of ours, which the gateway is then not asked about. Raises GatewayUnavailable."""
    known = PaymentMethod.objects.filter(gateway_ref=gateway_ref)
    if not known.exists():
        return ""
    card = gateway().look_up_card(gateway_ref)
    with transaction.atomic():
        if card is None:
            known.delete()
            return "card forgotten"
        known.update(**_facts(card))
    return "card up to date"


def _facts(card: Card | PaymentMethod) -> dict[str, str | int]:
    return {
        "brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year,
    }  # fmt: skip
