"""What must be so before anybody gets to see a site."""

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.utils.html import escape
from django_tenants.utils import tenant_context
from psycopg import sql

from sites import addresses
from sites.content import beginnings
from sites.models import Site
from sites.operations import site_migrations
from sites.postgresql import copy


class NotProven(RuntimeError):
    """A site that was made is not as it must be; nobody gets to see it."""


def prove_tables(schema: str) -> None:
    """Every table and every migration of this code is in `schema`. Raises NotProven."""
    tables = site_migrations.tables_of_models() | {"django_migrations"}
    missing = tables - {table.name for table in copy.tables_in(schema)}
    if missing:
        raise NotProven(f"Tables are missing: {', '.join(sorted(missing))}.")
    with connection.cursor() as cursor:
        recorded = sql.SQL("SELECT app, name FROM {}").format(sql.Identifier(schema, "django_migrations"))
        cursor.execute(recorded)
        lacking = site_migrations.migrations_on_disk() - set(cursor.fetchall())
    if lacking:
        raise NotProven(f"{len(lacking)} migrations are missing, the first is {min(lacking)}.")


def prove_page(site: Site) -> None:
    """The home page renders and carries the site's name. Raises NotProven."""
    with tenant_context(site):
        request = HttpRequest()
        request.method = "GET"
        request.path = request.path_info = "/"
        host = addresses.site_host(site.slug)
        request.META.update(HTTP_HOST=host, SERVER_NAME=host, SERVER_PORT="80")
        request.user = AnonymousUser()
        request.tenant = site  # type: ignore[attr-defined]  # SiteMiddleware's attribute
        page = beginnings.render_home(request)
    if escape(site.name) not in page:
        raise NotProven("The home page does not carry the site's name.")
