"""Every request the double understands, with the parameters it accepts. Anything else is refused.

`tests/integration/sandbox/test_contract.py` holds this table against stripe-python's own types.
"""

from sandbox.parameters import (
    CLEARABLE,
    CREATED,
    FLAG,
    INTEGER,
    METADATA,
    TEXT,
    Fields,
    choice,
    hash_of,
    list_of,
    required,
)

_EXPAND: Fields = {"expand": list_of(TEXT)}
_PAGE: Fields = {**_EXPAND, "limit": INTEGER, "starting_after": TEXT, "ending_before": TEXT}
_ADDRESS = hash_of(
    city=CLEARABLE,
    country=CLEARABLE,
    line1=CLEARABLE,
    line2=CLEARABLE,
    postal_code=CLEARABLE,
    state=CLEARABLE,
)
_FUTURE_USAGE = choice("off_session", "on_session")
_CARD_ONLY = list_of(choice("card"))

_CUSTOMER: Fields = {
    **_EXPAND,
    "address": _ADDRESS,
    "description": CLEARABLE,
    "email": CLEARABLE,
    "invoice_settings": hash_of(default_payment_method=CLEARABLE),
    "metadata": METADATA,
    "name": CLEARABLE,
    "phone": CLEARABLE,
    "preferred_locales": list_of(TEXT),
    "tax_exempt": choice("exempt", "none", "reverse"),
}
_PAYMENT_INTENT: Fields = {
    **_EXPAND,
    "allowed_payment_method_types": _CARD_ONLY,
    "amount": required(INTEGER),
    "automatic_payment_methods": hash_of(enabled=required(FLAG), allow_redirects=choice("always", "never")),
    "confirm": FLAG,
    "currency": required(TEXT),
    "customer": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "off_session": FLAG,
    "payment_method": TEXT,
    "receipt_email": CLEARABLE,
    "return_url": TEXT,
    "setup_future_usage": _FUTURE_USAGE,
    "statement_descriptor_suffix": TEXT,
}
_SETUP_INTENT: Fields = {
    **_EXPAND,
    "allowed_payment_method_types": _CARD_ONLY,
    "automatic_payment_methods": hash_of(enabled=required(FLAG), allow_redirects=choice("always", "never")),
    "confirm": FLAG,
    "customer": TEXT,
    "description": TEXT,
    "metadata": METADATA,
    "payment_method": TEXT,
    "return_url": TEXT,
    "usage": _FUTURE_USAGE,
}
_LINE_ITEM = hash_of(
    price_data=required(
        hash_of(
            currency=required(TEXT),
            product_data=required(
                hash_of(name=required(TEXT), description=TEXT, images=list_of(TEXT), metadata=METADATA)
            ),
            tax_behavior=choice("exclusive", "inclusive", "unspecified"),
            unit_amount=required(INTEGER),
        )
    ),
    quantity=INTEGER,
)
_SESSION: Fields = {
    **_EXPAND,
    "allowed_payment_method_types": _CARD_ONLY,
    "cancel_url": TEXT,
    "client_reference_id": TEXT,
    "currency": TEXT,
    "customer": TEXT,
    "customer_email": TEXT,
    "expires_at": INTEGER,
    "line_items": list_of(_LINE_ITEM),
    "locale": TEXT,
    "metadata": METADATA,
    "mode": required(choice("payment", "setup")),
    "payment_intent_data": hash_of(
        description=TEXT,
        metadata=METADATA,
        receipt_email=TEXT,
        setup_future_usage=_FUTURE_USAGE,
        statement_descriptor_suffix=TEXT,
    ),
    "setup_intent_data": hash_of(description=TEXT, metadata=METADATA),
    "submit_type": choice("auto", "pay"),
    "success_url": required(TEXT),
    "ui_mode": choice("hosted_page"),
}
_WEBHOOK_ENDPOINT: Fields = {
    **_EXPAND,
    "api_version": TEXT,
    "description": CLEARABLE,
    "enabled_events": required(list_of(TEXT)),
    "metadata": METADATA,
    "url": required(TEXT),
}
_CARDS_OF_A_CUSTOMER: Fields = {**_PAGE, "type": choice("card")}

ACCEPTED: dict[str, Fields] = {
    "POST /v1/customers": {**_CUSTOMER, "payment_method": TEXT},
    "GET /v1/customers": {**_PAGE, "created": CREATED, "email": TEXT},
    "GET /v1/customers/{ref}": _EXPAND,
    "POST /v1/customers/{ref}": _CUSTOMER,
    "DELETE /v1/customers/{ref}": {},
    "GET /v1/customers/{customer}/payment_methods": _CARDS_OF_A_CUSTOMER,
    "GET /v1/customers/{customer}/payment_methods/{ref}": _EXPAND,
    "GET /v1/payment_methods": {**_CARDS_OF_A_CUSTOMER, "customer": TEXT},
    "GET /v1/payment_methods/{ref}": _EXPAND,
    "POST /v1/payment_methods/{ref}": {
        **_EXPAND,
        "card": hash_of(exp_month=INTEGER, exp_year=INTEGER),
        "metadata": METADATA,
    },
    "POST /v1/payment_methods/{ref}/attach": {**_EXPAND, "customer": required(TEXT)},
    "POST /v1/payment_methods/{ref}/detach": _EXPAND,
    "POST /v1/payment_intents": _PAYMENT_INTENT,
    "GET /v1/payment_intents": {**_PAGE, "created": CREATED, "customer": TEXT},
    "GET /v1/payment_intents/{ref}": _EXPAND,
    "POST /v1/payment_intents/{ref}/confirm": {
        **_EXPAND,
        "off_session": FLAG,
        "payment_method": TEXT,
        "receipt_email": CLEARABLE,
        "return_url": TEXT,
        "setup_future_usage": _FUTURE_USAGE,
    },
    "POST /v1/payment_intents/{ref}/cancel": {
        **_EXPAND,
        "cancellation_reason": choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
    },
    "POST /v1/setup_intents": _SETUP_INTENT,
    "GET /v1/setup_intents": {**_PAGE, "created": CREATED, "customer": TEXT, "payment_method": TEXT},
    "GET /v1/setup_intents/{ref}": _EXPAND,
    "POST /v1/setup_intents/{ref}/confirm": {**_EXPAND, "payment_method": TEXT, "return_url": TEXT},
    "POST /v1/setup_intents/{ref}/cancel": {
        **_EXPAND,
        "cancellation_reason": choice("abandoned", "duplicate", "requested_by_customer"),
    },
    "GET /v1/charges": {**_PAGE, "created": CREATED, "customer": TEXT, "payment_intent": TEXT},
    "GET /v1/charges/{ref}": _EXPAND,
    "POST /v1/refunds": {
        **_EXPAND,
        "amount": INTEGER,
        "charge": TEXT,
        "metadata": METADATA,
        "payment_intent": TEXT,
        "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    },
    "GET /v1/refunds": {**_PAGE, "charge": TEXT, "created": CREATED, "payment_intent": TEXT},
    "GET /v1/refunds/{ref}": _EXPAND,
    "POST /v1/checkout/sessions": _SESSION,
    "GET /v1/checkout/sessions": {
        **_PAGE,
        "created": CREATED,
        "customer": TEXT,
        "payment_intent": TEXT,
        "status": choice("complete", "expired", "open"),
    },
    "GET /v1/checkout/sessions/{ref}": _EXPAND,
    "POST /v1/checkout/sessions/{ref}/expire": _EXPAND,
    "GET /v1/checkout/sessions/{ref}/line_items": _PAGE,
    "GET /v1/events": {**_PAGE, "created": CREATED, "type": TEXT, "types": list_of(TEXT)},
    "GET /v1/events/{ref}": _EXPAND,
    "POST /v1/webhook_endpoints": _WEBHOOK_ENDPOINT,
    "GET /v1/webhook_endpoints": _PAGE,
    "GET /v1/webhook_endpoints/{ref}": _EXPAND,
    "DELETE /v1/webhook_endpoints/{ref}": {},
}
