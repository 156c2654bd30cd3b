"""Background work runs in the schema it is meant for, or not at all."""

from typing import Any

import pytest
from django_tenants.utils import tenant_context

from config.celery import SchemaTask, SiteMissing, app
from config.schedule import SCHEDULE
from sites import tasks
from sites.models import Site
from sites.postgresql.base import current_connection, current_schema

pytestmark = pytest.mark.django_db
RUNS: list[tuple[str, Any]] = []


@app.task(name="tests.in_network")
def in_network(**_: object) -> None:
    RUNS.append(("network", current_schema()))


@app.task(name="tests.in_site", in_site=True)
def in_site(*, site_id: int, **_: object) -> None:
    RUNS.append((str(site_id), current_schema()))


@app.task(name="tests.leaks", in_site=True)
def leaks(*, site_id: int, **_: object) -> None:
    current_connection().set_schema("site_elsewhere")
    raise ZeroDivisionError(site_id)


@pytest.fixture(autouse=True)
def _no_runs() -> None:
    RUNS.clear()


def test_a_plain_task_runs_in_the_network_wherever_the_connection_was(site_a: Site) -> None:
    with tenant_context(site_a):
        in_network.apply(throw=True)
    assert RUNS == [("network", "public")]


def test_a_sites_task_runs_in_its_site(site_a: Site) -> None:
    in_site.apply(kwargs={"site_id": site_a.pk, "an_argument_of_tomorrow": 1}, throw=True)
    assert [(str(site_a.pk), site_a.schema_name)] == RUNS
    assert current_schema() == "public"


@pytest.mark.parametrize("kwargs", [{"site_id": 987654}, {"site_id": None}, {}])
def test_a_site_that_is_gone_or_not_named_is_an_error_and_nothing_runs(
    db: None, kwargs: dict[str, object]
) -> None:
    with pytest.raises(SiteMissing):
        in_site.apply(kwargs=kwargs, throw=True)
    assert RUNS == []
    assert current_schema() == "public"


def test_positional_arguments_are_refused(db: None) -> None:
    with pytest.raises(TypeError, match="keywords only"):
        in_network.apply(args=(1,), throw=True)
    assert RUNS == []


def test_a_task_that_breaks_leaves_the_connection_in_public(site_a: Site) -> None:
    with pytest.raises(ZeroDivisionError):
        leaks.apply(kwargs={"site_id": site_a.pk}, throw=True)
    assert current_schema() == "public"


def test_shared_tasks_are_of_our_class_and_speak_json_only() -> None:
    assert isinstance(tasks.provision_site, SchemaTask)
    assert (app.conf.task_serializer, app.conf.accept_content, app.conf.task_acks_late) == (
        "json",
        ["json"],
        True,
    )


def test_every_entry_of_the_schedule_is_a_task() -> None:
    app.loader.import_default_modules()
    assert [name for name, entry in SCHEDULE.items() if entry["task"] not in app.tasks] == []
    assert app.conf.beat_schedule == SCHEDULE


def test_work_is_queued_after_the_commit(
    site_a: Site, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(tasks.refresh_usage, "apply_async", lambda *, kwargs: sent.append(kwargs))
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        tasks.refresh_usage.enqueue(site_id=site_a.pk)
        assert sent == []
    assert len(callbacks) == 1
    assert sent == [{"site_id": site_a.pk}]


def test_sweeps_queue_what_they_find(site_a: Site, site_b: Site, monkeypatch) -> None:
    sent: list[tuple[str, int]] = []
    for task in (tasks.provision_site, tasks.apply_entitlements, tasks.refresh_usage):
        monkeypatch.setattr(
            task, "enqueue", lambda *, site_id, name=task.name: sent.append((name.split(".")[-1], site_id))
        )
    Site.objects.filter(pk=site_a.pk).update(state=Site.State.FAILED)
    site_b.membership.items.get().product.limits.filter(kind="posts").update(amount=50)
    for sweep in (
        tasks.sweep_unfinished_sites,
        tasks.sweep_entitlements,
        tasks.sweep_usage,
        tasks.forget_old_passes,
    ):
        sweep.apply(throw=True)
    assert sent == [
        ("provision_site", site_a.pk),
        ("apply_entitlements", site_b.pk),
        ("refresh_usage", site_b.pk),
    ]


def test_a_task_is_the_operation_and_can_run_twice(site_a: Site) -> None:
    for task in (tasks.provision_site, tasks.apply_entitlements, tasks.refresh_usage):
        for _ in range(2):
            task.apply(kwargs={"site_id": site_a.pk}, throw=True)
    for _ in range(2):
        tasks.roll_up_visits.apply(throw=True)
    site_a.refresh_from_db()
    assert site_a.usage["users"] == 1
