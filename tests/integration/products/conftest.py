from collections.abc import Callable
from typing import Any

import pytest

from products.models import PlanGroup, Price, Product


@pytest.fixture
def high_end(db) -> PlanGroup:
    return PlanGroup.objects.create(name="High End")


@pytest.fixture
def make_product(db) -> Callable[..., Product]:
    def make(code: str, *, price: int | None = None, addons: Any = (), **fields: Any) -> Product:
        product = Product.objects.create(code=code, name=code.title(), **fields)
        product.addons.set(addons)
        if price is not None:
            Price.objects.create(product=product, currency="EUR", amount=price)
        return product

    return make
