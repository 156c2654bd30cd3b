"""Payment intents: made, confirmed, perhaps confirmed with the bank, and then paid, refused or canceled."""

from sandbox import charges, payment_methods, store
from sandbox.cards import ASK_FIRST, Decline
from sandbox.events import emit
from sandbox.intents import ask_holder, check_open, check_way_back, holder_said_no, method_of
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import CardRefused, Refusal
from sandbox.store import Body, Call

# Minor units; the currencies with cents of Stripe's page on minimum amounts.
SMALLEST = dict.fromkeys(("aud", "brl", "cad", "chf", "eur", "inr", "nzd", "sgd", "usd"), 50) | {
    "aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000,
    "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}  # fmt: skip
LARGEST = 99_999_999


def create(call: Call, given: Body) -> Body:
    customer = given.get("customer")
    if customer is not None:
        store.find("customer", customer, param="customer")
    for name in ("off_session", "return_url"):
        if name in given and not given.get("confirm"):
            raise Refusal(
                f"This PaymentIntent is not being confirmed: `{name}` needs `confirm=true`.", param=name
            )
    intent = make(call, given)
    method = given.get("payment_method")
    if method is not None:
        _use(call, intent, method)
    if given.get("confirm"):
        _confirm(call, intent, given)
    return intent.body


def make(call: Call, given: Body, *, session: str | None = None) -> Resource:
    """A new intent. `session`: the Checkout Session it belongs to. Raises Refusal for a wrong amount."""
    check_amount(given["amount"], given["currency"])
    ref = store.new_ref("payment_intent")
    automatic = given.get("automatic_payment_methods", {"enabled": True})
    body: Body = {
        "id": ref,
        "object": "payment_intent",
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {
            "allow_redirects": automatic.get("allow_redirects", "always"),
            "enabled": automatic["enabled"],
        },
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{ref}_secret_{store.random_text(25)}",
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": given["currency"].lower(),
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merge_metadata({}, given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None}
            | {"request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": given.get("receipt_email"),
        "review": None,
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent = store.add(body, hidden={"session": session})
    emit(call, "payment_intent.created", body)
    return intent


def check_amount(amount: int, currency: str) -> None:
    """Raises Refusal when Stripe would not take so little, or so much."""
    smallest = SMALLEST.get(currency.lower())
    if smallest is None:
        raise Refusal(
            f"Invalid currency: {currency}. The gateway double knows {', '.join(sorted(SMALLEST))}.",
            param="currency",
        )
    if amount < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount",
        )
    if amount < smallest:
        raise Refusal(
            f"Amount must be at least {smallest / 100:.2f} {currency.lower()}",
            code="amount_too_small",
            param="amount",
        )
    if amount > LARGEST:
        raise Refusal(
            "Amount must be no more than 999,999.99 " + currency.lower(),
            code="amount_too_large",
            param="amount",
        )


def confirm(call: Call, given: Body, *, ref: str) -> Body:
    intent = store.find("payment_intent", ref)
    check_open(intent, "confirm")
    for name in ("receipt_email", "setup_future_usage"):
        if name in given:
            intent.body[name] = given[name]
    if "payment_method" in given:
        _use(call, intent, given["payment_method"])
    _confirm(call, intent, given)
    return intent.body


def _use(call: Call, intent: Resource, ref: str) -> None:
    """Takes this card for the intent."""
    method = payment_methods.named(call, ref, param="payment_method")
    owner, customer = method.customer, intent.customer
    if owner and not customer:
        raise Refusal(
            f"The PaymentMethod {method.ref} belongs to the Customer {owner}. Please include the Customer in "
            "the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if owner != customer and owner:
        payment_methods.of_customer(method.ref, customer=customer, param="payment_method")
    payment_methods.check_kept(method)
    intent.body |= {"payment_method": method.ref, "status": "requires_confirmation", "next_action": None}
    store.save(intent)


def _confirm(call: Call, intent: Resource, given: Body) -> None:
    method = method_of(intent)
    off_session, return_url = given.get("off_session", False), given.get("return_url")
    check_way_back(intent, return_url, off_session=off_session)
    attempt(call, intent, method, off_session=off_session, return_url=return_url)


def attempt(
    call: Call, intent: Resource, method: Resource, *, off_session: bool, return_url: str | None
) -> None:
    """Tries to take the money. Raises CardRefused when the bank says no; what happened stays written."""
    card = payment_methods.card_of(method)
    if card.asks and off_session:
        refuse(call, intent, method, ASK_FIRST)
    elif card.asks:
        ask_holder(intent, method, return_url=return_url)
        emit(call, "payment_intent.requires_action", intent.body)
    else:
        charge(call, intent, method, authenticated=False)


def charge(call: Call, intent: Resource, method: Resource, *, authenticated: bool) -> None:
    """Asks the bank for the money. Raises CardRefused."""
    decline = charges.decline_for(method)
    if decline is not None:
        refuse(call, intent, method, decline, authenticated=authenticated)
    taken = charges.create(call, intent=intent.body, method=method, decline=None, authenticated=authenticated)
    if intent.body["setup_future_usage"] and intent.customer:
        method.body["allow_redisplay"] = "limited"
        payment_methods.join(call, method, customer=intent.customer)
    intent.body |= {
        "amount_received": intent.body["amount"],
        "last_payment_error": None,
        "latest_charge": taken.ref,
        "next_action": None,
        "payment_method": method.ref,
        "status": "succeeded",
    }
    store.save(intent)
    emit(call, "payment_intent.succeeded", intent.body)


def refuse(
    call: Call, intent: Resource, method: Resource, decline: Decline, *, authenticated: bool = False
) -> None:
    """The bank was asked for the money and said no: writes it down and raises CardRefused."""
    failed = charges.create(
        call, intent=intent.body, method=method, decline=decline, authenticated=authenticated
    )
    intent.body["latest_charge"] = failed.ref
    _fail(call, intent, method, decline, charge=failed.ref)


def _fail(
    call: Call, intent: Resource, method: Resource, decline: Decline, *, charge: str | None = None
) -> None:
    """The attempt is over: writes it down and raises CardRefused."""
    refusal = CardRefused(
        decline.message,
        charge=charge,
        code=decline.code,
        decline_code=decline.decline_code,
        payment_method=method.body,
    )
    error = refusal.answer.body["error"]
    intent.body |= {
        "last_payment_error": error.copy(),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    store.save(intent)
    emit(call, "payment_intent.payment_failed", intent.body)
    error["payment_intent"] = intent.body
    raise refusal


def answer_bank(call: Call, intent: Resource, *, approved: bool) -> None:
    """The holder answered the bank's question, once. Raises CardRefused for a no."""
    if intent.body["status"] != "requires_action":
        return
    method = store.find("payment_method", intent.body["payment_method"])
    if approved:
        charge(call, intent, method, authenticated=True)
    else:
        _fail(call, intent, method, holder_said_no(intent))


def cancel(call: Call, given: Body, *, ref: str) -> Body:
    intent = store.find("payment_intent", ref)
    check_open(intent, "cancel")
    end(call, intent, reason=given.get("cancellation_reason"))
    return intent.body


def end(call: Call, intent: Resource, *, reason: str | None) -> None:
    """Cancels an open intent."""
    intent.body |= {
        "canceled_at": call.now,
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    store.save(intent)
    emit(call, "payment_intent.canceled", intent.body)


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("payment_intent", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("payment_intent", given)
    if "customer" in given:
        rows = rows.filter(customer=given["customer"])
    return store.page(rows, given, url="/v1/payment_intents")
