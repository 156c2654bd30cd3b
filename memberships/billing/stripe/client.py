"""Stripe behind our port. This package alone imports `stripe`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import stripe
from stripe.checkout import Session

from memberships.billing.gateway import (
    Card,
    CardDeclined,
    Charge,
    ChargeRequest,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    HostedPage,
    HostedPageRequest,
)

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 20
# Minor units; from Stripe's page on minimum charge amounts. Currencies not listed settle at 50 or less.
MINIMUM_CHARGE = {
    "AED": 200, "CZK": 1500, "DKK": 250, "GBP": 30, "HKD": 400, "HUF": 17500, "MXN": 1000, "MYR": 200,
    "NOK": 300, "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}  # fmt: skip
EXPAND_INTENT = ["payment_method"]
EXPAND_SESSION = ["payment_intent.payment_method"]


class StripeGateway:
    """Talks to Stripe, or to the gateway double at `api_base` in demo and tests."""

    def __init__(self, *, api_key: str, api_base: str = "") -> None:
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base} if api_base else None,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=0,  # our own attempts carry the key; a retry is ours to make
        )

    def minimum_charge(self, currency: str) -> int:
        return MINIMUM_CHARGE.get(currency, 50)

    def create_customer(self, *, key: str, email: str, name: str) -> str:
        with _translated_errors():
            customer = self._client.v1.customers.create(
                {"email": email, "name": name}, {"idempotency_key": key}
            )
        return customer.id

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage:
        with _translated_errors():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "customer": request.customer_ref,
                    "client_reference_id": request.key,
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": request.currency.lower(),
                                "unit_amount": request.amount,
                                "product_data": {"name": request.description},
                            },
                        }
                    ],
                    "payment_intent_data": {"setup_future_usage": "off_session"},
                    "success_url": request.success_url,
                    "cancel_url": request.cancel_url,
                    "expires_at": _timestamp(request.expires_at),
                    "locale": "auto",
                },
                {"idempotency_key": request.key},
            )
        if session.url is None:
            raise GatewayUnavailable(f"Stripe opened {session.id} without a page.")
        return HostedPage(ref=session.id, url=session.url)

    def charge_saved_card(self, request: ChargeRequest) -> Charge:
        params: stripe.params.PaymentIntentCreateParams = {
            "amount": request.amount,
            "currency": request.currency.lower(),
            "customer": request.customer_ref,
            "payment_method": request.card_ref,
            "allowed_payment_method_types": ["card"],
            "description": request.description,
            "confirm": True,
            "metadata": {"attempt": request.key},
            "expand": EXPAND_INTENT,
        }
        if request.return_url is None:
            params["off_session"] = True
        else:
            params["return_url"] = request.return_url
        with _translated_errors():
            intent = self._client.v1.payment_intents.create(params, {"idempotency_key": request.key})
        return _charge_of_intent(intent)

    def look_up(self, ref: str) -> Charge:
        with _translated_errors():
            if ref.startswith("cs_"):
                return _charge_of_session(
                    self._client.v1.checkout.sessions.retrieve(ref, {"expand": EXPAND_SESSION})
                )
            return _charge_of_intent(self._client.v1.payment_intents.retrieve(ref, {"expand": EXPAND_INTENT}))

    def close(self, ref: str) -> Charge:
        try:
            with _translated_errors():
                if ref.startswith("cs_"):
                    self._client.v1.checkout.sessions.expire(ref)
                else:
                    self._client.v1.payment_intents.cancel(ref)
        except GatewayRefused:
            pass  # it is past the point where it can be closed; the look-up says which way it went
        return self.look_up(ref)


def _timestamp(moment: datetime) -> int:
    return int(moment.timestamp())


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except stripe.CardError as error:
        intent = error.error.payment_intent if error.error else None
        raise CardDeclined(error.user_message or str(error), ref=intent.id if intent else "") from error
    except (
        stripe.APIConnectionError,
        stripe.RateLimitError,
        stripe.APIError,
        stripe.AuthenticationError,
        stripe.PermissionError,  # a wrong key of ours says nothing of a request that came before it
        stripe.IdempotencyError,
    ) as error:
        raise GatewayUnavailable(str(error)) from error
    except stripe.StripeError as error:
        raise GatewayRefused(str(error)) from error


def _charge_of_session(session: Session) -> Charge:
    """A hosted page is paid, still payable, or closed; a declined card leaves it payable."""
    currency = (session.currency or "").upper()
    if session.payment_status == "paid":
        intent = session.payment_intent
        assert isinstance(intent, stripe.PaymentIntent), "the payment intent is always expanded"
        return Charge(
            ref=session.id,
            state=ChargeState.SUCCEEDED,
            captured=intent.amount_received,
            currency=currency,
            card=_card(intent.payment_method),
        )
    if session.status == "expired":
        return Charge(ref=session.id, state=ChargeState.FAILED, captured=0, currency=currency)
    return Charge(
        ref=session.id, state=ChargeState.WAITING, captured=0, currency=currency, action_url=session.url or ""
    )


def _charge_of_intent(intent: stripe.PaymentIntent) -> Charge:
    currency = intent.currency.upper()
    match intent.status:
        case "succeeded":
            return Charge(
                ref=intent.id,
                state=ChargeState.SUCCEEDED,
                captured=intent.amount_received,
                currency=currency,
                card=_card(intent.payment_method),
            )
        case "requires_action":
            redirect = intent.next_action.redirect_to_url if intent.next_action else None
            return Charge(
                ref=intent.id,
                state=ChargeState.ACTION_NEEDED,
                captured=0,
                currency=currency,
                action_url=(redirect.url or "") if redirect else "",
            )
        case "canceled" | "requires_payment_method":
            refusal = intent.last_payment_error.message if intent.last_payment_error else None
            return Charge(
                ref=intent.id, state=ChargeState.FAILED, captured=0, currency=currency, refusal=refusal or ""
            )
        case _:
            return Charge(ref=intent.id, state=ChargeState.WAITING, captured=0, currency=currency)


def _card(method: str | stripe.PaymentMethod | None) -> Card | None:
    if not isinstance(method, stripe.PaymentMethod) or method.card is None:
        return None
    return Card(
        ref=method.id,
        brand=method.card.brand,
        last4=method.card.last4,
        exp_month=method.card.exp_month,
        exp_year=method.card.exp_year,
    )
