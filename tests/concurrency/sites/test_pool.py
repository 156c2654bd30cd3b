"""Many at once at the warm pool: each gets a spare of their own, and it is filled no further than it should be."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from sites.content.models import HomePage
from sites.models import Site, SpareSchema
from sites.operations import create_site, provision_site, spares
from tests.factories.at_once import at_once
from tests.plugins.sites import LIMITS, NOW, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nothing_left() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        schemas = [*Site.objects.values_list("schema_name"), *SpareSchema.objects.values_list("schema_name")]
        for (schema,) in schemas:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def test_three_new_sites_and_two_spares(site_template, settings, nothing_left) -> None:
    settings.SPARE_SITES = 2
    assert sum(at_once(2, lambda _number: spares.fill(now=NOW))) == 2
    assert SpareSchema.objects.count() == 2
    made = [
        create_site(
            membership=member(f"m{number}", limits=LIMITS), name=f"Site {number}", slug=f"s{number}", now=NOW
        )
        for number in range(3)
    ]

    assert [site.state for site in at_once(3, lambda n: provision_site(site_id=made[n].pk, now=NOW))] == [
        "ready"
    ] * 3
    assert SpareSchema.objects.count() == 0
    for site in made:
        with tenant_context(site):
            assert HomePage.objects.get().title == site.name
