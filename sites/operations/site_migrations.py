"""The migrations that a site's schema must have, as they lie on disk."""

import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context

Key = tuple[str, str]  # a migration's app and name


@cache
def fingerprint() -> str:
    """What tells one set of site migrations from another: their names and their source."""
    return digest_of(sources().items())


@cache
def heads() -> str:
    """The migrations that a site's schema must have, as a digest of their names; what `replay` writes into a schema's
    comment."""
    return digest_of(sources())


@cache
def sources() -> dict[str, str]:
    """The digest of each migration's source, by `app.name`, in order."""
    disk = _loader().disk_migrations
    files = {f"{app}.{name}": inspect.getfile(type(disk[app, name])) for app, name in migrations_on_disk()}
    return {name: hashlib.sha256(Path(files[name]).read_bytes()).hexdigest() for name in sorted(files)}


def digest_of(things: Iterable[object]) -> str:
    return hashlib.sha256("\n".join(map(str, things)).encode()).hexdigest()


@cache
def migrations_on_disk() -> frozenset[Key]:
    """(app, name) of every migration a site's schema must have; of squashed ones only the squash."""
    labels = site_labels()
    return frozenset(node for node in _loader().graph.nodes if node[0] in labels)


@cache
def migrations_in_order() -> tuple[Migration, ...]:
    """The same, each after those that it needs."""
    graph = _loader().graph
    wanted = migrations_on_disk()
    ordered: dict[Key, None] = {}
    for leaf in sorted(graph.leaf_nodes()):
        ordered.update(dict.fromkeys(graph.forwards_plan(leaf)))
    return tuple(graph.nodes[node] for node in ordered if node in wanted)


def migrations_in(schema: str) -> frozenset[Key]:
    """(app, name) of the migrations recorded in `schema`."""
    with tenant_context(FakeTenant(schema)):
        return frozenset(MigrationRecorder(connection).applied_migrations())


def tables_of_models() -> frozenset[str]:
    """The tables that a site's schema must have."""
    labels = site_labels()
    options = [model._meta for model in apps.get_models(include_auto_created=True)]  # noqa: SLF001 -- public
    return frozenset(o.db_table for o in options if o.app_label in labels and o.managed and not o.proxy)


@cache
def _loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


@cache
def site_labels() -> frozenset[str]:
    """The apps that have tables in a site's schema."""
    wanted = set(settings.TENANT_APPS)
    return frozenset(
        config.label
        for config in apps.get_app_configs()
        if config.name in wanted or f"{type(config).__module__}.{type(config).__name__}" in wanted
    )
