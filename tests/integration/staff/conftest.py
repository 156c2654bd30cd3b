"""People of the network's staff, by their role."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from accounts.staff.models import Role
from config.audit import settle_audit
from config.roles import settle_roles


@pytest.fixture
def _roles(db):
    settle_roles()  # tests that commit empty the tables when they are done
    settle_audit()


@pytest.fixture
def colleague(_roles) -> Callable[..., User]:
    """Make somebody with a role; with none, staff who may do nothing."""

    def make(role: str = "", *, name: str = "") -> User:
        name = name or role or "newcomer"
        email = f"{name.lower().replace(' ', '.')}@network.example"
        user = User.objects.create_user(email, "a-long-password", name=name, is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        return user

    return make


@pytest.fixture
def at_desk(colleague) -> Callable[..., Client]:
    """The browser of somebody with a role."""

    def sign_in(role: str | User = Role.OWNER) -> Client:
        client = Client(SERVER_NAME="localhost")
        client.force_login(role if isinstance(role, User) else colleague(role))
        return client

    return sign_in
