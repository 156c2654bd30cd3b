"""The port to whoever takes the money, in our words. Amounts are integers of minor units.

An implementation translates its vendor's failures into the three below; nothing else of a vendor passes this border.
"""

from collections.abc import Collection, Iterator
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


class CustomerUnknown(GatewayRefused):
    """The gateway has no such customer any more, nor the cards it kept for them."""


class ChargeState(StrEnum):
    PREPARED = "prepared"  # nothing was asked of the bank yet; `confirm_charge` does
    WAITING = "waiting"  # the customer has not paid yet, or the bank is still thinking
    ACTION_NEEDED = (
        "action_needed"  # the customer must confirm: at `action_url`, or if they were away by paying anew
    )
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
class CardPageRequest:
    """Ask for a page on which the customer saves another card. The same `key` gives the same page."""

    key: str
    customer_ref: str
    currency: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """What came of a page to save a card, now. Neither open nor with a card: it was never used and has expired."""

    ref: str
    is_open: bool
    card: Card | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Prepare to charge a saved card."""

    key: str
    customer_ref: str
    card_ref: str
    amount: int
    currency: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Charge what was prepared as `ref`. With a `return_url` the customer is present and can confirm at the bank;
    without, they are not."""

    ref: str
    key: str
    return_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What the gateway says of one attempt, now. `captured` and what was `refunded` of it are in minor units of
    `currency`."""

    ref: str
    state: ChargeState
    captured: int
    currency: str
    refunded: int = 0
    action_url: str = ""
    refusal: str = ""
    card: Card | None = None


class RefundState(StrEnum):
    PENDING = "pending"  # the bank is still thinking
    SUCCEEDED = "succeeded"  # given back, though the bank may refuse it days later
    FAILED = "failed"  # the money is with us again


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Give back `amount` of the attempt `charge_ref`. The same `key` gives back once."""

    key: str
    charge_ref: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAnswer:
    """What the gateway says of one refund, now."""

    ref: str
    state: RefundState
    amount: int
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """Something that happened at the gateway. `payload` is JSON text as its webhook would have carried it."""

    id: str
    kind: str
    object_id: str
    payload: str
    created_at: datetime


class Gateway(Protocol):
    """Takes money and gives it back. Every method raises GatewayUnavailable when the outcome is unknown and
    GatewayRefused when we asked wrongly."""

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage: ...

    def look_up(self, ref: str) -> Charge:
        """The present truth about an attempt we started."""

    def close(self, ref: str) -> Charge:
        """Make sure that `ref` can no longer be paid; the answer says SUCCEEDED if it has been paid before that."""

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Raises GatewayRefused for more than was captured and not given back yet."""

    def look_up_refund(self, ref: str) -> RefundAnswer:
        """The present truth about a refund we started."""


class CardGateway(Gateway, Protocol):
    """Also knows customers and keeps their cards. What names a customer raises CustomerUnknown when it has deleted
    them."""

    def minimum_charge(self, currency: str) -> int:
        """The smallest amount the gateway charges in `currency`, in minor units."""

    def create_customer(self, *, key: str, email: str, name: str) -> str:
        """Register a customer and return the gateway's reference."""

    def prepare_charge(self, request: ChargeRequest) -> Charge:
        """Get ready to charge a saved card. Nothing moves before `confirm_charge`, whoever asks how often."""

    def confirm_charge(self, confirmation: Confirmation) -> Charge:
        """Charge what was prepared; what can no longer be charged is answered as it is. Raises CardDeclined when the
        bank says no."""

    def open_card_page(self, request: CardPageRequest) -> HostedPage: ...

    def look_up_card_page(self, ref: str) -> CardPage:
        """The present truth about a card page we opened."""

    def look_up_card(self, ref: str) -> Card | None:
        """A card the gateway keeps for one of our customers; None when it keeps it no longer."""

    def events_since(self, moment: datetime, *, kinds: Collection[str]) -> Iterator[GatewayEvent]:
        """What has happened from `moment` on, newest first, of these `kinds` (at most twenty)."""
