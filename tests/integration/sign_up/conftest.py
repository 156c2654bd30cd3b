"""People who are not customers yet, in front of the network's pages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from products.models import Product

NOW = datetime(2026, 3, 17, 12, tzinfo=UTC)
PASSWORD = "a-long-and-new-word"
ACCOUNT = {"name": "Nora Berg", "email": "nora@example.com", "password1": PASSWORD}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Nobody has asked too often yet."""
    cache.clear()


@pytest.fixture
def noon() -> Iterator[None]:
    """The clock stands still, so a price is the same from the first look to the last."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visitor() -> Client:
    """A browser nobody is signed in with."""
    return Client(headers={"host": "localhost"})


def choice(plan: Product, period: str = "month-1", **more: Any) -> dict[str, Any]:
    """What the first page sends."""
    return {"plan": str(plan.uid), "period": period, **more}


SignsUp = Callable[..., Client]


@pytest.fixture
def signs_up() -> SignsUp:
    """Somebody with a new account, who has chosen `plan`."""

    def sign_up(plan: Product, *, email: str = ACCOUNT["email"], **more: Any) -> Client:
        browser = Client(headers={"host": "localhost"})
        account = browser.post("/sign-up/", choice(plan, **more))
        assert account.status_code == 302, account.content
        answer = browser.post(account["Location"], {**ACCOUNT, "email": email})
        assert (answer.status_code, answer["Location"]) == (302, "/sign-up/site/")
        return browser

    return sign_up
