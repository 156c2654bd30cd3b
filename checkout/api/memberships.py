"""What a customer has."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, caller
from checkout.api.openapi import answers
from checkout.api.shapes import Instant, Interval, Limits, Minor, Period, Product, Shape, one_of
from checkout.models import Order
from checkout.views.owned import terms_for
from checkout.views.pending import pending_change
from memberships.models import Membership, MembershipItem, PaymentMethod, ScheduledChange
from memberships.operations.entitlements import entitlements
from products import pricing

router = Router(tags=["Memberships"])


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
    next: str | None = Field(description="Where the list goes on; null at its end.")


@router.get(
    "/memberships",
    response=answers({200: Memberships}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.MEMBERSHIPS_READ),
    operation_id="list_memberships",
    summary="List your memberships",
)
def index(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=100, description="At most this many.")] = 50,
    after: Annotated[UUID | None, Query(description="Go on after this membership.")] = None,
) -> Memberships:
    """The oldest first."""
    mine = Membership.objects.owned_by(caller(request)).order_by("id")
    rows = mine if after is None else mine.filter(id__gt=mine.filter(uid=after).values("id")[:1])
    plans = MembershipItem.objects.live().filter(product__type="plan").select_related("product")
    found = list(rows.prefetch_related(Prefetch("items", plans, to_attr="plans"))[: limit + 1])
    goes_on = len(found) > limit
    return Memberships(
        data=[MembershipSummary(**_summary(row, getattr(row, "plans", ()))) for row in found[:limit]],
        next=f"{request.path}?limit={limit}&after={found[limit - 1].uid}" if goes_on else None,
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
    terms = terms_for(caller(request), membership_id)
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
