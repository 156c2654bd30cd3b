"""Checkout Sessions: what the API makes and reads. Paying is in `sandbox/paying.py`."""

from django.db.models import QuerySet

from sandbox import payment_intents, settings, setup_intents, store
from sandbox.addresses import check_return_address
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import Refusal
from sandbox.store import Body, Call

SHORTEST = 30 * 60  # seconds a session must at least live
LONGEST = 24 * 60 * 60


def create(call: Call, given: Body) -> Body:
    _check(call, given)
    ref = store.new_ref("checkout.session")
    lines = [_line(item) for item in given.get("line_items", [])]
    paying = given["mode"] == "payment"
    total = sum(line["amount_total"] for line in lines)
    if paying:
        payment_intents.check_amount(total, lines[0]["currency"])
    body: Body = {
        "id": ref,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total if paying else None,
        "amount_total": total if paying else None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": call.now,
        "currency": lines[0]["currency"] if paying else given["currency"].lower(),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": given.get("customer"),
        "customer_account": None,
        "customer_creation": "if_required" if paying and "customer" not in given else None,
        "customer_details": _customer_details(given),
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": given.get("expires_at", call.now + LONGEST),
        "invoice": None,
        "invoice_creation": _no_invoice() if paying else None,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": merge_metadata({}, given.get("metadata")),
        "mode": given["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required" if paying else "always",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if paying else "no_payment_required",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "subscription": None,
        "success_url": given["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if paying else None,
        "ui_mode": "hosted_page",
        "url": f"{settings.BASE_URL}/pay/{ref}",
        "wallet_options": None,
    }
    if not paying:
        wanted = {**given.get("setup_intent_data", {}), "customer": given.get("customer")}
        body["setup_intent"] = setup_intents.make(call, wanted, session=ref).ref
    store.add(body, hidden={"lines": lines, "intent_data": given.get("payment_intent_data", {})})
    return body


def _check(call: Call, given: Body) -> None:
    """Raises Refusal for a session that makes no sense."""
    check_return_address(given["success_url"], param="success_url")
    if "cancel_url" in given:
        check_return_address(given["cancel_url"], param="cancel_url")
    if "customer" in given:
        store.find("customer", given["customer"], param="customer")
        if "customer_email" in given:
            raise Refusal("You may only specify one of these parameters: customer, customer_email.")
    expires_at = given.get("expires_at", call.now + LONGEST)
    if not call.now + SHORTEST <= expires_at <= call.now + LONGEST:
        raise Refusal(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout "
            "Session creation.",
            param="expires_at",
        )
    if given["mode"] == "setup":
        _check_setup(given)
    else:
        _check_payment(given)


def _check_setup(given: Body) -> None:
    for name in ("line_items", "payment_intent_data", "submit_type"):
        if name in given:
            raise Refusal(f"You can not pass `{name}` in `setup` mode.", param=name)
    if "currency" not in given:
        raise Refusal("Missing required param: currency.", code="parameter_missing", param="currency")


def _check_payment(given: Body) -> None:
    if "setup_intent_data" in given:
        raise Refusal("You can not pass `setup_intent_data` in `payment` mode.", param="setup_intent_data")
    if not given.get("line_items"):
        raise Refusal("Missing required param: line_items.", code="parameter_missing", param="line_items")
    for place, item in enumerate(given["line_items"]):
        if "quantity" not in item:
            name = f"line_items[{place}][quantity]"
            raise Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
        if item["price_data"]["unit_amount"] < 0 or item["quantity"] < 0:
            raise Refusal(
                "This value must be greater than or equal to 0.",
                code="parameter_invalid_integer",
                param=f"line_items[{place}]",
            )
    currencies = {item["price_data"]["currency"].lower() for item in given["line_items"]}
    if len(currencies) > 1 or ("currency" in given and given["currency"].lower() not in currencies):
        raise Refusal("All line items of a Checkout Session must have its one currency.", param="line_items")


def _line(item: Body) -> Body:
    price = item["price_data"]
    product = price["product_data"]
    amount = price["unit_amount"] * item["quantity"]
    return {
        "id": "li_" + store.random_text(24),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"].lower(),
        "description": product["name"],
        "discounts": [],
        "price": None,
        "quantity": item["quantity"],
    }


def _customer_details(given: Body) -> Body | None:
    email = given.get("customer_email")
    if "customer" in given:
        email = store.find("customer", given["customer"]).body["email"]
    if "customer" not in given and email is None:
        return None
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _no_invoice() -> Body:
    return {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }


def expire(call: Call, _given: Body, *, ref: str) -> Body:
    session = store.find("checkout.session", ref)
    if session.body["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session.body['status']}."
        )
    end(call, session)
    return session.body


def end(call: Call, session: Resource) -> None:
    """Expires an open session, and with it what was begun to pay it."""
    session.body |= {"status": "expired", "url": None}
    store.save(session)
    if session.body["payment_intent"]:
        payment_intents.end(
            call, store.find("payment_intent", session.body["payment_intent"]), reason="automatic"
        )
    if session.body["setup_intent"]:
        setup_intents.end(call, store.find("setup_intent", session.body["setup_intent"]), reason="abandoned")
    emit(call, "checkout.session.expired", session.body)


def overdue(*, now: int) -> "QuerySet[Resource]":
    """Open sessions whose time has come."""
    lately = store.of_kind("checkout.session").filter(created__gte=now - 2 * LONGEST)  # keeps the look short
    return lately.filter(body__status="open", body__expires_at__lte=now)


def end_overdue(call: Call) -> None:
    for session in overdue(now=call.now):
        end(call, session)


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("checkout.session", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("checkout.session", given)
    for name in ("customer", "payment_intent"):
        if name in given:
            rows = rows.filter(**{name: given[name]})
    if "status" in given:
        rows = rows.filter(body__status=given["status"])
    return store.page(rows, given, url="/v1/checkout/sessions")


def line_items(_call: Call, _given: Body, *, ref: str) -> Body:
    return lines_of(store.find("checkout.session", ref))


def lines_of(session: Resource) -> Body:
    return {
        "object": "list",
        "data": session.hidden["lines"],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session.ref}/line_items",
    }
