"""The steps on the way to a ready site, in order. Each does its work in the transaction that records it.

Each may be asked to run again on a site where it ran before, and then changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from django.utils.html import escape
from django_tenants.utils import schema_exists, tenant_context

from sites import addresses
from sites.content import beginnings
from sites.models import Domain, Site
from sites.operations import entitle, template
from sites.operations.enter import Person, admit

Step = Callable[[Site, datetime], None]


class NotProven(RuntimeError):
    """A site that was made is not as it must be; nobody gets to see it."""


def make_schema(site: Site, _now: datetime) -> None:
    """The site's schema with every table, replayed from the template in one round trip."""
    if not schema_exists(site.schema_name):
        template.replay(site.schema_name)


def apply_limits(site: Site, now: datetime) -> None:
    """The limits of the membership, as rows in the site."""
    entitle.apply_to(site, now=now)


def admit_owner(site: Site, now: datetime) -> None:
    """The owner as a user of the site, so that the first entry finds its person."""
    owner = site.membership.customer.user
    with tenant_context(site):
        admit(Person(uid=owner.uid, email=owner.email, name=owner.name, language=owner.language), now=now)


def make_content(site: Site, _now: datetime) -> None:
    """A home page, an empty blog, the site's name."""
    with tenant_context(site):
        beginnings.make(name=site.name)


def point_domain(site: Site, _now: datetime) -> None:
    """The address that Wagtail writes into absolute links: the primary domain."""
    host = Domain.objects.get(tenant=site, is_primary=True).domain
    with tenant_context(site):
        beginnings.set_host(host=host, port=addresses.outside_port(), name=site.name)


def prove(site: Site, _now: datetime) -> None:
    """Tables, migrations and a home page that renders with the site's name on it. Raises NotProven."""
    lacking = template.migrations_on_disk() - template.migrations_in(site.schema_name)
    if lacking:
        raise NotProven(f"{len(lacking)} migrations are missing, the first is {min(lacking)}.")
    missing = template.tables_of_models() - set(_tables(site))
    if missing:
        raise NotProven(f"Tables are missing: {', '.join(sorted(missing))}.")
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


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "schema": make_schema,
        "limits": apply_limits,
        "owner": admit_owner,
        "content": make_content,
        "domain": point_domain,
        "proof": prove,
    }
)


def _tables(site: Site) -> list[str]:
    with tenant_context(site), connection.cursor() as cursor:
        return list(connection.introspection.table_names(cursor))
