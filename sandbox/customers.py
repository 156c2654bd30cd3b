"""Customers."""

import zlib

from sandbox import payment_methods, store
from sandbox.events import emit
from sandbox.parameters import merge_metadata
from sandbox.store import Body, Call

_PLAIN = ("description", "email", "name", "phone", "preferred_locales", "tax_exempt")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(call: Call, given: Body) -> Body:
    ref = store.new_ref("customer")
    body: Body = {
        "id": ref,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": f"{zlib.crc32(ref.encode()):08X}",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _fill(body, given)
    customer = store.add(body)
    emit(call, "customer.created", body)
    if "payment_method" in given:
        payment_methods.attach(call, {"customer": ref}, ref=given["payment_method"])
    _default(body, given)
    store.save(customer)
    return body


def update(call: Call, given: Body, *, ref: str) -> Body:
    customer = store.find("customer", ref)
    before = dict(customer.body, invoice_settings=dict(customer.body["invoice_settings"]))
    _fill(customer.body, given)
    _default(customer.body, given)
    store.save(customer)
    changed = {name: value for name, value in before.items() if customer.body[name] != value}
    if changed:
        emit(call, "customer.updated", customer.body, previous=changed)
    return customer.body


def delete(call: Call, _given: Body, *, ref: str) -> Body:
    """The customer is gone, and their cards with them."""
    customer = store.find("customer", ref)
    for card in store.of_kind("payment_method").filter(customer=ref):
        payment_methods.detach(call, {}, ref=card.ref)
    customer.delete()
    emit(call, "customer.deleted", customer.body)
    return {"id": ref, "object": "customer", "deleted": True}


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("customer", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("customer", given)
    if "email" in given:
        rows = rows.filter(body__email=given["email"])
    return store.page(rows, given, url="/v1/customers")


def _fill(body: Body, given: Body) -> None:
    body.update({name: given[name] for name in _PLAIN if name in given})
    if "address" in given:
        body["address"] = {name: given["address"].get(name) for name in _ADDRESS}
    if "metadata" in given:
        body["metadata"] = merge_metadata(body["metadata"], given["metadata"])


def _default(body: Body, given: Body) -> None:
    settings = given.get("invoice_settings", {})
    if "default_payment_method" in settings:
        ref = settings["default_payment_method"]
        if ref is not None:
            payment_methods.of_customer(
                ref, customer=body["id"], param="invoice_settings[default_payment_method]"
            )
        body["invoice_settings"]["default_payment_method"] = ref
