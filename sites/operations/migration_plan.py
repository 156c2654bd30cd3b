"""Migrations made ready once, to be applied to many schemas.

Most of the time that Django's `migrate` takes is for reading the migrations and working out the models before and
after each operation, which is the same for every schema that lacks the same migrations. Here that is done once; what is
left for a schema is Django's own operations on it.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations import RunPython
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from sites.operations import site_migrations
from sites.operations.site_migrations import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyOperation:
    """An operation with the models before and after it."""

    operation: Operation
    before: ProjectState
    after: ProjectState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyMigration:
    migration: Migration
    operations: Sequence[ReadyOperation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a schema lacks, in order."""

    migrations: Sequence[ReadyMigration]

    @property
    def is_atomic(self) -> bool:
        """Whether all of it can be done in one transaction, so that a schema gets everything or nothing."""
        return all(each.migration.atomic for each in self.migrations)

    def apply(self) -> None:
        """Bring the connection's schema from where the plan begins to the migrations of this code.

        Of a plan that is not atomic each migration commits by itself, so it must not be applied in a transaction.
        """
        with transaction.atomic() if self.is_atomic else nullcontext():
            for each in self.migrations:
                _apply(each)
            announce([each.migration for each in self.migrations])


def announce(migrations: Sequence[Migration]) -> None:
    """What follows a migration, such as rows for new permissions; for the apps that were migrated, no other."""
    labels = dict.fromkeys(migration.app_label for migration in migrations)
    for label in labels:
        config = apps.get_app_config(label)
        if config.models_module is not None:
            models.signals.post_migrate.send(
                sender=config,
                app_config=config,
                verbosity=0,
                interactive=False,
                using=connection.alias,
                apps=apps,
                plan=[(migration, False) for migration in migrations],
            )


def plan_for_current_schema() -> Plan:
    """What the connection's schema lacks. Reads one table of it."""
    return _plan(
        frozenset(key for key in applied_in_current_schema() if key[0] in site_migrations.site_labels())
    )


def applied_in_current_schema() -> frozenset[Key]:
    """(app, name) of the migrations recorded in the connection's schema, without asking the catalogue first."""
    rows = MigrationRecorder(connection).migration_qs
    return frozenset(rows.values_list("app", "name"))


@cache
def _plan(applied: frozenset[Key]) -> Plan:
    """The plan for schemas that have `applied`. Made once in a process: it takes about a second."""
    state = ProjectState()
    missing: list[Migration] = []
    for migration in site_migrations.migrations_in_order():
        if _is_applied(migration, applied):
            migration.mutate_state(state, preserve=False)
        else:
            missing.append(migration)
    ready: list[ReadyMigration] = []
    for migration in missing:
        prepared = _prepare(migration, state)
        state = prepared.operations[-1].after if prepared.operations else state
        ready.append(prepared)
    return Plan(migrations=ready)


def _is_applied(migration: Migration, applied: frozenset[Key]) -> bool:
    if (migration.app_label, migration.name) in applied:
        return True
    return bool(migration.replaces) and applied.issuperset(map(_key, migration.replaces))


def _prepare(migration: Migration, state: ProjectState) -> ReadyMigration:
    state.apps  # noqa: B018 -- rendered once here; the copies take it over
    states = [state]
    for operation in migration.operations:
        state = state.clone()
        operation.state_forwards(migration.app_label, state)
        states.append(state)
    ready = []
    for operation, (before, after) in zip(migration.operations, pairwise(states), strict=True):
        if isinstance(operation, RunPython):
            for each in (before, after):  # or Django would render all models anew for each schema
                each.clear_delayed_apps_cache()
                each.is_delayed = False
                each.apps  # noqa: B018 -- see above
        ready.append(ReadyOperation(operation=operation, before=before, after=after))
    return ReadyMigration(migration=migration, operations=ready)


def _apply(each: ReadyMigration) -> None:
    migration = each.migration
    with transaction.atomic() if migration.atomic else nullcontext():
        with connection.schema_editor(atomic=migration.atomic) as editor:
            for ready in each.operations:
                with transaction.atomic() if ready.operation.atomic else nullcontext():
                    ready.operation.database_forwards(migration.app_label, editor, ready.before, ready.after)
        _record(migration)
        if migration.atomic:  # what waits for the commit would be in the way of the next migration
            connection.check_constraints()


def _record(migration: Migration) -> None:
    """As Django records it: of a squashed migration also those that it replaces."""
    keys = [(migration.app_label, migration.name), *map(_key, migration.replaces)]
    rows = MigrationRecorder(connection).migration_qs
    rows.bulk_create(rows.model(app=app, name=name) for app, name in keys)


def _key(pair: Sequence[str]) -> Key:
    return pair[0], pair[1]
