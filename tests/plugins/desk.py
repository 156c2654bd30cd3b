"""Fixtures of the network admin: who works there, and their browser."""

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser(email="admin@network.example", name="Ada Admin")


@pytest.fixture
def desk(staff: User) -> Client:
    """A browser on the network host in which a network admin is signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(staff)
    return client
