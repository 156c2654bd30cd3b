"""What a membership can be changed to."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, caller
from checkout.api.openapi import answers
from checkout.api.problems import Fault, bad_input
from checkout.api.shapes import Interval, Limits, Minor, Product, Shape
from checkout.operations.selection import Menu, SelectionRefused, menu
from checkout.views.offers import not_sold
from checkout.views.owned import terms_for
from products import models
from products.limits import Limits as Allowed
from products.operations.catalogue import limits_of

router = Router(tags=["Memberships"])


class OfferedPrice(Shape):
    interval: Interval | None = Field(description="What the amount is paid for; null for once.")
    amount: Minor
    setup_fee: Minor
    trial_days: int


class NotOffered(Shape):
    """A billing period for which the product cannot be chosen."""

    interval: Interval
    code: str = Field(examples=["no_price_for_period"])
    reason: str = Field(description="Why, for people.")


class Offer(Product):
    description: str
    held: int = Field(description="How many of it the membership has.")
    prices: list[OfferedPrice] = Field(description="At the price version the member has, where they have it.")
    not_offered: list[NotOffered]
    limits: Limits


class Offers(Shape):
    currency: str = Field(examples=["EUR"])
    prices_include_tax: bool
    plan: UUID = Field(description="The plan whose add-ons are listed.")
    intervals: list[Interval] = Field(description="The billing periods that plans are sold for.")
    plans: list[Offer] = Field(description="Low to high; the plan the membership has is among them.")
    addons: list[Offer] = Field(description="The packages and services that can be had with `plan`.")


@router.get(
    "/memberships/{membership_id}/offers",
    response=answers({200: Offers}, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.MEMBERSHIPS_READ),
    operation_id="list_offers",
    summary="See what a membership can be changed to",
)
def index(
    request: HttpRequest,
    membership_id: UUID,
    plan: Annotated[
        UUID | None, Query(description="The plan to list add-ons for; else the current one.")
    ] = None,
) -> Offers:
    """The plans of the family, the add-ons of one of them, what each costs and allows, and why not."""
    terms = terms_for(caller(request), membership_id)
    try:
        offered = menu(terms=terms, plan=plan)
    except SelectionRefused as refused:
        raise bad_input(Fault(path="query.plan", code=refused.code, message=refused.message)) from refused
    limits = limits_of([*offered.plans, *offered.addons])
    return Offers(
        currency=terms.membership.currency,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        plan=offered.plan.uid,
        intervals=[Interval.of(interval) for interval in offered.intervals],
        plans=[_offer(offered, product, limits[product.pk]) for product in offered.plans],
        addons=[_offer(offered, product, limits[product.pk]) for product in offered.addons],
    )


def _offer(offered: Menu, product: models.Product, limits: Allowed) -> Offer:
    held = offered.terms.item_of(product.pk)
    return Offer(
        **Product.of(product).model_dump(),
        description=product.description,
        held=held.quantity if held else 0,
        **_prices(offered, product),
        limits=limits.to_json(),
    )


def _prices(offered: Menu, product: models.Product) -> dict[str, Any]:
    """What the product costs per billing period, and for which it is not sold. Once is the same for all."""
    prices: dict[OfferedPrice, None] = {}
    missing = []
    for interval in offered.intervals:
        price = offered.price_of(product, interval)
        if price is None:
            reason = not_sold(product, interval)
            missing.append(
                NotOffered(interval=Interval.of(interval), code="no_price_for_period", reason=reason)
            )
            continue
        paid_for = Interval.of(interval) if price.is_recurring else None
        offer = OfferedPrice(
            interval=paid_for, amount=price.amount, setup_fee=price.setup_fee, trial_days=price.trial_days
        )
        prices[offer] = None
    return {"prices": list(prices), "not_offered": missing}
