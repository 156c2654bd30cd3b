"""A gateway that is none: it answers by itself, as the card it is given would, and asks nobody."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from memberships.billing.durable import stand_in
from memberships.billing.gateway import (
    Card,
    CardDeclined,
    CardGateway,
    CardPage,
    CardPageRequest,
    Charge,
    ChargeRequest,
    ChargeState,
    Confirmation,
    GatewayEvent,
    HostedPage,
    HostedPageRequest,
    RefundAnswer,
    RefundRequest,
    RefundState,
)


class CardBehaviour(StrEnum):
    WORKS = "works"
    DECLINES = "declines"
    NEEDS_CONFIRMATION = "needs-confirmation"


class RehearsalGateway:
    """Keeps what it was asked in memory. What was begun at the real gateway is waiting here until it is closed."""

    def __init__(self, *, instead_of: CardGateway, card: CardBehaviour) -> None:
        self.real = instead_of
        self.card = card
        self.charges: dict[str, Charge] = {}

    def minimum_charge(self, currency: str) -> int:
        return self.real.minimum_charge(currency)

    def create_customer(self, *, key: str, email: str, name: str) -> str:  # noqa: ARG002 -- the port's signature
        return _ref(key)

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage:
        return HostedPage(ref=_ref(request.key), url="")

    def prepare_charge(self, request: ChargeRequest) -> Charge:
        charge = Charge(
            ref=_ref(request.key), state=ChargeState.PREPARED, captured=0, currency=request.currency
        )
        self.charges[charge.ref] = replace(charge, captured=request.amount)
        return charge

    def confirm_charge(self, confirmation: Confirmation) -> Charge:
        asked = self.charges[confirmation.ref]
        match self.card:
            case CardBehaviour.DECLINES:
                raise CardDeclined("Your card was declined.", ref=asked.ref)
            case CardBehaviour.NEEDS_CONFIRMATION:
                return replace(
                    asked, state=ChargeState.ACTION_NEEDED, captured=0, refusal="Authentication is required."
                )
            case CardBehaviour.WORKS:
                return replace(asked, state=ChargeState.SUCCEEDED)

    def look_up(self, ref: str) -> Charge:
        return Charge(ref=ref, state=ChargeState.WAITING, captured=0, currency="")

    def close(self, ref: str) -> Charge:
        return Charge(ref=ref, state=ChargeState.FAILED, captured=0, currency="")

    def refund(self, request: RefundRequest) -> RefundAnswer:
        return RefundAnswer(ref=_ref(request.key), state=RefundState.SUCCEEDED, amount=request.amount)

    def look_up_refund(self, ref: str) -> RefundAnswer:
        return RefundAnswer(ref=ref, state=RefundState.PENDING, amount=0)

    def open_card_page(self, request: CardPageRequest) -> HostedPage:
        return HostedPage(ref=_ref(request.key), url="")

    def look_up_card_page(self, ref: str) -> CardPage:
        return CardPage(ref=ref, is_open=True)

    def look_up_card(self, ref: str) -> Card | None:  # noqa: ARG002 -- the port's signature
        return None

    def events_since(self, moment: datetime, *, kinds: Collection[str]) -> Iterator[GatewayEvent]:  # noqa: ARG002 -- the port's signature
        return iter(())


@contextmanager
def rehearsing(gateway: CardGateway) -> Iterator[None]:
    """`gateway` is asked instead of the real one by whatever the block calls, and by nobody else."""
    token = stand_in.set(gateway)
    try:
        yield
    finally:
        stand_in.reset(token)


def _ref(key: str) -> str:
    return f"rehearsal_{key}"
