"""A product made like another: what it costs, allows and goes with; not who has it."""

from datetime import datetime

from django.db import transaction

from products.models import Price, Product, ProductLimit


@transaction.atomic
def duplicate(*, product: Product, name: str, code: str, now: datetime) -> Product:
    """Make a product like `product` under another name and code, not on sale yet: with the prices that are sold today,
    the limits, the plan group and rank, the tax rate, and what it is available with. Raises ValidationError for a name
    or code that cannot be."""
    copy = Product(
        name=name,
        code=code,
        is_active=False,
        **{field: getattr(product, field) for field in ("type", "description", "group", "rank", "tax_rate")},
    )
    copy.full_clean()
    copy.save()
    figures = ("currency", "interval_unit", "interval_count", "amount", "setup_fee", "trial_days")
    Price.objects.bulk_create(
        Price(product=copy, created_at=now, **row) for row in product.prices.current().values(*figures)
    )
    ProductLimit.objects.bulk_create(
        ProductLimit(product=copy, **row) for row in product.limits.values("kind", "amount")
    )
    copy.addons.set(product.addons.all())
    copy.available_with.set(product.available_with.all())
    return copy
