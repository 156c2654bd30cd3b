"""The catalogue the tests sell from: `pricing.md`'s Basic and Pro, and the story's Free, Premium and Basic."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from products.limits import Kind
from products.models import Discount, PlanGroup, Price, Product, ProductLimit

EVER_SINCE = datetime(2025, 1, 1, tzinfo=UTC)  # before every story begins
MONTH, YEAR, ONCE = Price.Unit.MONTH, Price.Unit.YEAR, Price.Unit.ONCE


def product(
    code: str,
    *,
    prices: dict[str, int],
    type: str = Product.Type.PLAN,  # noqa: A002 -- the model's own word
    group: PlanGroup | None = None,
    rank: int = 10,
    limits: dict[Kind, int | None] | None = None,
    currency: str = "EUR",
    is_active: bool = True,
) -> Product:
    """A product with one price per interval unit, in minor units."""
    made = Product.objects.create(
        code=code,
        name=code.replace("-", " ").capitalize(),
        type=type,
        group=group,
        rank=rank,
        is_active=is_active,
    )
    for unit, amount in prices.items():
        Price.objects.create(
            product=made, currency=currency, interval_unit=unit, amount=amount, created_at=EVER_SINCE
        )
    for kind, amount_allowed in (limits or {}).items():
        ProductLimit.objects.create(product=made, kind=kind, amount=amount_allowed)
    return made


def discount(code: str, *, only_for: Iterable[Product] = (), **rules: Any) -> Discount:
    """A code with its rules, as the model names them."""
    made = Discount.objects.create(code=code, created_at=EVER_SINCE, **rules)
    made.products.set(only_for)
    return made


class Catalogue:
    """High End: Free, Premium, Business. Apart from them: Basic. Two packages and a service, for Free and Premium."""

    def __init__(self) -> None:
        self.high_end = PlanGroup.objects.create(name="High End")
        self.visits = product(
            "unlimited-visits",
            type=Product.Type.PACKAGE,
            prices={MONTH: 500, YEAR: 5000},
            limits={Kind.VISITS: None},
        )
        self.disk = product(
            "extra-disk", type=Product.Type.PACKAGE, prices={MONTH: 400}, limits={Kind.DISK: 1_000_000}
        )
        self.design = product("site-design", type=Product.Type.SERVICE, prices={ONCE: 45000})
        self.free = product(
            "free",
            group=self.high_end,
            rank=1,
            prices={MONTH: 0},
            limits={
                Kind.SITES: 1,
                Kind.POSTS: 3,
                Kind.PAGES: 5,
                Kind.DISK: 1_000_000,
                Kind.VISITS: 1000,
                Kind.USERS: 1,
            },
        )
        self.premium = product(
            "premium",
            group=self.high_end,
            rank=2,
            prices={MONTH: 3000, YEAR: 30000},
            limits={
                Kind.SITES: 3,
                Kind.POSTS: 100,
                Kind.PAGES: 50,
                Kind.DISK: 50_000_000,
                Kind.VISITS: 50_000,
                Kind.USERS: 5,
                Kind.NO_FOOTER_CREDIT: None,
            },
        )
        self.business = product(
            "business",
            group=self.high_end,
            rank=3,
            prices={MONTH: 9000, YEAR: 90000},
            limits={
                Kind.SITES: 10,
                Kind.POSTS: None,
                Kind.PAGES: None,
                Kind.DISK: None,
                Kind.VISITS: None,
                Kind.USERS: 25,
            },
        )
        self.basic = product("basic", rank=1, prices={MONTH: 1200}, limits={Kind.SITES: 1, Kind.POSTS: 20})
        for plan in (self.free, self.premium, self.business):
            plan.addons.set([self.visits, self.disk, self.design])
