"""What Stripe's objects say, in the words of our port."""

import json
from datetime import UTC, datetime

import stripe
from stripe.checkout import Session

from memberships.billing.gateway import (
    Card,
    CardPage,
    Charge,
    ChargeState,
    GatewayEvent,
    RefundAnswer,
    RefundState,
)

ASKS_CUSTOMER = "authentication_required"  # of a charge made while the customer was away


def charge_of_session(session: Session) -> Charge:
    """A hosted page is paid, still payable, or closed; a declined card leaves it payable. Needs its payment intent
    expanded, with its payment method and latest charge."""
    currency = (session.currency or "").upper()
    if session.payment_status == "paid":
        intent = session.payment_intent
        assert isinstance(intent, stripe.PaymentIntent), "the payment intent is always expanded"
        return _succeeded(session.id, intent)
    if session.status == "expired":
        return Charge(ref=session.id, state=ChargeState.FAILED, captured=0, currency=currency)
    return Charge(
        ref=session.id, state=ChargeState.WAITING, captured=0, currency=currency, action_url=session.url or ""
    )


def charge_of_intent(intent: stripe.PaymentIntent) -> Charge:
    """Needs the payment method and the latest charge expanded."""
    if intent.status == "succeeded":
        return _succeeded(intent.id, intent)
    state, action_url, refusal = ChargeState.WAITING, "", ""
    match intent.status:
        case "requires_confirmation":
            state = ChargeState.PREPARED
        case "requires_action":
            redirect = intent.next_action.redirect_to_url if intent.next_action else None
            state, action_url = ChargeState.ACTION_NEEDED, (redirect.url or "") if redirect else ""
        case "canceled" | "requires_payment_method":
            error = intent.last_payment_error
            asks = intent.status != "canceled" and error is not None and error.code == ASKS_CUSTOMER
            state = ChargeState.ACTION_NEEDED if asks else ChargeState.FAILED
            refusal = (error.message or "") if error else ""
    return Charge(
        ref=intent.id,
        state=state,
        captured=0,
        currency=intent.currency.upper(),
        action_url=action_url,
        refusal=refusal,
    )


def _succeeded(ref: str, intent: stripe.PaymentIntent) -> Charge:
    charge = intent.latest_charge
    return Charge(
        ref=ref,
        state=ChargeState.SUCCEEDED,
        captured=intent.amount_received,
        currency=intent.currency.upper(),
        refunded=charge.amount_refunded if isinstance(charge, stripe.Charge) else 0,
        card=card_of(intent.payment_method),
    )


def card_page_of(session: Session) -> CardPage:
    """Needs its setup intent expanded, with its payment method."""
    intent = session.setup_intent
    saved = session.status == "complete" and isinstance(intent, stripe.SetupIntent)
    return CardPage(
        ref=session.id,
        is_open=session.status == "open",
        card=card_of(intent.payment_method) if saved and isinstance(intent, stripe.SetupIntent) else None,
    )


def card_of(method: str | stripe.PaymentMethod | None) -> Card | None:
    if not isinstance(method, stripe.PaymentMethod) or method.card is None:
        return None
    return Card(
        ref=method.id,
        brand=method.card.brand,
        last4=method.card.last4,
        exp_month=method.card.exp_month,
        exp_year=method.card.exp_year,
    )


def refund_of(refund: stripe.Refund) -> RefundAnswer:
    match refund.status:
        case "succeeded":
            state = RefundState.SUCCEEDED
        case "failed" | "canceled":
            state = RefundState.FAILED
        case _:
            state = RefundState.PENDING
    return RefundAnswer(
        ref=refund.id,
        state=state,
        amount=refund.amount,
        refusal=(refund.failure_reason or "").replace("_", " ") if state == RefundState.FAILED else "",
    )


def event_of(event: stripe.Event) -> GatewayEvent:
    body = event.to_dict()
    return GatewayEvent(
        id=event.id,
        kind=event.type,
        object_id=str(body["data"]["object"].get("id", "")),
        payload=json.dumps(body),
        created_at=datetime.fromtimestamp(event.created, UTC),
    )
