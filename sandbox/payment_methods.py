"""Saved cards. A card remembers how its bank behaves."""

from sandbox import store
from sandbox.cards import BY_ALIAS, CARDS, TestCard
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import CardRefused, Refusal
from sandbox.store import Body, Call


def create(call: Call, *, card: TestCard, name: str | None = None, email: str | None = None) -> Resource:
    """A card as it was typed, not yet anybody's."""
    body: Body = {
        "id": store.new_ref("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {
                "city": None,
                "country": None,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "email": email,
            "name": name,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": card.fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": ["visa"], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return store.add(body, hidden={"number": card.number})


def card_of(method: Resource) -> TestCard:
    return CARDS[method.hidden["number"]]


def named(call: Call, ref: str, *, param: str | None) -> Resource:
    """The card with this id; one of Stripe's test names (`pm_card_visa`) makes a new one."""
    if ref in BY_ALIAS:
        return create(call, card=BY_ALIAS[ref])
    return store.find("payment_method", ref, param=param)


def of_customer(ref: str, *, customer: str, param: str) -> Resource:
    """A card that must be this customer's. Raises Refusal."""
    method = store.find("payment_method", ref, param=param)
    if method.customer != customer:
        raise Refusal(
            f"The customer does not have a payment method with the ID {ref}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param=param,
        )
    return method


def check_kept(method: Resource) -> None:
    """Raises Refusal for a card that was taken away from its customer."""
    if method.hidden.get("detached"):
        raise Refusal(
            f"The provided PaymentMethod {method.ref} was detached from a Customer and is of no more use.",
            param="payment_method",
        )


def join(call: Call, method: Resource, *, customer: str) -> None:
    """Makes it this customer's card. Nothing happens when it already is."""
    if method.customer == customer:
        return
    method.body["customer"] = customer
    store.save(method)
    emit(call, "payment_method.attached", method.body)


def attach(call: Call, given: Body, *, ref: str) -> Body:
    method = named(call, ref, param=None)
    customer = store.find("customer", given["customer"], param="customer")
    if method.customer not in ("", customer.ref):
        raise Refusal("The payment method you provided has already been attached to a customer.")
    if method.hidden.get("detached"):
        raise Refusal(
            "This PaymentMethod was previously used without being attached to a Customer or was detached "
            "from a Customer, and may not be used again."
        )
    decline = card_of(method).on_saving
    if decline is not None:
        raise CardRefused(decline.message, code=decline.code, decline_code=decline.decline_code)
    join(call, method, customer=customer.ref)
    return method.body


def update(call: Call, given: Body, *, ref: str) -> Body:
    """What the holder's bank changes on the card it sends next, mostly."""
    method = store.find("payment_method", ref)
    before = {"card": dict(method.body["card"]), "metadata": method.body["metadata"]}
    method.body["card"] |= given.get("card", {})
    if "metadata" in given:
        method.body["metadata"] = merge_metadata(method.body["metadata"], given["metadata"])
    store.save(method)
    changed = {name: value for name, value in before.items() if method.body[name] != value}
    if changed:
        emit(call, "payment_method.updated", method.body, previous=changed)
    return method.body


def detach(call: Call, _given: Body, *, ref: str) -> Body:
    method = store.find("payment_method", ref)
    if not method.customer:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    customer = store.find("customer", method.customer)
    method.body["customer"] = None
    method.hidden["detached"] = True
    store.save(method)
    emit(call, "payment_method.detached", method.body, previous={"customer": customer.ref})
    if customer.body["invoice_settings"]["default_payment_method"] == method.ref:
        customer.body["invoice_settings"]["default_payment_method"] = None
        store.save(customer)
    return method.body


def retrieve(_call: Call, _given: Body, *, ref: str, customer: str | None = None) -> Body:
    method = store.find("payment_method", ref)
    if customer is not None:
        store.find("customer", customer, param="customer")
        of_customer(ref, customer=customer, param="payment_method")
    return method.body


def list_all(_call: Call, given: Body, *, customer: str | None = None) -> Body:
    url = "/v1/payment_methods" if customer is None else f"/v1/customers/{customer}/payment_methods"
    owner = customer or given.get("customer")
    rows = store.of_kind("payment_method")
    if owner is not None:
        store.find("customer", owner, param=None if customer else "customer")
        rows = rows.filter(customer=owner)
    return store.page(rows, given, url=url)
