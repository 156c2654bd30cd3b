"""Alice has Premium (30.00) for March 2026, and a program of hers that uses the API."""

import json
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tokens.models import Scope
from accounts.tokens.operations import NewToken, make_token
from memberships.models import Membership
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


class Program:
    """Something of a customer's that uses the API with a token."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.client = Client(headers={"host": "localhost", **headers})
        if secret:
            self.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        sent = body if isinstance(body, bytes | str) else json.dumps(body, default=str)
        return self.client.post(f"/api/v1{path}", sent, content_type="application/json", headers=headers)


def just_now() -> datetime:
    """A whole second, as prices are made at."""
    return timezone.now().replace(microsecond=0)


def token_for(
    user: User,
    *,
    scopes: Collection[Scope] = tuple(Scope),
    expires_at: datetime | None = None,
    now: datetime = MARCH_1,
) -> NewToken:
    return make_token(
        user=user, uid=uuid.uuid4(), name="Cash desk", scopes=scopes, expires_at=expires_at, now=now
    )


def refusals(answer: Any) -> list[tuple[str, str]]:
    """Where and what a rule found wrong."""
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    return [(error["path"], error["code"]) for error in answer.json()["errors"]]


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def bob(world: World, catalogue: Catalogue) -> Membership:
    """Another customer, on Premium too."""
    return world.signs_up("bob", catalogue.premium, now=MARCH_1)


@pytest.fixture
def program(alice: Membership) -> Program:
    """Alice's, with a token that may do everything."""
    return Program(token_for(alice.customer.user).secret)


@pytest.fixture
def in_march() -> Iterator[None]:
    """It is 17 March, 00:00, and stays so."""
    with time_machine.travel(MARCH_17, tick=False):
        yield
