"""Sites and what they use, from the copies that the network keeps: by plan, near a limit, and the largest."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from checkout.operations.figures.revenue import OfProduct, Total
from products.limits import Kind, Scope
from sites.models import Site

NEAR_PERCENT = 80
COUNTED = [kind for kind in Kind if kind.scope == Scope.SITE and not kind.is_switch]


def sites_of_plan(*, plan_id: int) -> QuerySet[Site]:
    """The sites, outside the recycle bin, of memberships that have the plan."""
    return Site.objects.outside_the_bin().filter(
        membership__items__product=plan_id, membership__items__ended_at=None
    )


# The sites meet the items by the number of the membership that both have. Django would join the memberships as well,
# and the names to every row: twice the work.
BY_PLAN = """
    SELECT p.id, p.name, counted.sites
    FROM (
        SELECT i.product_id, count(*) AS sites
        FROM sites_site s
        JOIN memberships_membershipitem i ON i.membership_id = s.membership_id AND i.ended_at IS NULL
        WHERE s.state <> 'recycled' GROUP BY i.product_id
    ) AS counted
    JOIN products_product p ON p.id = counted.product_id AND p.type = 'plan'
    ORDER BY counted.sites DESC, p.name
"""


def sites_by_plan() -> list[OfProduct]:
    """How many sites each plan has, the most first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(BY_PLAN)
        rows = cursor.fetchall()
    return [OfProduct(product_id=pk, name=name, total=Total(count=count)) for pk, name, count in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimit:
    """A site that uses 80 % or more of what it may use of a kind, in the kind's unit."""

    site_id: int
    site: str
    kind: Kind
    used: int
    allowed: int

    @property
    def percent(self) -> int:
        return self.used * 100 // self.allowed


# First the sites that have anything near its limit, which are few, then each of their kinds: much less work.
_ANY_NEAR = " OR ".join(
    f"(s.usage ->> '{kind}')::bigint * 100 >= (s.entitlements ->> '{kind}')::bigint * %(percent)s"
    for kind in COUNTED
)
NEAR = f"""
    SELECT id, name, kind, used, allowed, count(*) OVER () AS all
    FROM (
        SELECT s.id, s.name, k.kind, (s.usage ->> k.kind)::bigint AS used,
               (s.entitlements ->> k.kind)::bigint AS allowed
        FROM sites_site s CROSS JOIN unnest(%(kinds)s::text[]) AS k(kind)
        WHERE s.state = 'ready' AND ({_ANY_NEAR})
    ) AS counted
    WHERE allowed > 0 AND used * 100 >= allowed * %(percent)s
    ORDER BY used::numeric / allowed DESC, id, kind LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 -- constants of this file


def near_limits(*, limit: int | None, offset: int = 0) -> tuple[int, Sequence[NearLimit]]:
    """How often a site is near a limit or beyond it, and `limit` (None: all) of these from the `offset`th on, the
    fullest first. One statement."""
    with connection.cursor() as cursor:
        kinds = [kind.value for kind in COUNTED]
        cursor.execute(NEAR, {"kinds": kinds, "percent": NEAR_PERCENT, "limit": limit, "offset": offset})
        rows = cursor.fetchall()
    found = [
        NearLimit(site_id=pk, site=name, kind=Kind(kind), used=used, allowed=allowed)
        for pk, name, kind, used, allowed, _all in rows
    ]
    return (rows[0][-1] if rows else 0), found


def largest(kind: Kind) -> QuerySet[Site]:
    """Sites, those that use most of `kind` first, with `used` in the kind's unit."""
    used = Cast(KT(f"usage__{kind.value}"), BigIntegerField())
    sites: QuerySet[Site] = Site.objects.ready().annotate(used=used).filter(used__gt=0)
    return sites.order_by("-used", "pk")
