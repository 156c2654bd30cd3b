"""Stripe's failures, in the words of our port."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from memberships.billing.gateway import CardDeclined, CustomerUnknown, GatewayRefused, GatewayUnavailable


@contextmanager
def translated_errors() -> Iterator[None]:
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
    except stripe.InvalidRequestError as error:
        kind = CustomerUnknown if is_missing(error) and error.param == "customer" else GatewayRefused
        raise kind(str(error)) from error
    except stripe.StripeError as error:
        raise GatewayRefused(str(error)) from error


def is_missing(error: stripe.InvalidRequestError) -> bool:
    return error.code == "resource_missing"
