"""What a product allows, changed."""

from collections.abc import Mapping

from django.db import transaction

from products.limits import Kind
from products.models import Product, ProductLimit


@transaction.atomic
def change_limits(*, product: Product, amounts: Mapping[Kind, int | None]) -> None:
    """Set the amount of each kind in `amounts`: in the kind's unit, None for unlimited, 0 for not allowed.

    Kinds that are not mentioned stay as they are.
    """
    for kind, amount in amounts.items():
        rows = ProductLimit.objects.filter(product=product, kind=kind)
        if amount == 0:
            rows.delete()
        elif not rows.update(amount=amount):
            ProductLimit.objects.create(product=product, kind=kind, amount=amount)
