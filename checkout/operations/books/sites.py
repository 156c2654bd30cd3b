"""A site allows what its membership allows: on its row in the network, and where it bites, in its own schema."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check, Finding
from memberships.operations.entitlements import USABLE
from products.limits import Kind
from sites.models import Site
from sites.operations.compare import different_kinds, limits_in_force
from sites.operations.entitle import access_of

SITES_AT_ONCE = 100
A_SWEEP = timedelta(
    minutes=15
)  # who gets to see a site changes with time alone, and the sweep follows within that

CHECKS = (
    Check(
        code="entitlements",
        says=gettext_noop("Allows %(has)s, and its membership allows %(should)s."),
        sql="""
            WITH parts AS (
                SELECT i.membership_id, l.kind, l.amount * i.quantity AS amount
                FROM memberships_membershipitem i
                JOIN products_product p ON p.id = i.product_id AND p.type <> 'service'
                JOIN products_productlimit l ON l.product_id = p.id
                WHERE i.ended_at IS NULL
                UNION ALL
                SELECT membership_id, kind, amount FROM memberships_limitoverride WHERE ended_at IS NULL
            ), allowed AS (
                SELECT membership_id, kind,
                       CASE WHEN bool_or(amount IS NULL) THEN NULL ELSE sum(amount) END AS amount
                FROM parts JOIN memberships_membership m ON m.id = membership_id AND m.state = ANY(%(usable)s)
                WHERE kind = ANY(%(kinds)s)
                GROUP BY membership_id, kind
            ), memberships AS (
                SELECT membership_id, jsonb_object_agg(kind, amount) AS should FROM allowed
                WHERE amount IS DISTINCT FROM 0 GROUP BY membership_id
            ), compared AS (
                SELECT 'site ' || s.uid AS subject, s.membership_id, coalesce(should, '{}') AS should, coalesce((
                    SELECT jsonb_object_agg(key, value) FROM jsonb_each(s.entitlements)
                    WHERE value <> '0' AND key = ANY(%(kinds)s)
                ), '{}') AS has
                FROM sites_site s LEFT JOIN memberships USING (membership_id) WHERE s.state = 'ready'
            )
            SELECT subject, has, should FROM compared
            WHERE has <> should
              AND NOT EXISTS (
                  SELECT FROM memberships_transition t
                  WHERE t.membership_id = compared.membership_id AND t.at > %(recent)s
              )
              AND NOT EXISTS (
                  SELECT FROM memberships_limitoverride o
                  WHERE o.membership_id = compared.membership_id AND greatest(o.created_at, o.ended_at) > %(recent)s
              )
        """,
        parameters={"usable": sorted(USABLE), "kinds": [kind.value for kind in Kind]},
    ),
)


def what_is_wrong(*, now: datetime) -> Iterator[Finding]:
    """What no single statement sees: the rows in the sites' own schemas, and the policy. A hundred sites at a time."""
    ready = (
        Site.objects.ready().select_related("membership").order_by("pk").iterator(chunk_size=SITES_AT_ONCE)
    )
    while sites := list(islice(ready, SITES_AT_ONCE)):
        yield from _compared(sites, now)


def _compared(sites: Sequence[Site], now: datetime) -> Iterator[Finding]:
    in_force = limits_in_force(sites)
    for site in sites:
        subject = f"site {site.uid}"
        if site.pk not in in_force:
            yield Finding(code="schema", subject=subject, detail=_("It has no schema."))
        elif different := different_kinds(in_force[site.pk], site.limits):
            yield Finding(
                code="limits_in_force",
                subject=subject,
                detail=_("Other limits bite in it than its row says: %(kinds)s.")
                % {"kinds": ", ".join(different)},
            )
        granted = access_of(site.membership, now=now)
        if site.access not in {granted, access_of(site.membership, now=now - A_SWEEP)}:
            yield Finding(
                code="access",
                subject=subject,
                detail=_("It is %(is)s, and by its membership it should be %(should)s.")
                % {"is": site.access, "should": granted},
            )
