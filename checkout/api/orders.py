"""Order what was quoted, pay for it, and see what became of it."""

from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import ConfigDict, Field

from accounts.tokens.models import Scope
from checkout import models
from checkout.api.authentication import Bearer, caller, visible
from checkout.api.openapi import WITH_A_BODY, answers
from checkout.api.paging import After, Limit, Next, page_of
from checkout.api.problems import (
    SECONDS_TO_RETRY,
    Fault,
    Problem,
    ProblemDetails,
    bad_input,
    not_found,
    too_many_requests,
)
from checkout.api.quotes import Quote
from checkout.api.shapes import Asked, Instant, Minor, Shape, one_of
from checkout.operations.confirm import AnotherOrderIsOpen, NothingToConfirm, QuoteStale, confirm
from checkout.operations.fulfil import reference_of
from checkout.operations.pay import pay, reconcile
from checkout.operations.rate_limit import TooManyQuotes
from checkout.views.owned import order_for, quote_for
from checkout.views.paying import return_url
from checkout.views.result import title_of
from checkout.views.review import stale_reason
from checkout.views.words import refusal_text
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt, Invoice, PaymentMethod
from memberships.models import Payment as Collected
from memberships.operations.collection import PaymentNotOpen

router = Router(tags=["Orders"])
State = models.Order.State


class Confirmation(Asked):
    """The quote, and how to pay. Never a price."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quote": "5d0c7f9e-4a52-4a5e-8f30-6c1f1f1b7a99", "card": None}]}
    )

    quote: UUID
    card: UUID | None = Field(
        default=None,
        description="A saved card of the membership; without one, `payment_url` is where to pay.",
    )


class Payment(Shape):
    """The money for an order."""

    state: Annotated[Collected.State, one_of(Collected.State)]
    amount: Minor
    reference: str = Field(description="For a bank transfer.")
    refusal: str | None = Field(description="Why the bank refused the last card, if it did.")

    @classmethod
    def of(cls, payment: Collected, attempt: Attempt | None) -> "Payment":
        return cls(
            state=Collected.State(payment.state),
            amount=payment.amount,
            reference=payment.reference,
            refusal=(refusal_text(attempt.refusal) or None) if attempt else None,
        )


class Order(Shape):
    """A quote that was confirmed. It is carried out when its state is `fulfilled`, not when it is paid for."""

    id: UUID
    quote: UUID
    membership: UUID
    state: Annotated[models.Order.State, one_of(models.Order.State)]
    kind: str = Field(examples=["upgrade"])
    title: str = Field(
        description="What is done, or to be done, in your language.", examples=["Upgrade to Premium"]
    )
    currency: str = Field(examples=["EUR"])
    amount: Minor = Field(description="What is due, in minor units: what the quote said.")
    payment: Payment | None = Field(description="null when nothing is due.")
    payment_url: str | None = Field(
        description="Where the customer pays, or confirms to the bank, in a browser; null when there is no need."
    )
    invoice: str | None = Field(
        description="The number of the invoice, once there is one.", examples=["2026-0042"]
    )
    created_at: Instant
    expires_at: Instant | None = Field(
        description="Unpaid by then, the order is closed and nothing has changed."
    )
    settled_at: Instant | None

    @classmethod
    def of(cls, order: models.Order) -> "Order":
        payment = order.payment
        attempt = payment.attempts.order_by("-number").first() if payment else None
        invoice = (
            Invoice.objects.filter(reference=reference_of(order)).values_list("number", flat=True).first()
        )
        return cls(
            id=order.uid,
            quote=order.quote.uid,
            membership=order.membership.uid,
            state=models.Order.State(order.state),
            kind=order.kind,
            title=title_of(order),
            currency=order.membership.currency,
            amount=payment.amount if payment else 0,
            payment=Payment.of(payment, attempt) if payment else None,
            payment_url=_url(attempt) if order.state == models.Order.State.OPEN else None,
            invoice=invoice,
            created_at=order.created_at,
            expires_at=order.expires_at,
            settled_at=order.settled_at,
        )


class OrderSummary(Shape):
    id: UUID
    membership: UUID
    state: Annotated[State, one_of(State)]
    kind: str = Field(examples=["upgrade"])
    title: str = Field(description="What it is for, in your language.", examples=["Upgraded Free → Premium"])
    currency: str = Field(examples=["EUR"])
    amount: Minor = Field(description="What is or was due, in minor units.")
    created_at: Instant
    settled_at: Instant | None


class Orders(Shape):
    data: list[OrderSummary]
    next: Next


class OrderConflict(ProblemDetails):
    """Why the quote could not be ordered. Nobody was charged."""

    reason: str | None = Field(
        default=None, description="With `quote_stale`: what has changed.", examples=["expired"]
    )
    quote: Quote | None = Field(
        default=None, description="With `quote_stale`: the figures that hold no longer."
    )
    fresh: Quote | None = Field(
        default=None,
        description="With `quote_stale`: what the same costs now, to be ordered instead; null if it cannot be had.",
    )
    order: UUID | None = Field(
        default=None, description="With `another_order_is_open`: the order to pay or to stop first."
    )


@router.post(
    "/orders",
    response=answers(
        {201: Order, 200: Order},
        *WITH_A_BODY, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE,
        conflict=OrderConflict,
    ),
    auth=Bearer(Scope.ORDERS_WRITE),
    operation_id="place_order",
    summary="Order what was quoted, and pay",
)  # fmt: skip
def place(request: HttpRequest, confirmation: Confirmation, response: HttpResponse) -> Status[Order]:
    """A quote is ordered once: the same quote again answers its order with 200, and goes on with the payment where it
    stands. So a lost answer is asked for again by sending the same."""
    user, now = caller(request), timezone.now()
    try:
        quote = quote_for(user, confirmation.quote)
    except Http404 as error:
        raise not_found(path="quote") from error
    card = _card(quote, confirmation.card)
    try:
        order = confirm(quote=quote, user=user, now=now)
    except QuoteStale as stale:
        raise _stale(quote, stale) from stale
    except AnotherOrderIsOpen as other:
        raise _conflict(
            "another_order_is_open",
            _("Another change is already waiting for its payment. Finish or stop that one first."),
            order=str(other.order.uid),
        ) from other
    except NothingToConfirm as nothing:
        raise _conflict("nothing_to_confirm", Quote.of(quote).explanations.when) from nothing
    except TooManyQuotes as limit:
        raise too_many_requests(seconds=limit.seconds) from limit
    _pay(order, card, now)
    response["Location"] = reverse("api:get_order", args=[order.uid])
    is_new = order.created_at == now
    return Status(HTTPStatus.CREATED if is_new else HTTPStatus.OK, Order.of(order_for(user, order.uid)))


@router.get(
    "/orders",
    response=answers({200: Orders}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.ORDERS_READ),
    operation_id="list_orders",
    summary="List your orders",
)
def index(
    request: HttpRequest,
    membership: Annotated[UUID | None, Query(description="Of this membership only.")] = None,
    state: Annotated[State | None, one_of(State), Query(None, description="In this state only.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Orders:
    """The oldest first, as they stand; renewals are orders too."""
    wanted = {"membership__uid": membership, "state": state}
    found = visible(models.Order.objects.select_related("membership", "payment"), request).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    rows, following = page_of(found, request, limit=limit, after=after)
    return Orders(data=[_summary(row) for row in rows], next=following)


@router.get(
    "/orders/{order_id}",
    response=answers({200: Order}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.ORDERS_READ),
    operation_id="get_order",
    url_name="get_order",
    summary="See what became of an order",
)
def details(request: HttpRequest, order_id: UUID) -> Order:
    """An open order is brought up to date with the payment gateway first, as far as that answers."""
    orders = visible(
        models.Order.objects.select_related("membership__customer__user", "payment", "quote"), request
    )
    order = get_object_or_404(orders, uid=order_id)
    if order.state == State.OPEN:
        with suppress(GatewayUnavailable, GatewayRefused):
            reconcile(order=order, now=timezone.now())
        order = orders.get(pk=order.pk)
    return Order.of(order)


def _summary(order: models.Order) -> OrderSummary:
    return OrderSummary(
        id=order.uid,
        membership=order.membership.uid,
        state=State(order.state),
        kind=order.kind,
        title=order.headline,
        currency=order.membership.currency,
        amount=order.payment.amount if order.payment else 0,
        created_at=order.created_at,
        settled_at=order.settled_at,
    )


def _url(attempt: Attempt | None) -> str | None:
    return (attempt.url or None) if attempt and attempt.is_open else None


def _card(quote: models.Quote, uid: UUID | None) -> PaymentMethod | None:
    if uid is None:
        return None
    card = quote.membership.customer.payment_methods.filter(uid=uid).first()
    if card is None:
        raise bad_input(Fault(path="card", code="unknown_card", message=_("You have no such saved card.")))
    return card


def _pay(order: models.Order, card: PaymentMethod | None, now: datetime) -> None:
    """Start or continue paying, where there is something (more) to pay. Raises Problem, naming the order."""
    payment = order.payment
    if payment is None or payment.state != Collected.State.OPEN or order.state != models.Order.State.OPEN:
        return
    more = {"order": str(order.uid)}
    try:
        pay(order=order, card=card, return_url=return_url(order), now=now)
    except PaymentNotOpen:
        return
    except GatewayUnavailable as error:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "gateway_unavailable",
            _(
                "The order is placed, but the payment could not be started. Send the same again to go on with it."
            ),
            headers={"Retry-After": str(SECONDS_TO_RETRY)},
            more=more,
        ) from error
    except GatewayRefused as error:
        raise Problem(
            HTTPStatus.BAD_GATEWAY,
            "gateway_refused",
            _("The order is placed, but the payment could not be started. We have to look at it."),
            more=more,
        ) from error


def _stale(quote: models.Quote, stale: QuoteStale) -> Problem:
    """Nobody was charged: the old figures beside the new ones."""
    return _conflict(
        "quote_stale",
        stale_reason(stale.reason),
        reason=stale.reason,
        quote=Quote.of(quote).model_dump(mode="json"),
        fresh=Quote.of(stale.fresh).model_dump(mode="json") if stale.fresh else None,
    )


def _conflict(code: str, detail: str, **more: Any) -> Problem:
    return Problem(HTTPStatus.CONFLICT, code, detail, more=more)
