"""Setup intents: saving a card without taking money."""

from sandbox import payment_methods, store
from sandbox.cards import Decline
from sandbox.events import emit
from sandbox.intents import ask_holder, check_open, check_way_back, holder_said_no, method_of
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import CardRefused, Refusal
from sandbox.store import Body, Call


def create(call: Call, given: Body) -> Body:
    if "customer" in given:
        store.find("customer", given["customer"], param="customer")
    intent = make(call, given)
    if "payment_method" in given:
        _use(call, intent, given["payment_method"])
    if given.get("confirm"):
        _confirm(call, intent, given)
    elif "return_url" in given:
        raise Refusal("`return_url` needs `confirm=true`.", param="return_url")
    return intent.body


def make(call: Call, given: Body, *, session: str | None = None) -> Resource:
    """A new intent. `session`: the Checkout Session it belongs to."""
    ref = store.new_ref("setup_intent")
    automatic = given.get("automatic_payment_methods", {"enabled": True})
    body: Body = {
        "id": ref,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": {
            "allow_redirects": automatic.get("allow_redirects", "always"),
            "enabled": automatic["enabled"],
        },
        "cancellation_reason": None,
        "client_secret": f"{ref}_secret_{store.random_text(25)}",
        "created": call.now,
        "customer": given.get("customer"),
        "customer_account": None,
        "description": given.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merge_metadata({}, given.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"mandate_options": None, "network": None}},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": given.get("usage", "off_session"),
    }
    body["payment_method_options"]["card"]["request_three_d_secure"] = "automatic"
    intent = store.add(body, hidden={"session": session})
    emit(call, "setup_intent.created", body)
    return intent


def confirm(call: Call, given: Body, *, ref: str) -> Body:
    intent = store.find("setup_intent", ref)
    check_open(intent, "confirm")
    if "payment_method" in given:
        _use(call, intent, given["payment_method"])
    _confirm(call, intent, given)
    return intent.body


def _use(call: Call, intent: Resource, ref: str) -> None:
    method = payment_methods.named(call, ref, param="payment_method")
    if method.customer and method.customer != intent.customer:
        payment_methods.of_customer(method.ref, customer=intent.customer, param="payment_method")
    intent.body |= {"payment_method": method.ref, "status": "requires_confirmation", "next_action": None}
    store.save(intent)


def _confirm(call: Call, intent: Resource, given: Body) -> None:
    method = method_of(intent)
    check_way_back(intent, given.get("return_url"), off_session=False)
    attempt(call, intent, method, return_url=given.get("return_url"))


def attempt(call: Call, intent: Resource, method: Resource, *, return_url: str | None) -> None:
    """Tries to save the card. Raises CardRefused when the bank says no; what happened stays written."""
    card = payment_methods.card_of(method)
    if card.on_saving is not None:
        refuse(call, intent, method, card.on_saving)
    elif card.asks:
        ask_holder(intent, method, return_url=return_url)
        emit(call, "setup_intent.requires_action", intent.body)
    else:
        _succeed(call, intent, method)


def _succeed(call: Call, intent: Resource, method: Resource) -> None:
    if intent.customer:
        payment_methods.join(call, method, customer=intent.customer)
    intent.body |= {
        "last_setup_error": None,
        "next_action": None,
        "payment_method": method.ref,
        "status": "succeeded",
    }
    store.save(intent)
    emit(call, "setup_intent.succeeded", intent.body)


def refuse(call: Call, intent: Resource, method: Resource, decline: Decline) -> None:
    """Writes the refusal down and raises CardRefused with it."""
    refusal = CardRefused(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        payment_method=method.body,
    )
    error = refusal.answer.body["error"]
    intent.body |= {
        "last_setup_error": error.copy(),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    store.save(intent)
    emit(call, "setup_intent.setup_failed", intent.body)
    error["setup_intent"] = intent.body
    raise refusal


def answer_bank(call: Call, intent: Resource, *, approved: bool) -> None:
    """The holder answered the bank's question, once. Raises CardRefused for a no."""
    if intent.body["status"] != "requires_action":
        return
    method = store.find("payment_method", intent.body["payment_method"])
    if approved:
        _succeed(call, intent, method)
    else:
        refuse(call, intent, method, holder_said_no(intent))


def cancel(call: Call, given: Body, *, ref: str) -> Body:
    intent = store.find("setup_intent", ref)
    check_open(intent, "cancel")
    end(call, intent, reason=given.get("cancellation_reason"))
    return intent.body


def end(call: Call, intent: Resource, *, reason: str | None) -> None:
    """Cancels an open intent."""
    intent.body |= {"cancellation_reason": reason, "next_action": None, "status": "canceled"}
    store.save(intent)
    emit(call, "setup_intent.canceled", intent.body)


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("setup_intent", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("setup_intent", given)
    if "customer" in given:
        rows = rows.filter(customer=given["customer"])
    if "payment_method" in given:
        rows = rows.filter(body__payment_method=given["payment_method"])
    return store.page(rows, given, url="/v1/setup_intents")
