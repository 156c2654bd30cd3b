"""Refunds, whole or in part, never more than was taken. Some banks take their time, some send the money back."""

from sandbox import payment_methods, store
from sandbox.cards import TestCard
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import Refusal
from sandbox.store import Body, Call


def create(call: Call, given: Body) -> Body:
    charge = _charge(given)
    amount = _amount(charge.body, given)
    pending = _card(charge).refunds == "later"
    ref = store.new_ref("refund")
    body: Body = {
        "id": ref,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge.ref,
        "created": call.now,
        "currency": charge.body["currency"],
        "customer": charge.body["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference": None,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": merge_metadata({}, given.get("metadata")),
        "payment_intent": charge.body["payment_intent"],
        "payment_method": charge.body["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    if pending:
        body["pending_reason"] = "processing"
    refund = store.add(body)
    emit(call, "refund.created", body)
    emit(call, "charge.refunded", charge.body, previous=_count(charge, amount))
    if not pending:
        _refer(call, refund)
    return body


def settle(call: Call, refund: Resource) -> None:
    """The bank's last word on a refund: a pending one goes through; of a card that cannot be refunded it comes back."""
    charge = store.find("charge", refund.body["charge"])
    if refund.body["status"] == "pending":
        before = {name: refund.body[name] for name in ("pending_reason", "status")}
        del refund.body["pending_reason"]
        refund.body["status"] = "succeeded"
        store.save(refund)
        emit(call, "refund.updated", refund.body, previous=before)
    elif refund.body["status"] == "succeeded" and _card(charge).refunds == "in vain":
        refund.body |= {"failure_reason": "expired_or_canceled_card", "status": "failed"}
        store.save(refund)
        _count(charge, -refund.body["amount"])
        emit(call, "refund.failed", refund.body)


def _card(charge: Resource) -> TestCard:
    return payment_methods.card_of(store.find("payment_method", charge.body["payment_method"]))


def _count(charge: Resource, amount: int) -> Body:
    """Counts what goes back of a charge; answers the former values of what changed."""
    before = {name: charge.body[name] for name in ("amount_refunded", "refunded")}
    charge.body["amount_refunded"] += amount
    charge.body["refunded"] = charge.body["amount_refunded"] == charge.body["amount"]
    store.save(charge)
    return {name: value for name, value in before.items() if charge.body[name] != value}


def _charge(given: Body) -> Resource:
    """The charge that is meant. Raises Refusal."""
    named = [name for name in ("charge", "payment_intent") if name in given]
    if len(named) != 1:
        raise Refusal(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    if "charge" in given:
        charge = store.find("charge", given["charge"], param="charge")
    else:
        intent = store.find("payment_intent", given["payment_intent"], param="payment_intent")
        if intent.body["status"] != "succeeded":
            raise Refusal(
                f"This PaymentIntent ({intent.ref}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        charge = store.find("charge", intent.body["latest_charge"])
    if not charge.body["paid"]:
        raise Refusal(f"Charge {charge.ref} failed and cannot be refunded.", param="charge")
    return charge


def _amount(charge: Body, given: Body) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount: int = given.get("amount", left)
    if amount < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount / 100:.2f} {charge['currency']}) is greater than unrefunded amount on "
            f"charge ({left / 100:.2f} {charge['currency']})",
            code="amount_too_large",
            param="amount",
        )
    return amount


def _refer(call: Call, refund: Resource) -> None:
    """The bank's reference number follows, as a change to the refund."""
    before = refund.body["destination_details"]
    card = before["card"] | {"reference": store.random_text(23).upper(), "reference_status": "available"}
    refund.body["destination_details"] = {"card": card, "type": "card"}
    store.save(refund)
    emit(call, "refund.updated", refund.body, previous={"destination_details": before})


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("refund", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("refund", given)
    if "payment_intent" in given:
        rows = rows.filter(payment_intent=given["payment_intent"])
    if "charge" in given:
        rows = rows.filter(body__charge=given["charge"])
    return store.page(rows, given, url="/v1/refunds")
