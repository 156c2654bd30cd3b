"""Stripe behind our port. This package alone imports `stripe`."""

from collections.abc import Collection, Iterator
from datetime import datetime

import stripe
from stripe.checkout import Session

from memberships.billing.gateway import (
    Card,
    CardDeclined,
    CardPage,
    CardPageRequest,
    Charge,
    ChargeRequest,
    ChargeState,
    Confirmation,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    HostedPage,
    HostedPageRequest,
    RefundAnswer,
    RefundRequest,
)
from memberships.billing.stripe.answers import (
    card_of,
    card_page_of,
    charge_of_intent,
    charge_of_session,
    event_of,
    refund_of,
)
from memberships.billing.stripe.errors import is_missing, translated_errors

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = 20
# Minor units; from Stripe's page on minimum charge amounts. Currencies not listed settle at 50 or less.
MINIMUM_CHARGE = {
    "AED": 200, "CZK": 1500, "DKK": 250, "GBP": 30, "HKD": 400, "HUF": 17500, "MXN": 1000, "MYR": 200,
    "NOK": 300, "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}  # fmt: skip
EXPAND_INTENT = ["payment_method", "latest_charge"]
EXPAND_SESSION = ["payment_intent.payment_method", "payment_intent.latest_charge"]
EXPAND_CARD_PAGE = ["setup_intent.payment_method"]
LARGEST_PAGE = 100


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
        with translated_errors():
            customer = self._client.v1.customers.create(
                {"email": email, "name": name}, {"idempotency_key": key}
            )
        return customer.id

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage:
        with translated_errors():
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
        return _page_of(session)

    def prepare_charge(self, request: ChargeRequest) -> Charge:
        with translated_errors():
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": request.amount,
                    "currency": request.currency.lower(),
                    "customer": request.customer_ref,
                    "payment_method": request.card_ref,
                    "allowed_payment_method_types": ["card"],
                    "description": request.description,
                    "metadata": {"attempt": request.key},
                    "expand": EXPAND_INTENT,
                },
                {"idempotency_key": request.key},
            )
        return charge_of_intent(intent)

    def confirm_charge(self, confirmation: Confirmation) -> Charge:
        params: stripe.params.PaymentIntentConfirmParams = {"expand": EXPAND_INTENT}
        if confirmation.return_url is None:
            params["off_session"] = True
        else:
            params["return_url"] = confirmation.return_url
        try:
            with translated_errors():
                intent = self._client.v1.payment_intents.confirm(
                    confirmation.ref, params, {"idempotency_key": confirmation.key}
                )
        except CardDeclined:
            charge = self.look_up(confirmation.ref)
            if charge.state != ChargeState.ACTION_NEEDED:
                raise
            return charge  # the bank does not refuse, it asks for its customer
        except GatewayRefused:
            charge = self.look_up(confirmation.ref)
            if charge.state == ChargeState.PREPARED:
                raise
            return charge  # it was canceled, or confirmed before
        return charge_of_intent(intent)

    def look_up(self, ref: str) -> Charge:
        with translated_errors():
            if ref.startswith("cs_"):
                return charge_of_session(
                    self._client.v1.checkout.sessions.retrieve(ref, {"expand": EXPAND_SESSION})
                )
            return charge_of_intent(self._client.v1.payment_intents.retrieve(ref, {"expand": EXPAND_INTENT}))

    def close(self, ref: str) -> Charge:
        try:
            with translated_errors():
                if ref.startswith("cs_"):
                    self._client.v1.checkout.sessions.expire(ref)
                else:
                    self._client.v1.payment_intents.cancel(ref)
        except GatewayRefused:
            pass  # it is past the point where it can be closed; the look-up says which way it went
        return self.look_up(ref)

    def refund(self, request: RefundRequest) -> RefundAnswer:
        with translated_errors():
            intent = self._intent_of(request.charge_ref)
            known = self._client.v1.refunds.list({"payment_intent": intent, "limit": LARGEST_PAGE})
            for (
                refund
            ) in known.auto_paging_iter():  # Stripe forgets keys after a day, and we may ask again later
                if refund.metadata is not None and refund.metadata.to_dict().get("refund") == request.key:
                    return refund_of(refund)
            refund = self._client.v1.refunds.create(
                {"payment_intent": intent, "amount": request.amount, "metadata": {"refund": request.key}},
                {"idempotency_key": request.key},
            )
        return refund_of(refund)

    def look_up_refund(self, ref: str) -> RefundAnswer:
        with translated_errors():
            return refund_of(self._client.v1.refunds.retrieve(ref))

    def open_card_page(self, request: CardPageRequest) -> HostedPage:
        with translated_errors():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": request.customer_ref,
                    "client_reference_id": request.key,
                    "currency": request.currency.lower(),
                    "success_url": request.success_url,
                    "cancel_url": request.cancel_url,
                    "locale": "auto",
                },
                {"idempotency_key": request.key},
            )
        return _page_of(session)

    def look_up_card_page(self, ref: str) -> CardPage:
        with translated_errors():
            return card_page_of(self._client.v1.checkout.sessions.retrieve(ref, {"expand": EXPAND_CARD_PAGE}))

    def look_up_card(self, ref: str) -> Card | None:
        with translated_errors():
            try:
                method = self._client.v1.payment_methods.retrieve(ref)
            except stripe.InvalidRequestError as error:
                if is_missing(error):
                    return None
                raise
        return card_of(method) if method.customer else None

    def events_since(self, moment: datetime, *, kinds: Collection[str]) -> Iterator[GatewayEvent]:
        with translated_errors():
            events = self._client.v1.events.list(
                {"created": {"gte": _timestamp(moment)}, "types": sorted(kinds), "limit": LARGEST_PAGE}
            )
            for event in events.auto_paging_iter():
                yield event_of(event)

    def _intent_of(self, charge_ref: str) -> str:
        """The payment intent behind an attempt, which of a hosted page is known once it is paid."""
        if not charge_ref.startswith("cs_"):
            return charge_ref
        intent = self._client.v1.checkout.sessions.retrieve(charge_ref).payment_intent
        if not isinstance(intent, str):
            raise GatewayRefused(f"{charge_ref} was never paid.")
        return intent


def _page_of(session: Session) -> HostedPage:
    if session.url is None:
        raise GatewayUnavailable(f"Stripe opened {session.id} without a page.")
    return HostedPage(ref=session.id, url=session.url)


def _timestamp(moment: datetime) -> int:
    return int(moment.timestamp())
