"""The warm pool: what is in it is whole and of this code, and everybody gets one of their own."""

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_exists, tenant_context

from sites.content.models import BlogIndexPage, HomePage, SiteIdentity
from sites.models import ProvisioningStep, Site, SiteTemplate, SpareSchema
from sites.operations import create_site, proof, provision_site, spares
from tests.plugins.sites import LIMITS, NOW, member


@pytest.fixture
def pool(site_template: SiteTemplate, settings) -> SpareSchema:
    """A pool of one."""
    settings.SPARE_SITES = 1
    assert spares.fill(now=NOW) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit does
    return SpareSchema.objects.get()


def begin(slug: str = "garden") -> Site:
    return create_site(membership=member(slug, limits=LIMITS), name="Ben & Jo's", slug=slug, now=NOW)


def test_the_pool_is_filled_once_and_no_further(pool: SpareSchema) -> None:
    assert spares.fill(now=NOW) == 0
    assert list(SpareSchema.objects.values_list("schema_name", flat=True)) == [pool.schema_name]
    assert schema_exists(pool.schema_name)


def test_a_new_site_is_the_spare_under_its_own_name(pool: SpareSchema) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [pool.schema_name])
        spare = cursor.fetchone()
        site = provision_site(site_id=begin().pk, now=NOW)
        cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [site.schema_name])
        assert cursor.fetchone() == spare
    assert site.state == Site.State.READY
    assert SpareSchema.objects.count() == 0
    assert not schema_exists(pool.schema_name)
    with tenant_context(site):
        assert list(HomePage.objects.values_list("title", "draft_title")) == [("Ben & Jo's", "Ben & Jo's")]
        assert SiteIdentity.objects.get().name == "Ben & Jo's"
        assert BlogIndexPage.objects.count() == 1


def test_a_site_from_the_pool_is_a_site_from_the_template(pool: SpareSchema) -> None:
    warm = provision_site(site_id=begin("warm").pk, now=NOW)
    cold = provision_site(site_id=begin("cold").pk, now=NOW)
    assert contents(warm) == contents(cold)


def contents(site: Site) -> list[tuple[str, int]]:
    with tenant_context(site), connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        rows = []
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            rows.append((table, cursor.fetchone()[0]))
    return rows


def test_a_spare_of_other_code_is_never_given_away_and_is_replaced(pool: SpareSchema) -> None:
    SpareSchema.objects.update(fingerprint="0" * 64)
    assert not spares.are_there()
    assert not spares.take(schema="site_" + "d" * 32)
    assert spares.fill(now=NOW) == 1
    assert not schema_exists(pool.schema_name)
    assert SpareSchema.objects.get().schema_name != pool.schema_name


def test_a_spare_knows_the_migrations_and_the_content_it_was_built_by(pool: SpareSchema, monkeypatch) -> None:
    assert pool.fingerprint == spares.fingerprint()
    spares.fingerprint.cache_clear()
    monkeypatch.setattr("sites.operations.spares.site_migrations.fingerprint", lambda: "other migrations")
    assert spares.fingerprint() != pool.fingerprint
    spares.fingerprint.cache_clear()
    monkeypatch.undo()
    monkeypatch.setattr("sites.operations.spares.inspect.getsource", lambda _module: "other content")
    assert spares.fingerprint() != pool.fingerprint
    monkeypatch.undo()
    spares.fingerprint.cache_clear()


def test_a_spare_whose_schema_is_gone_is_passed_over(pool: SpareSchema) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{pool.schema_name}" CASCADE')
    site = provision_site(site_id=begin().pk, now=NOW)
    assert site.state == Site.State.READY
    assert spares.fill(now=NOW) == 1
    assert list(SpareSchema.objects.filter(pk=pool.pk)) == []


@pytest.mark.parametrize("breaks", ["prove_tables", "prove_page"])
def test_what_is_not_proven_leaves_nothing_in_the_pool(
    site_template: SiteTemplate, monkeypatch, breaks: str
) -> None:
    def not_whole(_what: object) -> None:
        raise proof.NotProven("not whole")

    monkeypatch.setattr(spares, breaks, not_whole)
    with pytest.raises(proof.NotProven), transaction.atomic():
        spares.fill(now=NOW)
    assert SpareSchema.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'spare\_%'")
        assert cursor.fetchone() == (0,)


def test_a_provisioning_that_dies_gives_the_spare_back(pool: SpareSchema, monkeypatch) -> None:
    site = begin()

    class Killed(BaseException):
        """What a process that is killed does: it runs no handler."""

    def killed(*, schema: str) -> bool:
        assert spares_take(schema=schema)
        raise Killed

    spares_take = spares.take
    monkeypatch.setattr(spares, "take", killed)
    with pytest.raises(Killed):
        provision_site(site_id=site.pk, now=NOW)
    assert list(SpareSchema.objects.all()) == [pool]
    assert schema_exists(pool.schema_name)
    assert not schema_exists(site.schema_name)


def test_every_step_says_how_long_it_took(pool: SpareSchema) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    assert not ProvisioningStep.objects.filter(site=site, seconds=None).exists()


def test_the_database_refuses_a_spare_under_a_sites_name(db: None) -> None:
    with pytest.raises(IntegrityError, match="a_spare_belongs_to_no_site"), transaction.atomic():
        SpareSchema.objects.create(schema_name="site_" + "0" * 32, fingerprint="", built_at=NOW)
