"""From a host name to the site behind it: one row read once, then kept in Redis until something about the
site changes.

Everything a site's request needs to know of the network is in this record, because the network's tables are
out of its reach. A record is stored with the version of its host that was read *before* the row; whoever
changes the site sets a new version after the commit, so a record read in between is never believed.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject
from redis.exceptions import RedisError

from products.limits import Kind, Limits
from sites import addresses
from sites.models import Domain, OverLimit, Site

SECONDS_KEPT: Final = 60  # how long a record may be wrong when Redis was away while the site changed
SHAPE: Final = 6  # of a record: the next number whenever its fields change, so that no older one is read


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRoute:
    """The site a request belongs to: `request.tenant`. Frozen, so nothing stale can be saved from it."""

    id: int
    uid: uuid.UUID
    schema_name: str
    name: str
    host: str
    primary_host: str
    state: str
    access: str
    is_public: bool  # visitors may see it: its owner's address is confirmed
    membership_uid: uuid.UUID
    owner_uid: uuid.UUID
    entitlements: dict[str, int | None]
    entitlements_version: int
    usage: dict[str, int]  # as last counted
    over_limits: list[dict[str, Any]]  # of each: kind, policy, excess, notice_at (ISO 8601 or None)

    @property
    def pk(self) -> int:
        return self.id

    @property
    def is_ready(self) -> bool:
        return self.state == Site.State.READY

    @property
    def is_open(self) -> bool:
        """Whether anything may be written in it."""
        return self.access == Site.Access.OPEN

    @property
    def limits(self) -> Limits:
        return Limits.from_json(self.entitlements)

    def shows_notice(self, *, now: datetime) -> bool:
        """Whether visitors see a notice, because a limit is passed."""
        if not self.over_limits:
            return False
        dates = (each["notice_at"] for each in self.over_limits)
        return any(at is not None and datetime.fromisoformat(at) <= now for at in dates)

    def belongs_to(self, user_uid: uuid.UUID) -> bool:
        """Whether they are the owner of the membership, to whom the network's pages of this site belong."""
        return self.owner_uid == user_uid

    def has(self, feature: Kind) -> bool:
        """Whether a switch is on in this site."""
        return self.limits[feature] is None

    @property
    def account_url(self) -> str:
        return addresses.account_url(self.membership_uid)

    @property
    def upgrade_url(self) -> str:
        return addresses.upgrade_url(self.uid)

    @property
    def people_url(self) -> str:
        return addresses.people_url(self.uid)

    @property
    def enter_url(self) -> str:
        return addresses.enter_url(self.uid)


def find(host: str) -> SiteRoute | None:
    """The site that `host` (lower case, no port) leads to. Must be called while the connection is in public.

    No SQL when the answer is remembered, one statement otherwise; Redis being away costs that statement and
    nothing else.
    """
    version, record = _recall(host)
    if record is not None:
        return SiteRoute(**record)
    route = _read(host)
    if route is not None:  # hosts that lead nowhere are not remembered: anybody can make up a million of them
        _remember(host, version, route)
    return route


def forget(site: Site) -> None:
    """Make every host of `site` be read anew. To be called after the commit, while the connection is in
    public."""
    hosts = site.domains.values_list("domain", flat=True)
    forget_hosts(*hosts)


def forget_hosts(*hosts: str) -> None:
    try:
        cache.set_many({_version_key(host): uuid.uuid4().hex for host in hosts}, timeout=None)
    except RedisError:
        return  # records die by themselves within SECONDS_KEPT


def _read(host: str) -> SiteRoute | None:
    primary = Domain.objects.filter(tenant=OuterRef("tenant"), is_primary=True).values("domain")
    over = OverLimit.objects.filter(site=OuterRef("tenant"), ended_at=None).values(
        fact=JSONObject(kind="kind", policy="policy", excess="excess", notice_at="notice_at")
    )
    row = (
        Domain.objects.filter(domain=host)
        .annotate(
            membership_uid=F("tenant__membership__uid"),
            owner_uid=F("tenant__membership__customer__user__uid"),
            primary_host=Subquery(primary),
            over_limits=ArraySubquery(over),
        )
        .select_related("tenant")
        .first()
    )
    if row is None:
        return None
    site = row.tenant
    return SiteRoute(
        id=site.pk,
        uid=site.uid,
        schema_name=site.schema_name,
        name=site.name,
        host=host,
        primary_host=row.primary_host or host,
        state=site.state,
        access=site.access,
        is_public=site.opened_at is not None,
        membership_uid=row.membership_uid,
        owner_uid=row.owner_uid,
        entitlements=site.entitlements,
        entitlements_version=site.entitlements_version,
        usage=site.usage,
        over_limits=row.over_limits,
    )


def _recall(host: str) -> tuple[str | None, dict[str, Any] | None]:
    """The version of `host` and, when one of that version is remembered, its record."""
    try:
        found = cache.get_many([_version_key(host), _record_key(host)])
    except RedisError:
        return None, None
    version = found.get(_version_key(host))
    stored = found.get(_record_key(host))
    return version, stored["route"] if stored is not None and stored["version"] == version else None


def _remember(host: str, version: str | None, route: SiteRoute) -> None:
    try:
        cache.set(_record_key(host), {"version": version, "route": asdict(route)}, timeout=SECONDS_KEPT)
    except RedisError:
        return


def _version_key(host: str) -> str:
    return f"route-version:{host}"


def _record_key(host: str) -> str:
    return f"route-{SHAPE}:{host}"
