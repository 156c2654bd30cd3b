"""What the network sells."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer
from checkout.api.openapi import answers
from checkout.api.paging import After, Limit, Next, page_of
from checkout.api.shapes import Interval, Limits, Minor, Product, Shape, one_of
from products import models, pricing
from products.limits import Limits as Allowed
from products.models.product import ProductQuerySet
from products.operations.catalogue import limits_of

router = Router(tags=["Products"])
Type = models.Product.Type


class ProductPrice(Shape):
    currency: str = Field(examples=["EUR"])
    interval: Interval | None = Field(description="What the amount is paid for; null for once.")
    amount: Minor
    setup_fee: Minor
    trial_days: int


class ProductDetails(Product):
    description: str
    group: str | None = Field(
        description="The plan group; members change among the plans of one. null for what is in none."
    )
    rank: int = Field(description="Position in the plan group, low to high.")
    prices: list[ProductPrice] = Field(
        description="What a new member pays; with tax or without as the list says."
    )
    limits: Limits
    addons: list[UUID] = Field(description="The packages and services that can be had with this plan.")


class Products(Shape):
    data: list[ProductDetails]
    next: Next
    prices_include_tax: bool


@router.get(
    "/products",
    response=answers({200: Products}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.PRODUCTS_READ),
    operation_id="list_products",
    summary="List what is sold",
)
def index(
    request: HttpRequest,
    type: Annotated[Type | None, one_of(Type), Query(None, description="Of this type only.")] = None,  # noqa: A002 -- the API's own word
    limit: Limit = 50,
    after: After = None,
) -> Products:
    """Plans, packages and services that can be bought today."""
    sold = _sold() if type is None else _sold().filter(type=type)
    rows, following = page_of(sold, request, limit=limit, after=after)
    allowed = limits_of(rows)
    return Products(
        data=[_details(product, allowed[product.pk]) for product in rows],
        next=following,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
    )


@router.get(
    "/products/{product_id}",
    response=answers({200: ProductDetails}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.PRODUCTS_READ),
    operation_id="get_product",
    summary="See one product",
)
def details(request: HttpRequest, product_id: UUID) -> ProductDetails:  # noqa: ARG001 -- a view's signature
    """What it costs and allows, if it can be bought today."""
    product = get_object_or_404(_sold(), uid=product_id)
    return _details(product, limits_of([product])[product.pk])


def _sold() -> ProductQuerySet:
    prices = models.Price.objects.current().order_by("currency", "interval_unit", "interval_count")
    addons = models.Product.objects.on_sale().only("uid").order_by("id")
    return (
        models.Product.objects.on_sale()
        .select_related("group")
        .prefetch_related(
            Prefetch("prices", prices, to_attr="sold_at"), Prefetch("addons", addons, to_attr="with_it")
        )
    )


def _details(product: Any, allowed: Allowed) -> ProductDetails:
    return ProductDetails(
        **Product.of(product).model_dump(),
        description=product.description,
        group=product.group.name if product.group else None,
        rank=product.rank,
        prices=[_price(price) for price in product.sold_at],
        limits=allowed.to_json(),
        addons=[addon.uid for addon in product.with_it],
    )


def _price(price: models.Price) -> ProductPrice:
    interval = None
    if price.is_recurring:
        recurring = pricing.Interval(unit=pricing.Unit(price.interval_unit), count=price.interval_count)
        interval = Interval.of(recurring)
    return ProductPrice(
        currency=price.currency,
        interval=interval,
        amount=price.amount,
        setup_fee=price.setup_fee,
        trial_days=price.trial_days,
    )
