"""What a customer has."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import ConfigDict, Field

from accounts.models import User
from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, caller, visible
from checkout.api.openapi import WITH_A_BODY, answers
from checkout.api.paging import After, Limit, Next, page_of
from checkout.api.problems import SECONDS_TO_RETRY, Problem
from checkout.api.shapes import Asked, Instant, Interval, Limits, Minor, Period, Product, Shape, one_of
from checkout.models import Order
from checkout.operations.cancel import cancel
from checkout.operations.confirm import AnotherOrderIsOpen
from checkout.views.owned import terms_for
from checkout.views.pending import pending_change
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import (
    Membership,
    MembershipItem,
    PaymentMethod,
    ScheduledChange,
    TransitionNotAllowed,
)
from memberships.operations.entitlements import entitlements
from memberships.operations.keep_plan import keep_plan
from memberships.operations.terms import Terms, terms_of, with_terms
from products import pricing

router = Router(tags=["Memberships"])
State = Membership.State


class Item(Shape):
    """A product on the membership."""

    product: Product
    quantity: int
    unit_price: Minor
    recurring: bool = Field(description="False for what was bought once.")


class WantedItem(Shape):
    product: Product
    quantity: int


class Scheduled(Shape):
    """What the membership becomes when its period ends."""

    kind: str = Field(examples=["downgrade"])
    effective_at: Instant
    interval: Interval
    items: list[WantedItem] = Field(
        description="Everything that is left from then on; nothing for a cancellation."
    )


class Card(Shape):
    """A saved card."""

    id: UUID
    brand: str = Field(examples=["visa"])
    last4: str = Field(examples=["4242"])
    exp_month: int
    exp_year: int
    is_default: bool = Field(description="Whether bills are paid with it.")

    @classmethod
    def of(cls, card: PaymentMethod) -> "Card":
        return cls(
            id=card.uid,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            is_default=card.is_default,
        )


class MembershipSummary(Shape):
    id: UUID
    state: Annotated[Membership.State, one_of(Membership.State)]
    plan: Product | None
    currency: str = Field(examples=["EUR"])
    interval: Interval
    period: Period | None = Field(
        description="What has been paid for; null for a free membership, which never expires."
    )


class MembershipDetails(MembershipSummary):
    revision: int = Field(
        description="Grows with every change; a quote holds for the revision it was made for."
    )
    items: list[Item] = Field(description="The plan, and the packages and services with it.")
    trial_end: Instant | None
    wallet: Minor = Field(
        description="Account credit in minor units; below zero, it is paid with the next bill."
    )
    limits: Limits
    scheduled_change: Scheduled | None
    open_order: UUID | None = Field(description="The order that waits for its payment, if there is one.")
    cards: list[Card] = Field(description="The saved cards, the default one first.")


class Memberships(Shape):
    data: list[MembershipSummary]
    next: Next


class Cancellation(Asked):
    """That a membership is to end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "We have closed the shop."}]})

    reason: str = Field(
        default="", max_length=240, pattern=r"^[^\x00-\x1f\x7f]*$", description="Why, for us to learn."
    )


@router.get(
    "/memberships",
    response=answers({200: Memberships}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.MEMBERSHIPS_READ),
    operation_id="list_memberships",
    summary="List your memberships",
)
def index(
    request: HttpRequest,
    state: Annotated[State | None, one_of(State), Query(None, description="In this state only.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Memberships:
    """The oldest first."""
    plans = MembershipItem.objects.live().filter(product__type="plan").select_related("product")
    found = visible(Membership.objects.prefetch_related(Prefetch("items", plans, to_attr="plans")), request)
    found = found if state is None else found.filter(state=state)
    rows, following = page_of(found, request, limit=limit, after=after)
    return Memberships(
        data=[MembershipSummary(**_summary(row, getattr(row, "plans", ()))) for row in rows], next=following
    )


@router.get(
    "/memberships/{membership_id}",
    response=answers({200: MembershipDetails}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.MEMBERSHIPS_READ),
    operation_id="get_membership",
    summary="See one membership",
)
def details(request: HttpRequest, membership_id: UUID) -> MembershipDetails:
    """What it holds, what is paid, what is planned, and which cards it can be paid with."""
    memberships = with_terms(visible(Membership.objects.all(), request)).select_related("customer__user")
    return _details(terms_of(get_object_or_404(memberships, uid=membership_id)))


@router.post(
    "/memberships/{membership_id}/cancellation",
    response=answers(
        {200: MembershipDetails},
        *WITH_A_BODY, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT,
        HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    auth=Bearer(Scope.MEMBERSHIPS_WRITE),
    operation_id="cancel_membership",
    summary="Cancel a membership",
)  # fmt: skip
def leave(request: HttpRequest, membership_id: UUID, cancellation: Cancellation) -> MembershipDetails:
    """It ends with what was paid for, a free one at once. `scheduled_change` says when; until then it can be taken
    back. Sent again it changes nothing."""
    user = caller(request)
    membership = terms_for(user, membership_id).membership
    planned = pending_change(membership)
    if planned is None or planned.kind != ScheduledChange.CANCELLATION:
        _cancel(membership, user, cancellation.reason)
    return _details(terms_for(user, membership_id))


@router.delete(
    "/memberships/{membership_id}/scheduled-change",
    response=answers({200: MembershipDetails}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.MEMBERSHIPS_WRITE),
    operation_id="keep_plan",
    summary="Take a planned change back",
)
def keep(request: HttpRequest, membership_id: UUID) -> MembershipDetails:
    """A downgrade or a cancellation that has not taken effect. With nothing planned it changes nothing."""
    user = caller(request)
    keep_plan(membership=terms_for(user, membership_id).membership, actor=user, now=timezone.now())
    return _details(terms_for(user, membership_id))


def _cancel(membership: Membership, user: User, reason: str) -> None:
    """Raises Problem."""
    try:
        cancel(membership=membership, user=user, reason=reason, now=timezone.now())
    except AnotherOrderIsOpen as other:
        detail = _("A change is waiting for its payment. Finish or stop that one first.")
        more = {"order": str(other.order.uid)}
        raise Problem(HTTPStatus.CONFLICT, "another_order_is_open", detail, more=more) from other
    except TransitionNotAllowed as ended:
        detail = _("This membership has ended already.")
        raise Problem(HTTPStatus.CONFLICT, "membership_has_ended", detail) from ended
    except GatewayUnavailable as error:
        detail = _("The open bill could not be closed at the gateway. Send the same again.")
        headers = {"Retry-After": str(SECONDS_TO_RETRY)}
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "gateway_unavailable", detail, headers=headers
        ) from error
    except GatewayRefused as error:
        detail = _("The open bill could not be closed at the gateway. We have to look at it.")
        raise Problem(HTTPStatus.BAD_GATEWAY, "gateway_refused", detail) from error


def _details(terms: Terms) -> MembershipDetails:
    membership = terms.membership
    under_way = Order.objects.open().filter(membership=membership).first()
    return MembershipDetails(
        **_summary(membership, terms.items),
        revision=membership.revision,
        items=[_item(item) for item in terms.items],
        trial_end=membership.trial_end,
        wallet=terms.wallet,
        limits=entitlements(membership).to_json(),
        scheduled_change=_scheduled(pending_change(membership)),
        open_order=under_way.uid if under_way else None,
        cards=[Card.of(card) for card in membership.customer.payment_methods.all()],
    )


def _summary(membership: Membership, items: Sequence[MembershipItem]) -> dict[str, Any]:
    plan = next((item.product for item in items if item.product.is_plan), None)
    period = membership.period
    return {
        "id": membership.uid,
        "state": Membership.State(membership.state),
        "plan": Product.of(plan) if plan else None,
        "currency": membership.currency,
        "interval": Interval.of(membership.interval),
        "period": Period(start=period.start, end=period.end) if period else None,
    }


def _item(item: MembershipItem) -> Item:
    return Item(
        product=Product.of(item.product),
        quantity=item.quantity,
        unit_price=item.unit_price,
        recurring=item.price.is_recurring,
    )


def _scheduled(change: ScheduledChange | None) -> Scheduled | None:
    if change is None:
        return None
    interval = pricing.Interval(unit=pricing.Unit(change.interval_unit), count=change.interval_count)
    return Scheduled(
        kind=change.kind,
        effective_at=change.effective_at,
        interval=Interval.of(interval),
        items=[
            WantedItem(product=Product.of(item.product), quantity=item.quantity)
            for item in change.items.all()
        ],
    )
