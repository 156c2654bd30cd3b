"""What happens on the hosted page: a card for a session, and the bank's question."""

from sandbox import payment_intents, payment_methods, setup_intents, store
from sandbox.addresses import with_query
from sandbox.cards import look_up
from sandbox.events import emit
from sandbox.models import Resource
from sandbox.store import Body, Call


def pay(call: Call, session: Resource, *, number: str) -> str:
    """Tries the card with this number and says where to go next. Raises CardRefused when it is refused.

    A session that is complete already is not paid again; an expired one must not be passed in.
    """
    if session.body["status"] == "complete":
        return success_address(session)
    card = look_up(number)
    method = payment_methods.create(call, card=card, email=_email(session))
    intent = _intent(call, session)
    back = session.body["url"]
    if intent.kind == "payment_intent":
        payment_intents.attempt(call, intent, method, off_session=False, return_url=back)
    else:
        setup_intents.attempt(call, intent, method, return_url=back)
    return _onward(call, session, intent)


def _email(session: Resource) -> str | None:
    details = session.body["customer_details"]
    return details["email"] if details else None


def intent_of(session: Resource) -> Resource | None:
    """The intent of a session; a payment has none before a card was tried."""
    for kind in ("setup_intent", "payment_intent"):
        if session.body[kind]:
            return store.find(kind, session.body[kind])
    return None


def _intent(call: Call, session: Resource) -> Resource:
    """The session's intent. A payment's is made when the first card is tried, as Stripe does."""
    intent = intent_of(session)
    if intent is not None:
        return intent
    wanted: Body = {
        **session.hidden["intent_data"],
        "amount": session.body["amount_total"],
        "currency": session.body["currency"],
        "customer": session.body["customer"],
    }
    intent = payment_intents.make(call, wanted, session=session.ref)
    session.body["payment_intent"] = intent.ref
    store.save(session)
    return intent


def _onward(call: Call, session: Resource, intent: Resource) -> str:
    if intent.body["status"] == "requires_action":
        return f"/confirm/{intent.ref}"
    _complete(call, session)
    return success_address(session)


def _complete(call: Call, session: Resource) -> None:
    if session.body["status"] != "open":
        return
    session.body |= {"status": "complete", "url": None}
    if session.body["mode"] == "payment":
        session.body["payment_status"] = "paid"
    store.save(session)
    emit(call, "checkout.session.completed", session.body)


def answer_bank(call: Call, intent: Resource, *, approved: bool) -> None:
    """Takes the holder's answer to the bank's question, once. Raises CardRefused for a no."""
    if intent.kind == "payment_intent":
        payment_intents.answer_bank(call, intent, approved=approved)
    else:
        setup_intents.answer_bank(call, intent, approved=approved)
    session = session_of(intent)
    if session is not None and intent.body["status"] == "succeeded":
        _complete(call, session)


def session_of(intent: Resource) -> Resource | None:
    ref = intent.hidden["session"]
    return store.find("checkout.session", ref) if ref else None


def address_after_bank(intent: Resource) -> str | None:
    """Where the holder goes once the bank has its answer; None when nobody said where to."""
    session = session_of(intent)
    succeeded = intent.body["status"] == "succeeded"
    if session is not None:
        return success_address(session) if succeeded else f"/pay/{session.ref}"
    if not intent.hidden.get("return_url"):
        return None
    return with_query(
        intent.hidden["return_url"],
        **{
            intent.kind: intent.ref,
            f"{intent.kind}_client_secret": intent.body["client_secret"],
            "redirect_status": "succeeded" if succeeded else "failed",
        },
    )


def success_address(session: Resource) -> str:
    address: str = session.body["success_url"]
    return address.replace("{CHECKOUT_SESSION_ID}", session.ref)
