"""A gateway that may be looked at and not touched: questions go to the real one, and what would move money or make
something is only noted."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Never

from memberships.billing.gateway import (
    Card,
    CardGateway,
    CardPage,
    CardPageRequest,
    Charge,
    ChargeRequest,
    Confirmation,
    GatewayEvent,
    GatewayUnavailable,
    HostedPage,
    HostedPageRequest,
    RefundAnswer,
    RefundRequest,
)


class LookingGateway:
    """`asked` holds what the gateway would have been asked to do, in the words of its methods. Each such call ends in
    GatewayUnavailable, after which everything that calls a gateway leaves things as they are."""

    def __init__(self, real: CardGateway) -> None:
        self.real = real
        self.asked: list[str] = []

    def minimum_charge(self, currency: str) -> int:
        return self.real.minimum_charge(currency)

    def look_up(self, ref: str) -> Charge:
        return self.real.look_up(ref)

    def look_up_refund(self, ref: str) -> RefundAnswer:
        return self.real.look_up_refund(ref)

    def look_up_card_page(self, ref: str) -> CardPage:
        return self.real.look_up_card_page(ref)

    def look_up_card(self, ref: str) -> Card | None:
        return self.real.look_up_card(ref)

    def events_since(self, moment: datetime, *, kinds: Collection[str]) -> Iterator[GatewayEvent]:
        return self.real.events_since(moment, kinds=kinds)

    def create_customer(self, *, key: str, email: str, name: str) -> str:  # noqa: ARG002 -- the port's signature
        self._note("create_customer")

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage:  # noqa: ARG002 -- the port's signature
        self._note("open_hosted_page")

    def open_card_page(self, request: CardPageRequest) -> HostedPage:  # noqa: ARG002 -- the port's signature
        self._note("open_card_page")

    def prepare_charge(self, request: ChargeRequest) -> Charge:  # noqa: ARG002 -- the port's signature
        self._note("charge")

    def confirm_charge(self, confirmation: Confirmation) -> Charge:  # noqa: ARG002 -- the port's signature
        self._note("charge")

    def close(self, ref: str) -> Charge:  # noqa: ARG002 -- the port's signature
        self._note("close")

    def refund(self, request: RefundRequest) -> RefundAnswer:  # noqa: ARG002 -- the port's signature
        self._note("refund")

    def _note(self, what: str) -> Never:
        self.asked.append(what)
        raise GatewayUnavailable(f"{what}: nothing is done on a dry run")
