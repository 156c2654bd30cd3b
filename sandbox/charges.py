"""Charges: one for each time a card was really asked for money."""

from sandbox import payment_methods, settings, store
from sandbox.cards import Decline
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.store import Body, Call


def create(
    call: Call, *, intent: Body, method: Resource, decline: Decline | None, authenticated: bool
) -> Resource:
    """Asks the bank: a charge that succeeded, or failed with `decline`."""
    ref = store.new_ref("charge")
    paid = decline is None
    card = method.body["card"]
    body: Body = {
        "id": ref,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method.body["billing_details"],
        "calculated_statement_descriptor": "SITEWRIGHT TEST",
        "captured": paid,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method.ref,
        "payment_method_details": {
            "card": {
                "amount_authorized": intent["amount"] if paid else None,
                "authorization_code": None,
                "brand": card["brand"],
                "checks": card["checks"],
                "country": card["country"],
                "exp_month": card["exp_month"],
                "exp_year": card["exp_year"],
                "extended_authorization": {"status": "disabled"},
                "fingerprint": card["fingerprint"],
                "funding": card["funding"],
                "incremental_authorization": {"status": "unavailable"},
                "installments": None,
                "last4": card["last4"],
                "mandate": None,
                "multicapture": {"status": "unavailable"},
                "network": "visa",
                "network_token": {"used": False},
                "network_transaction_id": store.random_text(15) if paid else None,
                "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
                "regulated_status": card["regulated_status"],
                "three_d_secure": _three_d_secure() if authenticated else None,
                "wallet": None,
            },
            "type": "card",
        },
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{settings.BASE_URL}/receipts/{ref}" if paid else None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }
    charge = store.add(body)
    emit(call, "charge.succeeded" if paid else "charge.failed", body)
    return charge


def decline_for(method: Resource) -> Decline | None:
    """What the card's bank says to a charge now."""
    return payment_methods.card_of(method).on_charging


def _outcome(decline: Decline | None) -> Body:
    outcome: Body = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if decline is not None:
        outcome |= {
            "network_decline_code": "05",
            "network_status": "declined_by_network",
            "reason": decline.decline_code,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }
    return outcome


def _three_d_secure() -> Body:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": store.random_text(28),
        "version": "2.2.0",
    }


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("charge", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("charge", given)
    for name in ("customer", "payment_intent"):
        if name in given:
            rows = rows.filter(**{name: given[name]})
    return store.page(rows, given, url="/v1/charges")
