"""The steps on the way to a ready site, in order. Each does its work in the transaction that records it.

Each may be asked to run again on a site where it ran before, and then changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from django.db import transaction
from django_tenants.utils import schema_exists, tenant_context

from sites.content import beginnings
from sites.models import Domain, Site, SpareSchema
from sites.operations import entitle, spares, template
from sites.operations.begin import begin_as
from sites.operations.enter import Person, admit
from sites.operations.proof import prove_page, prove_tables
from sites.signals import spare_taken

Step = Callable[[Site, datetime], None]


def make_schema(site: Site, now: datetime) -> None:
    """The site's schema: a spare under its name, or the template replayed in one round trip."""
    if schema_exists(site.schema_name):
        return
    if spares.take(schema=site.schema_name):
        transaction.on_commit(partial(spare_taken.send_robust, SpareSchema, now=now))
    else:
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
    """The content of the chosen starter; without one a home page and an empty blog. The site's name on it."""
    if site.starter is not None:
        begin_as(site, site.starter)
        return
    with tenant_context(site):
        beginnings.make(name=site.name, language=site.membership.customer.user.language)


def point_domain(site: Site, _now: datetime) -> None:
    """The address that Wagtail writes into absolute links: the primary domain."""
    host = Domain.objects.get(tenant=site, is_primary=True).domain
    with tenant_context(site):
        beginnings.set_host(host=host, name=site.name)


def prove(site: Site, _now: datetime) -> None:
    """Tables, migrations and a home page that renders with the site's name on it. Raises NotProven."""
    prove_tables(site.schema_name)
    prove_page(site)


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
