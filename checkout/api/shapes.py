"""What several answers of the API are made of. Amounts are minor units; their currency stands beside them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from products import models, pricing

LONGEST_INTERVAL = 1000


def one_of(choices: Iterable[str]) -> WithJsonSchema:
    """Describes an enumeration where it is used, since several are called State."""
    return WithJsonSchema({"type": "string", "enum": [str(choice) for choice in choices]})


def _written(at: datetime) -> str:
    """As the pricing kernel writes it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


Minor = Annotated[int, Field(description="Minor units of the currency: 3000 is €30.00.", examples=[3000])]
Instant = Annotated[
    datetime,
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-17T00:00:00Z"]}),
]
Limits = Annotated[
    dict[str, int | None],
    Field(
        description="What may be used, by kind; null is unlimited, and what is not named is not included.",
        examples=[{"sites": 3, "posts": 100, "disk": 50_000_000, "visits": None}],
    ),
]


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Asked(BaseModel):
    """A part of what is sent. A key that is not known is an error, since it may be a typing error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(Asked):
    """A billing period, like a month or three months. Twelve months are one year."""

    unit: Annotated[pricing.Unit, one_of(pricing.Unit)]
    count: int = Field(default=1, strict=True, ge=1, le=LONGEST_INTERVAL)

    @classmethod
    def of(cls, interval: pricing.Interval) -> "Interval":
        return cls(unit=pricing.Unit(interval.unit), count=interval.count)


class Period(Shape):
    """From `start` up to, and not with, `end`."""

    start: Instant
    end: Instant


class Product(Shape):
    """A plan, a package (adds to limits) or a service (work we do)."""

    id: UUID
    code: str = Field(description="Short and lasting; the lines of a price name it.", examples=["premium"])
    name: str = Field(examples=["Premium"])
    type: Annotated[models.Product.Type, one_of(models.Product.Type)]

    @classmethod
    def of(cls, product: models.Product) -> "Product":
        return cls(
            id=product.uid,
            code=product.code,
            name=product.name,
            type=models.Product.Type(product.type),
        )
