"""Payment intents: made, confirmed, perhaps confirmed with the bank, and then paid, refused or canceled."""

from typing import Any

from django.conf import settings

from sandbox import charges, payment_methods, store
from sandbox.addresses import check_return_address
from sandbox.cards import ASK_FIRST, Decline
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.parameters import merge_metadata
from sandbox.refusals import CardRefused, Refusal
from sandbox.store import Body, Call

SMALLEST = {"usd": 50, "eur": 50, "gbp": 30}  # minor units; the others we sell in are near these
LARGEST = 99_999_999
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")

BANK_SAID_NO = Decline(
    code="payment_intent_authentication_failure",
    decline_code="",
    message="We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)


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
    """A new intent. `session`: the Checkout Session it belongs to. Raises Refusal for an impossible amount."""
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
    if intent.hidden["session"]:
        raise Refusal("You cannot confirm a PaymentIntent that belongs to a Checkout Session.")
    if intent.body["status"] not in OPEN:
        raise _unexpected(intent, "confirm")
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
            f"The PaymentMethod {method.ref} belongs to the Customer {owner}. Please include the Customer in the "
            "`customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if owner != customer and owner:
        payment_methods.of_customer(method.ref, customer=customer, param="payment_method")
    if method.hidden.get("detached"):
        raise Refusal(
            f"The provided PaymentMethod {method.ref} was detached from a Customer and may not be used again.",
            param="payment_method",
        )
    intent.body |= {"payment_method": method.ref, "status": "requires_confirmation", "next_action": None}
    store.save(intent)


def _confirm(call: Call, intent: Resource, given: Body) -> None:
    if intent.body["payment_method"] is None:
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method.",
            code="payment_intent_unexpected_state",
        )
    off_session = given.get("off_session", False)
    return_url = given.get("return_url")
    automatic = intent.body["automatic_payment_methods"]
    if return_url is not None:
        check_return_address(return_url, param="return_url")
    elif not off_session and automatic["enabled"] and automatic["allow_redirects"] == "always":
        raise Refusal(
            "This PaymentIntent accepts payment methods that might send your customer off your page: provide a "
            "`return_url`, or set `automatic_payment_methods[allow_redirects]` to `never`.",
            param="return_url",
        )
    method = store.find("payment_method", intent.body["payment_method"])
    attempt(call, intent, method, off_session=off_session, return_url=return_url)


def attempt(
    call: Call, intent: Resource, method: Resource, *, off_session: bool, return_url: str | None
) -> None:
    """Tries to take the money. Raises CardRefused when the bank says no; what happened stays written."""
    card = payment_methods.card_of(method)
    if card.asks and off_session:
        refuse(call, intent, method, ASK_FIRST)
    elif card.asks:
        intent.body |= {
            "payment_method": method.ref,
            "status": "requires_action",
            "next_action": _next_action(intent, return_url),
        }
        intent.hidden["return_url"] = return_url
        store.save(intent)
        emit(call, "payment_intent.requires_action", intent.body)
    else:
        charge(call, intent, method, authenticated=False)


def _next_action(intent: Resource, return_url: str | None) -> Body:
    url = f"{settings.BASE_URL}/confirm/{intent.ref}"
    if return_url is None:
        return {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}


def charge(call: Call, intent: Resource, method: Resource, *, authenticated: bool) -> None:
    """Asks the bank for the money. Raises CardRefused."""
    decline = charges.decline_for(method)
    if decline is not None:
        refuse(call, intent, method, decline, authenticated=authenticated)
    taken = charges.create(
        call, intent=intent.body, method=method, decline=None, authenticated=authenticated
    )
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
    """Writes the refusal down and raises CardRefused with it."""
    failed = None
    if decline is not BANK_SAID_NO:  # the bank was asked for the money
        failed = charges.create(
            call, intent=intent.body, method=method, decline=decline, authenticated=authenticated
        ).ref
        intent.body["latest_charge"] = failed
    details: dict[str, Any] = {
        "charge": failed,
        "code": decline.code,
        "decline_code": decline.decline_code or None,
        "payment_method": method.body,
    }
    refusal = CardRefused(decline.message, **details)
    intent.body |= {
        "last_payment_error": refusal.answer.body["error"].copy(),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    store.save(intent)
    emit(call, "payment_intent.payment_failed", intent.body)
    refusal.answer.body["error"]["payment_intent"] = intent.body
    raise refusal


def answer_bank(call: Call, intent: Resource, *, approved: bool) -> None:
    """The card's holder answered the bank's question. Raises CardRefused for a no; nothing happens a second time."""
    if intent.body["status"] != "requires_action":
        return
    method = store.find("payment_method", intent.body["payment_method"])
    if approved:
        charge(call, intent, method, authenticated=True)
    else:
        refuse(call, intent, method, BANK_SAID_NO)


def cancel(call: Call, given: Body, *, ref: str) -> Body:
    intent = store.find("payment_intent", ref)
    if intent.hidden["session"]:
        raise Refusal(
            "You cannot cancel a PaymentIntent that belongs to a Checkout Session. Expire the session instead."
        )
    if intent.body["status"] not in OPEN:
        raise _unexpected(intent, "cancel")
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


def _unexpected(intent: Resource, verb: str) -> Refusal:
    status = intent.body["status"]
    return Refusal(
        f"You cannot {verb} this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of "
        f"the following statuses may be {'canceled' if verb == 'cancel' else 'confirmed'}: {', '.join(OPEN)}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent.body,
    )


def retrieve(_call: Call, _given: Body, *, ref: str) -> Body:
    return store.find("payment_intent", ref).body


def list_all(_call: Call, given: Body) -> Body:
    rows = store.of_kind("payment_intent", given)
    if "customer" in given:
        rows = rows.filter(customer=given["customer"])
    return store.page(rows, given, url="/v1/payment_intents")
