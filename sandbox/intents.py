"""What payment intents and setup intents have in common."""

from sandbox import settings, store
from sandbox.addresses import check_return_address
from sandbox.cards import Decline
from sandbox.models import Resource
from sandbox.payment_methods import check_kept
from sandbox.refusals import Refusal
from sandbox.store import Body

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def holder_said_no(intent: Resource) -> Decline:
    """The holder of the card did not confirm to the bank."""
    return Decline(
        code=f"{intent.kind}_authentication_failure",
        decline_code="",
        message="We are unable to authenticate your payment method. Please choose a different payment method "
        "and try again.",
    )


def check_open(intent: Resource, verb: str) -> None:
    """Raises Refusal for an intent that is over, or that only its Checkout Session may move."""
    name, status = _NAMES[intent.kind], intent.body["status"]
    itself: Body = {intent.kind: intent.body}
    if intent.hidden["session"]:
        raise Refusal(
            f"You cannot {verb} a {name} that belongs to a Checkout Session."
            + (" Expire the session instead." if verb == "cancel" else "")
        )
    if status not in OPEN:
        raise Refusal(
            f"You cannot {verb} this {name} because it has a status of {status}. "
            f"Only one with one of these statuses can be used so: {', '.join(OPEN)}.",
            code=f"{intent.kind}_unexpected_state",
            **itself,
        )


def method_of(intent: Resource) -> Resource:
    """The card the intent is to use. Raises Refusal when it has none."""
    if intent.body["payment_method"] is None:
        raise Refusal(
            f"You cannot confirm this {_NAMES[intent.kind]} because it's missing a payment method.",
            code=f"{intent.kind}_unexpected_state",
        )
    method = store.find("payment_method", intent.body["payment_method"])
    check_kept(method)
    return method


def check_way_back(intent: Resource, return_url: str | None, *, off_session: bool) -> None:
    """Raises Refusal unless the customer, who may be sent to the bank, can come back."""
    automatic = intent.body["automatic_payment_methods"]
    if return_url is not None:
        check_return_address(return_url, param="return_url")
    elif not off_session and automatic["enabled"] and automatic["allow_redirects"] == "always":
        raise Refusal(
            f"This {_NAMES[intent.kind]} accepts payment methods that might send your customer off your "
            "page: provide a `return_url`, or set `automatic_payment_methods[allow_redirects]` to `never`.",
            param="return_url",
        )


def ask_holder(intent: Resource, method: Resource, *, return_url: str | None) -> None:
    """The bank wants the holder's word: the intent says where to get it."""
    url = f"{settings.BASE_URL}/confirm/{intent.ref}"
    action: Body = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": return_url, "url": url},
    }
    if return_url is None:
        action = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url},
        }
    intent.body |= {"next_action": action, "payment_method": method.ref, "status": "requires_action"}
    intent.hidden["return_url"] = return_url
    store.save(intent)
