"""What the demo network sells, and its discount codes."""

from dataclasses import dataclass, field

from products.limits import Kind
from products.models import Discount, PlanGroup, Price, Product, ProductLimit

MB = 1024 * 1024
GB = 1024 * MB
ON = None  # how an unlimited amount, or a feature that is included, is written
MONTH, YEAR, ONCE = Price.Unit.MONTH, Price.Unit.YEAR, Price.Unit.ONCE
HIGH_END = "High End"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product with its prices (minor units per interval) and limits."""

    code: str
    name: str
    description: str
    type: str = Product.Type.PLAN
    group: str = ""
    rank: int = 10
    prices: dict[str, int] = field(default_factory=dict)
    limits: dict[Kind, int | None] = field(default_factory=dict)
    addons: tuple[str, ...] = ()
    trial_days: int = 0
    is_recommended: bool = False


EXTRAS = ("unlimited-visits", "extra-disk", "site-design")
OFFERS = (
    Offer(
        code="unlimited-visits",
        type=Product.Type.PACKAGE,
        name="Unlimited visits",
        description="No monthly maximum, whatever happens.",
        prices={MONTH: 500, YEAR: 5000},
        limits={Kind.VISITS: ON},
    ),
    Offer(
        code="extra-disk",
        type=Product.Type.PACKAGE,
        name="Extra disk space",
        description="10 GB more for pictures and documents.",
        prices={MONTH: 400, YEAR: 4000},
        limits={Kind.DISK: 10 * GB},
    ),
    Offer(
        code="site-design",
        type=Product.Type.SERVICE,
        name="Site design",
        description="A designer makes your home page with you.",
        prices={ONCE: 45000},
    ),
    Offer(
        code="free",
        name="Free",
        description="A first site, for as long as you like.",
        group=HIGH_END,
        rank=1,
        prices={MONTH: 0},
        limits={Kind.SITES: 1, Kind.POSTS: 3, Kind.PAGES: 5, Kind.DISK: 100 * MB, Kind.VISITS: 1000, Kind.USERS: 1},
        addons=EXTRAS,
    ),
    Offer(
        code="premium",
        name="Premium",
        description="For a site that people come back to.",
        group=HIGH_END,
        rank=2,
        is_recommended=True,
        prices={MONTH: 3000, YEAR: 30000},
        limits={
            Kind.SITES: 3, Kind.POSTS: 100, Kind.PAGES: 50, Kind.DISK: 5 * GB, Kind.VISITS: 50_000, Kind.USERS: 5,
            Kind.DOMAINS: 1, Kind.CONTACT_FORMS: ON, Kind.NO_FOOTER_CREDIT: ON,
        },
        addons=EXTRAS,
    ),
    Offer(
        code="business",
        name="Business",
        description="For a team with several sites.",
        group=HIGH_END,
        rank=3,
        prices={MONTH: 9000, YEAR: 90000},
        trial_days=14,
        limits={
            Kind.SITES: 10, Kind.POSTS: ON, Kind.PAGES: ON, Kind.DISK: 50 * GB, Kind.VISITS: 500_000, Kind.USERS: 25,
            Kind.DOMAINS: 10, Kind.CUSTOM_CSS: ON, Kind.CONTACT_FORMS: ON, Kind.NO_FOOTER_CREDIT: ON,
        },
        addons=("unlimited-visits", "site-design"),
    ),
    Offer(
        code="basic",
        name="Basic",
        description="One small site, without frills.",
        rank=1,
        prices={MONTH: 1200, YEAR: 12000},
        limits={Kind.SITES: 1, Kind.POSTS: 20, Kind.PAGES: 10, Kind.DISK: GB, Kind.VISITS: 5000, Kind.USERS: 2},
    ),
)  # fmt: skip


def make_catalogue(currency: str) -> dict[str, Product]:
    """Every product of the demo by code; what is there already stays as it is, also when an admin changed it."""
    group, _ = PlanGroup.objects.get_or_create(name=HIGH_END)
    made: dict[str, Product] = {}
    for offer in OFFERS:
        product, is_new = Product.objects.get_or_create(
            code=offer.code,
            defaults={
                "type": offer.type,
                "name": offer.name,
                "description": offer.description,
                "group": group if offer.group else None,
                "rank": offer.rank,
                "is_recommended": offer.is_recommended,
            },
        )
        made[offer.code] = product
        if is_new:
            Price.objects.bulk_create(
                Price(
                    product=product,
                    currency=currency,
                    interval_unit=unit,
                    amount=amount,
                    trial_days=offer.trial_days,
                )
                for unit, amount in offer.prices.items()
            )
            ProductLimit.objects.bulk_create(
                ProductLimit(product=product, kind=kind, amount=amount)
                for kind, amount in offer.limits.items()
            )
            product.addons.set(made[code] for code in offer.addons)
    Discount.objects.get_or_create(
        code="WELCOME20", defaults={"name": "For new members", "percent": 20, "periods": 3}
    )
    Discount.objects.get_or_create(
        code="TEN", defaults={"name": "Newsletter", "amount": 1000, "currency": currency, "periods": 1}
    )
    return made
