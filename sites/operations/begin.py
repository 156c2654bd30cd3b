"""A starter's content, brought into another site: rows, files, and the new site's name where it says so."""

import shutil
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from django.apps import apps
from django.db import connection
from django_tenants.utils import tenant_context
from psycopg import sql

from products.limits import Kind, Limits
from sites.content import placeholders
from sites.content.models import SiteIdentity
from sites.content.storage import folder_of
from sites.models import Site, Starter
from sites.operations import site_migrations
from sites.operations.proof import prove_tables
from sites.postgresql import copy

COUNTED: Final = (Kind.POSTS, Kind.PAGES, Kind.DISK)

# what is a site's own business: its people and what they did, what visitors wrote, its limits, its migrations
STAYS: Final = frozenset(
    {
        "accounts_user",
        "content_contactmessage",
        "content_sitelimit",
        "django_migrations",
        "django_session",
        "wagtailcore_modellogentry",
        "wagtailcore_pagelogentry",
        "wagtailcore_revision",
        "wagtailcore_uploadedfile",
        "wagtailcore_workflowstate",
        "wagtailforms_formsubmission",
    }
)


def too_large(starter: Starter, limits: Limits) -> list[Kind]:
    """What of the starter would not fit into `limits`, by what it used when it was last counted."""
    used = starter.site.usage
    return [kind for kind in COUNTED if not limits.allows(kind, used=used.get(kind.value, 0), more=0)]


def starters_for(limits: Limits, *, plans: Iterable[int]) -> list[Starter]:
    """The starters that people with these limits may choose from, whose plan is among those with the ids `plans`. One
    query, if `plans` is none itself."""
    offered = Starter.objects.offered().of_plans(plans).select_related("site")
    return [starter for starter in offered if not too_large(starter, limits)]


def begin_as(site: Site, starter: Starter) -> None:
    """Put the starter's content in place of the site's own, in the caller's transaction. Can run twice. Raises
    NotProven when the starter's schema is not at these migrations, and OSError when its files cannot be copied."""
    prove_tables(starter.site.schema_name)
    _bring_rows(source=starter.site.schema_name, target=site.schema_name)
    files = folder_of(starter.site.schema_name)
    if files.is_dir():
        shutil.copytree(files, folder_of(site.schema_name), dirs_exist_ok=True)
    with tenant_context(site):
        owner = site.membership.customer.user
        placeholders.fill({placeholders.SITE_TITLE: site.name, placeholders.OWNER: owner.get_full_name()})
        SiteIdentity.objects.update(name=site.name)


def _bring_rows(*, source: str, target: str) -> None:
    """Replace the rows of every table that a starter shares. Within one server a table goes over in one statement, all
    tables in one round trip."""
    tables = [table for table in copy.tables_in(source) if table.name in shared_tables()]
    delete = [sql.SQL("DELETE FROM {}").format(sql.Identifier(target, table.name)) for table in tables]
    insert = [_insert(table, source=source, target=target) for table in tables]
    with copy.references_checked_at_the_end(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join([*delete, *insert]))
    copy.set_sequences(target)


def _insert(table: copy.Table, *, source: str, target: str) -> sql.Composed:
    emptied = shared_tables()[table.name]
    values = [emptied.get(column) or sql.Identifier(column) for column in table.columns]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        sql.Identifier(target, table.name),
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.SQL(", ").join(values),
        sql.Identifier(source, table.name),
    )


@cache
def shared_tables() -> Mapping[str, Mapping[str, sql.SQL]]:
    """The tables that come along, each with the columns that do not: they refer to what stays. What cannot be without
    it stays, too."""
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in site_migrations.tables_of_models()  # noqa: SLF001 -- Django's documented API
    ]
    references = [
        (model._meta.db_table, field.column, field.related_model._meta.db_table, field.null)  # noqa: SLF001 -- see above
        for model in models
        for field in model._meta.local_concrete_fields  # noqa: SLF001 -- see above
        if field.column and field.is_relation and field.related_model is not None
    ]
    stays: set[str] = set(STAYS)
    while more := {table for table, _c, to, null in references if to in stays and not null} - stays:
        stays |= more
    shared: dict[str, dict[str, sql.SQL]] = {
        model._meta.db_table: {}  # noqa: SLF001 -- see above
        for model in models
        if model._meta.db_table not in stays  # noqa: SLF001 -- see above
    }
    for table, column, to, _null in references:
        if table in shared and to in stays:
            shared[table][column] = sql.SQL("NULL")
    shared["wagtailcore_page"]["has_unpublished_changes"] = sql.SQL("false")  # those were in a revision
    return MappingProxyType(shared)
