"""The port to whoever takes the money, in our words. Amounts are integers of minor units.

An implementation translates its vendor's failures into the three below; nothing else of a vendor passes this border.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class CardDeclined(Exception):
    """Final: the bank said no. `message` is fit for the customer; `ref` names the failed charge where there is one."""

    def __init__(self, message: str, *, ref: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.ref = ref


class GatewayUnavailable(Exception):
    """Passing: nothing is known of the outcome. Ask again with the same key."""


class GatewayRefused(Exception):
    """Final and ours: the gateway did not accept the request as we made it. Someone must look at it."""


class ChargeState(StrEnum):
    WAITING = "waiting"  # the customer has not paid yet, or the bank is still thinking
    ACTION_NEEDED = "action_needed"  # the customer must confirm at `action_url`
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # will never be paid under this reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    ref: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedPageRequest:
    """Ask for a payment page. The same `key` with the same request gives the same page."""

    key: str
    customer_ref: str
    amount: int
    currency: str
    description: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedPage:
    ref: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Charge a saved card. With a `return_url` the customer is present and can confirm at the bank; without,
    they are not."""

    key: str
    customer_ref: str
    card_ref: str
    amount: int
    currency: str
    description: str
    return_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What the gateway says of one attempt, now. `captured` is in minor units of `currency`."""

    ref: str
    state: ChargeState
    captured: int
    currency: str
    action_url: str = ""
    refusal: str = ""
    card: Card | None = None


class Gateway(Protocol):
    """Every method raises GatewayUnavailable when the outcome is unknown and GatewayRefused when we asked wrongly."""

    def minimum_charge(self, currency: str) -> int:
        """The smallest amount the gateway charges in `currency`, in minor units."""

    def create_customer(self, *, key: str, email: str, name: str) -> str:
        """Register a customer and return the gateway's reference."""

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage: ...

    def charge_saved_card(self, request: ChargeRequest) -> Charge:
        """Raises CardDeclined when the bank says no."""

    def look_up(self, ref: str) -> Charge:
        """The present truth about an attempt we started."""

    def close(self, ref: str) -> Charge:
        """Make sure that `ref` can no longer be paid; the answer says SUCCEEDED if it has been paid before that."""
