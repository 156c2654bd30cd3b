"""Who looks at Alice's site, and what her plan allows."""

from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import schema_context, tenant_context

from products.limits import Kind
from sites.models import Site
from tests.plugins.sites import set_limits


@pytest.fixture
def visitor(on_site: Any, site_a: Site) -> Client:
    return on_site(site_a)


@pytest.fixture
def owner(owner_of: Any, site_a: Site) -> Client:
    return owner_of(site_a)


@pytest.fixture
def inside(site_a: Site):
    """The rest of the test, and the fixtures after this one, run in the site's schema."""
    with tenant_context(site_a):
        yield site_a


@pytest.fixture
def allow(site_a: Site, django_capture_on_commit_callbacks: Any):
    """Changes what the plan allows."""

    def change(limits: dict[Kind, int | None]) -> None:
        with schema_context("public"), django_capture_on_commit_callbacks(execute=True):
            set_limits(site_a, limits)

    return change
