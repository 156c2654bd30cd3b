"""From rows to a ready site: recorded, resumable, proven."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.utils import schema_exists, tenant_context
from wagtail.models import Page
from wagtail.models import Site as WagtailSite

from accounts.models import User
from products.limits import Kind
from sites.content.models import BlogIndexPage, HomePage, PostPage, SiteIdentity, SiteLimit
from sites.entitlements import LimitReached
from sites.models import Domain, ProvisioningStep, Site, SiteTemplate
from sites.operations import create_site, ensure_template, proof, provision_site, steps, template
from sites.operations.recycle import recycle_site
from sites.operations.site_migrations import site_labels
from sites.operations.sweeps import unfinished_sites
from tests.plugins.sites import LIMITS, NOW, member

ALL_DONE = [(name, "done") for name in ("schema", "limits", "owner", "content", "domain", "proof")]


def states(site: Site) -> list[tuple[str, str]]:
    return list(ProvisioningStep.objects.filter(site=site).values_list("name", "state"))


def begin(slug: str = "garden") -> Site:
    return create_site(membership=member("gardener", limits=LIMITS), name="The Garden", slug=slug, now=NOW)


def test_a_new_site_has_its_rows_and_no_schema_yet(site_template: SiteTemplate) -> None:
    site = begin()
    assert site.state == Site.State.PROVISIONING
    assert site.schema_name == f"site_{site.uid.hex}"
    assert [step for step, _state in states(site)] == [step for step, _state in ALL_DONE]
    assert list(Domain.objects.values_list("domain", "is_primary")) == [("garden.sites.localhost", True)]
    assert not schema_exists(site.schema_name)


def test_provisioning_makes_a_site_that_is_ready_to_be_read_and_written(site_template: SiteTemplate) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    assert (site.state, site.ready_at) == (Site.State.READY, NOW)
    assert states(site) == ALL_DONE
    with tenant_context(site):
        assert list(HomePage.objects.values_list("title", flat=True)) == ["The Garden"]
        assert list(BlogIndexPage.objects.values_list("title", flat=True)) == ["Blog"]
        assert PostPage.objects.count() == 0
        assert SiteIdentity.objects.get().name == "The Garden"
        assert [(u.email, u.is_superuser) for u in User.objects.all()] == [("gardener@example.com", True)]
        assert WagtailSite.objects.get().hostname == "garden.sites.localhost"
        assert dict(SiteLimit.objects.values_list("kind", "allowed"))["posts"] == 3
        assert Page.find_problems() == ([], [], [], [], [])


def test_a_site_has_no_rows_about_the_tables_of_the_network(site_a: Site) -> None:
    with tenant_context(site_a):
        assert set(ContentType.objects.values_list("app_label", flat=True)) <= site_labels()
        assert {app for app, _name in MigrationRecorder(connection).applied_migrations()} <= site_labels()
        assert Permission.objects.filter(codename="add_postpage").exists()


def test_a_replayed_schema_is_the_template_table_for_table(site_template: SiteTemplate) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    columns = """
        SELECT table_name, column_name, data_type, is_nullable, is_identity,
               coalesce(column_default, '') = ''
          FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2
    """
    constraints = """
        SELECT rel.relname, con.conname, replace(pg_get_constraintdef(con.oid), %s || '.', '')
          FROM pg_constraint con JOIN pg_class rel ON rel.oid = con.conrelid
         WHERE con.connamespace = %s::regnamespace ORDER BY 1, 2
    """
    indexes = """
        SELECT tablename, indexname, replace(indexdef, %s || '.', '')
          FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2
    """
    with connection.cursor() as cursor:
        for sql, repeats in ((columns, 1), (constraints, 2), (indexes, 2)):
            found = []
            for schema in (template.SCHEMA, site.schema_name):
                cursor.execute(sql, [schema] * repeats)
                found.append(cursor.fetchall())
            assert plain(found[0]) == plain(found[1])
            assert len(found[0]) > 100


def plain(rows: list[tuple[object, ...]]) -> list[str]:
    """Rows as text, without the casts and brackets that PostgreSQL prints differently for one and the same
    expression."""
    return [re.sub(r"::[a-z ]+(\[\])?|[()\[\]]", "", " ".join(str(value) for value in row)) for row in rows]


@pytest.mark.parametrize("at", list(steps.STEPS))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_it_goes_on_where_it_stopped(
    site_template: SiteTemplate, monkeypatch: pytest.MonkeyPatch, at: str, when: str
) -> None:
    site = begin()
    whole = dict(steps.STEPS)

    class Killed(BaseException):
        """What a process that is killed does: it runs no handler."""

    def killed(the_site: Site, now: datetime) -> None:
        if when == "after":
            whole[at](the_site, now)
        raise Killed

    monkeypatch.setattr("sites.operations.provision.STEPS", {**whole, at: killed})
    with pytest.raises(Killed):
        provision_site(site_id=site.pk, now=NOW)
    monkeypatch.setattr("sites.operations.provision.STEPS", whole)
    taken = list(whole).index(at)
    assert [state for _step, state in states(site)] == ["done"] * taken + ["waiting"] * (6 - taken)

    site = provision_site(site_id=site.pk, now=NOW)
    assert (site.state, states(site)) == (Site.State.READY, ALL_DONE)
    assert set(ProvisioningStep.objects.filter(site=site).values_list("attempts", flat=True)) == {1}
    with tenant_context(site):
        assert (HomePage.objects.count(), BlogIndexPage.objects.count(), User.objects.count()) == (1, 1, 1)


def test_a_step_that_fails_is_recorded_and_tried_again(site_template: SiteTemplate, monkeypatch) -> None:
    site = begin()
    whole = dict(steps.STEPS)

    def fails(_site: Site, _now: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("sites.operations.provision.STEPS", {**whole, "content": fails})
    for _attempt in range(2):
        with pytest.raises(OSError, match="disk full"):
            provision_site(site_id=site.pk, now=NOW)
    step = ProvisioningStep.objects.get(site=site, name="content")
    site.refresh_from_db()
    assert (step.state, step.attempts, step.error) == ("failed", 2, "OSError: disk full")
    assert site.state == Site.State.FAILED
    assert dict(states(site))["proof"] == "waiting"
    assert unfinished_sites(now=NOW) == []  # its task gets a minute
    assert unfinished_sites(now=NOW.replace(minute=40)) == [site.pk]

    monkeypatch.setattr("sites.operations.provision.STEPS", whole)
    assert provision_site(site_id=site.pk, now=NOW).state == Site.State.READY
    assert unfinished_sites(now=NOW.replace(minute=40)) == []


def test_a_step_that_fails_in_the_recycle_bin_leaves_the_site_there(
    site_template: SiteTemplate, monkeypatch
) -> None:
    site = begin()

    def deleted_meanwhile(_name: str, *, site_id: int, now: datetime) -> None:
        recycle_site(site_id=site_id, now=now)
        raise RuntimeError("no disk")

    monkeypatch.setattr("sites.operations.provision._take", deleted_meanwhile)
    with pytest.raises(RuntimeError, match="no disk"):
        provision_site(site_id=site.pk, now=NOW)
    site.refresh_from_db()
    assert (site.state, states(site)[0]) == (Site.State.RECYCLED, ("schema", "waiting"))


def test_taking_every_step_twice_changes_nothing(site_template: SiteTemplate) -> None:
    site = provision_site(site_id=begin().pk, now=NOW)
    for step in steps.STEPS.values():
        step(site, NOW)
    with tenant_context(site):
        assert (Page.objects.count(), User.objects.count(), WagtailSite.objects.count()) == (3, 1, 1)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("DROP TABLE content_postpage CASCADE", "Tables are missing: content_postpage"),
        ("DELETE FROM django_migrations WHERE app = 'content'", "migrations are missing"),
        ("UPDATE content_siteidentity SET name = 'Somebody else'", "does not carry the site's name"),
    ],
)
def test_a_site_that_is_not_whole_is_never_ready(
    site_template: SiteTemplate, monkeypatch, damage: str, complaint: str
) -> None:
    site = begin()
    whole = dict(steps.STEPS)

    def broken(the_site: Site, now: datetime) -> None:
        whole["domain"](the_site, now)
        with tenant_context(the_site), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(damage)

    monkeypatch.setattr("sites.operations.provision.STEPS", {**whole, "domain": broken})
    with pytest.raises(proof.NotProven, match=complaint):
        provision_site(site_id=site.pk, now=NOW)
    site.refresh_from_db()
    assert site.state == Site.State.FAILED


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_site_take_every_step_once(make_site, site_template: SiteTemplate) -> None:
    made = make_site("twice")
    Site.objects.filter(pk=made.pk).update(state=Site.State.PROVISIONING, ready_at=None)
    ProvisioningStep.objects.filter(site=made).update(state="waiting", finished_at=None, attempts=0)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{made.schema_name}" CASCADE')

    def work(_worker: int) -> str:
        try:
            return str(provision_site(site_id=made.pk, now=NOW).state)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == ["ready", "ready"]
    assert set(ProvisioningStep.objects.filter(site=made).values_list("state", "attempts")) == {("done", 1)}
    with tenant_context(made):
        assert (HomePage.objects.count(), User.objects.count()) == (1, 1)


def test_the_limit_of_sites_is_kept(site_template: SiteTemplate) -> None:
    membership = member("collector", limits={Kind.SITES: 2})
    for slug in ("one", "two"):
        create_site(membership=membership, name=slug, slug=slug, now=NOW)
    with pytest.raises(LimitReached) as reached:
        create_site(membership=membership, name="three", slug="three", now=NOW)
    assert (reached.value.kind, reached.value.used, reached.value.allowed) == (Kind.SITES, 2, 2)
    assert Site.objects.count() == 2


@pytest.mark.parametrize(
    "slug", ["", "www", "a_b", "-a", "a-", "Ä", "a.b", "xn--80ak6aa92e", "x" * 41, "admin", "a b", "a/b"]
)
def test_an_address_that_may_not_be_used_is_refused_with_a_reason(db: None, slug: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create_site(membership=member("m", limits=LIMITS), name="Name", slug=slug, now=NOW)
    assert list(refused.value.message_dict) == ["slug"]
    assert Site.objects.count() == 0


def test_an_address_that_is_taken_is_refused_and_nothing_is_left_behind(site_a: Site) -> None:
    membership = member("late", limits=LIMITS)
    with pytest.raises(ValidationError) as refused:
        create_site(membership=membership, name="Late", slug="ALPHA", now=NOW)
    assert refused.value.message_dict == {"slug": ["This address is taken. Choose another."]}
    assert Site.objects.filter(membership=membership).count() == 0


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"slug": "Upper"}, "an_address_is_a_lower_case_host_label"),
        ({"schema_name": "public"}, "a_schema_is_named_after_its_site"),
        ({"schema_name": "site_template"}, "a_schema_is_named_after_its_site"),
        ({"ready_at": None}, "a_ready_site_says_since_when"),
    ],
)
def test_the_database_refuses_a_site_that_makes_no_sense(
    site_a: Site, changes: dict[str, object], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Site.objects.filter(pk=site_a.pk).update(**changes)


@pytest.mark.parametrize(
    ("domain", "constraint"),
    [
        ("Upper.example", "a_domain_is_lower_case"),
        ("dot.example.", "a_domain_is_a_host_name_without_port_or_final_dot"),
        ("port.example:80", "a_domain_is_a_host_name_without_port_or_final_dot"),
        ("alpha.sites.localhost", "sites_domain_domain"),
    ],
)
def test_the_database_refuses_a_domain_that_is_not_a_host_name(
    site_a: Site, domain: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Domain.objects.create(domain=domain, tenant=site_a, created_at=NOW)


def test_a_site_has_one_primary_domain(site_a: Site) -> None:
    with pytest.raises(IntegrityError, match="a_site_has_one_primary_domain"), transaction.atomic():
        Domain.objects.create(domain="second.example", tenant=site_a, is_primary=True, created_at=NOW)


def test_the_template_is_built_once_for_its_migrations(site_template: SiteTemplate) -> None:
    assert ensure_template(now=NOW).pk == site_template.pk


def test_a_template_whose_data_holds_its_own_name_is_not_taken() -> None:
    with pytest.raises(template.TemplateError, match="contains the name"):
        template._portable(
            "CREATE SCHEMA site_template;\nINSERT INTO site_template.t VALUES ('my site_template');"
        )


def test_the_portable_template_names_no_schema_and_speaks_to_no_client(site_template: SiteTemplate) -> None:
    assert template.SCHEMA not in site_template.sql
    assert "public." not in site_template.sql
    assert not [line for line in site_template.sql.splitlines() if line.startswith(("\\", "SET ", "--"))]


def test_the_provision_command_takes_the_steps_and_names_them(site_template: SiteTemplate, capsys) -> None:
    begin(slug="by-hand")
    call_command("provision_site", "by-hand")
    assert capsys.readouterr().out.split("\n")[0] == "schema: Done"
    with pytest.raises(CommandError, match="There is no site nowhere"):
        call_command("provision_site", "nowhere")
