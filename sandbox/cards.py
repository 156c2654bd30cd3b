"""The test cards and what the bank says to each of them. Numbers and meanings are Stripe's own."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sandbox.refusals import CardRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """A bank's no: Stripe's code, the finer decline code, and the sentence for the customer."""

    code: str
    decline_code: str
    message: str


GENERIC = Decline(code="card_declined", decline_code="generic_decline", message="Your card was declined.")
NO_FUNDS = Decline(
    code="card_declined", decline_code="insufficient_funds", message="Your card has insufficient funds."
)
ASK_FIRST = Decline(
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCard:
    """`on_saving`, `on_charging`: what the bank answers; None: yes. `asks`: the holder must confirm.

    `refunds`: at once, only later, or at once until the bank sends the money back.
    """

    number: str
    label: str
    alias: str  # the id Stripe's test mode knows it by
    on_saving: Decline | None = None
    on_charging: Decline | None = None
    asks: bool = False
    refunds: Literal["at once", "later", "in vain"] = "at once"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number, as Stripe's is."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]

    @property
    def spaced(self) -> str:
        return " ".join(self.number[place : place + 4] for place in range(0, len(self.number), 4))


CARDS = {
    card.number: card
    for card in (
        TestCard(number="4242424242424242", label="Pays", alias="pm_card_visa"),
        TestCard(
            number="4000000000000002",
            label="Is declined",
            alias="pm_card_visa_chargeDeclined",
            on_saving=GENERIC,
            on_charging=GENERIC,
        ),
        TestCard(
            number="4000000000009995",
            label="Has insufficient funds",
            alias="pm_card_visa_chargeDeclinedInsufficientFunds",
            on_saving=NO_FUNDS,
            on_charging=NO_FUNDS,
        ),
        TestCard(
            number="4000002760003184",
            label="Asks for confirmation",
            alias="pm_card_authenticationRequired",
            asks=True,
        ),
        TestCard(
            number="4000000000000341",
            label="Can be saved, then is declined",
            alias="pm_card_chargeCustomerFail",
            on_charging=GENERIC,
        ),
        TestCard(
            number="4000000000007726",
            label="Pays, is refunded later",
            alias="pm_card_pendingRefund",
            refunds="later",
        ),
        TestCard(
            number="4000000000005126",
            label="Pays, cannot be refunded",
            alias="pm_card_refundFail",
            refunds="in vain",
        ),
    )
}
BY_ALIAS = {card.alias: card for card in CARDS.values()}


def look_up(number: str) -> TestCard:
    """The card with this number, however it is spaced. Raises CardRefused."""
    digits = "".join(letter for letter in number if not letter.isspace() and letter != "-")
    if digits in CARDS:
        return CARDS[digits]
    if not (digits.isascii() and digits.isdecimal() and _adds_up(digits)):
        raise CardRefused("Your card number is incorrect.", code="incorrect_number", param="number")
    raise CardRefused(
        "Your card was declined. Your request was in test mode, but used a non test card.",
        code="card_declined",
        decline_code="test_mode_live_card",
    )


def _adds_up(digits: str) -> bool:
    """Luhn's check digit."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return len(digits) >= 12 and sum(value // 10 + value % 10 for value in doubled) % 10 == 0  # noqa: PLR2004 - no card is shorter
