from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from products.models import PlanGroup, Price, Product


@pytest.fixture
def staff(db) -> User:
    return User.objects.create_superuser(email="admin@network.example", name="Ada Admin")


@pytest.fixture
def desk(staff: User) -> Client:
    """A browser on the network host in which a network admin is signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(staff)
    return client


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
