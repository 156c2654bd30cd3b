"""What becomes of what a site holds beyond its limits: kept, parked or blocked, as the network decided for each kind.

Nothing is ever deleted. What is parked comes back when the limits allow it again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django_tenants.utils import tenant_context

from memberships.models import Membership
from products.limits import Kind, Limits, Scope
from sites import entitlements, routing
from sites.entitlements import UnknownKind
from sites.kinds.base import (
    CountedInNetwork,
    CountedInSite,
    LimitKind,
    ParkedInNetwork,
    ParkedInSite,
    counted_in_network,
    registry,
)
from sites.models import ChosenToStay, OverLimit, OverLimitPolicy, Site
from sites.policies.access import Access
from sites.policies.over_limit import Item, Policy, who_stays


class NothingOfThatName(LookupError):
    """A choice names things that the site does not have: `keys`."""

    def __init__(self, keys: Collection[str]) -> None:
        super().__init__(", ".join(sorted(keys)))
        self.keys = keys


Place = tuple[int | None, Kind]  # the site that it is about, None for what all sites of a membership share
Choices = Mapping[Place, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What would be too much of one kind, and what would become of it, by name.

    `site` is None for what all sites of the membership share. `used` and `allowed` are in the kind's unit. Those of
    `items` whose keys are in `stays` stay; the others are parked, if that is the policy. `chosen` are the keys that
    the customer chose, as far as they are still there; None while nobody has chosen.
    """

    site: Site | None
    kind: Kind
    policy: Policy
    used: int
    allowed: int
    items: tuple[Item, ...]
    stays: frozenset[str]
    chosen: frozenset[str] | None = None

    @property
    def place(self) -> Place:
        return (self.site.pk if self.site else None, self.kind)

    @property
    def is_choice(self) -> bool:
        """Whether some go and some could stay, so that the customer may say which."""
        return self.policy == Policy.PARK and self.allowed > 0

    @property
    def parked(self) -> list[Item]:
        return [item for item in self.items if item.key not in self.stays]


def preview(
    *, membership: Membership, limits: Limits, now: datetime, choices: Choices | None = None
) -> list[Excess]:
    """What would be too much in the sites of `membership` under `limits`, by kind, site and name. Changes nothing.

    `choices` are made for this: where there is one, it counts in place of what the customer chose for the site before.
    The number of queries depends on that of the sites, not on what they hold.
    """
    foreseen = partial(_foreseen, limits=limits, policies=policies_in_force(), choices=choices or {})
    excesses = [
        foreseen(each, each.used(membership, now=now), membership)
        for each in counted_in_network()
        if each.kind.scope == Scope.MEMBERSHIP
    ]
    for site in Site.objects.filter(membership=membership, state=Site.State.READY).order_by("pk"):
        used = usage_of(site, now=now)
        excesses += [foreseen(registry[kind], amount, site) for kind, amount in used.items()]
    return [excess for excess in excesses if excess is not None]


@transaction.atomic
def choose_what_stays(*, site: Site, kind: Kind, keys: Collection[str], now: datetime) -> None:
    """Remember which things of `kind` are to stay in `site` when there is no room for all; no keys: take the choice
    back. What is parked already changes places at once.

    Raises UnknownKind for a kind of which nothing is ever parked in a site, and NothingOfThatName.
    """
    each = registry.get(kind)
    if not isinstance(each, ParkedInSite | ParkedInNetwork) or kind.scope != Scope.SITE:
        raise UnknownKind(kind)
    site = Site.objects.locked().get(pk=site.pk)
    unknown = set(keys) - {item.key for item in _items(each, site)}
    if unknown:
        raise NothingOfThatName(unknown)
    _write_choice(ChosenToStay.objects.filter(site=site, kind=kind), [(site, key) for key in keys], kind, now)
    if site.access == Access.OPEN:
        settle(site, restore=True, now=now, kinds=[each])


@transaction.atomic
def choose_sites_that_stay(*, membership: Membership, uids: Collection[str], now: datetime) -> None:
    """`choose_what_stays` among the sites of `membership`, by their identifiers."""
    membership.lock()
    sites = list(Site.objects.locked().filter(membership=membership).order_by("pk"))
    unknown = set(uids) - {str(site.uid) for site in sites}
    if unknown:
        raise NothingOfThatName(unknown)
    before = ChosenToStay.objects.filter(site__membership=membership, kind=Kind.SITES)
    _write_choice(before, [(site, str(site.uid)) for site in sites if str(site.uid) in uids], Kind.SITES, now)
    for site in sites:
        if site.access == Access.OPEN and site.state == Site.State.READY:
            settle(site, restore=True, now=now, kinds=[registry[Kind.SITES]])


@transaction.atomic
def take_over_choices(*, membership: Membership, choices: Choices, now: datetime) -> None:
    """Make `choices`, which were made for a change of `membership`, those of its sites, as the change takes effect.
    The sites are settled when they get their new limits; what is gone by then is not missed.

    Takes no lock on a site: the change of a plan waits for nobody who works in one.
    """
    sites = {site.pk: site for site in Site.objects.filter(membership=membership)}
    for (site_id, kind), keys in choices.items():
        if kind.scope == Scope.MEMBERSHIP:
            before = ChosenToStay.objects.filter(site__membership=membership, kind=kind)
            chosen = [(site, str(site.uid)) for site in sites.values() if str(site.uid) in keys]
        elif site_id in sites:
            before = ChosenToStay.objects.filter(site=site_id, kind=kind)
            chosen = [(sites[site_id], key) for key in keys]
        else:
            continue
        _write_choice(before, chosen, kind, now)


@transaction.atomic
def settle_site(*, site_id: int, now: datetime) -> None:
    """Hold a site to its limits as they are. Nothing comes back by this: who makes room may want it for something
    else."""
    site = Site.objects.locked().get(pk=site_id)
    if site.access == Access.OPEN and site.state == Site.State.READY:
        settle(site, restore=False, now=now)


def settle(site: Site, *, restore: bool, now: datetime, kinds: Iterable[LimitKind] | None = None) -> None:
    """Let the site hold what its limits allow, by the policy of each of `kinds` (None: of all), and record what is
    too much. With `restore`, what is parked comes back as far as there is room; also what was parked elsewhere, and
    came with content that was restored or put back.

    The caller holds the site's lock, and the connection is in public.
    """
    standing = {row.kind: row for row in site.over_limits.filter(ended_at=None)}
    policies, used = policies_in_force(), _used_by(site, now=now)
    for each in registry.values() if kinds is None else kinds:
        row = standing.get(each.kind)
        allowed, policy = site.limits[each.kind], policies[each.kind]
        excess = 0 if allowed is None else max(used[each.kind] - allowed, 0)
        was_parked = row is not None and row.policy == Policy.PARK
        may_have_come_parked = restore and isinstance(each, ParkedInSite)
        if (excess and policy == Policy.PARK) or was_parked or may_have_come_parked:
            excess = _fit(site, each, allowed=allowed, policy=policy, restore=restore, now=now)
        _record(site, each, row, policy=policy, excess=excess, now=now)


def is_to_settle(site: Site) -> bool:
    """Whether the site is, by the last count, over a limit, or was when it was settled last."""
    limits = site.limits
    counted = ((limits[Kind(kind)], used) for kind, used in site.usage.items())
    over = any(allowed is not None and used > allowed for allowed, used in counted)
    return over or any(row.ended_at is None for row in site.over_limits.all())


def usage_of(site: Site, *, now: datetime) -> dict[Kind, int]:
    """What the site uses of every kind that is counted for a site: one statement in its schema."""
    with tenant_context(site):
        used = entitlements.usage()
    by_site = (each for each in counted_in_network() if each.kind.scope == Scope.SITE)
    return used | {each.kind: each.used(site, now=now) for each in by_site}


def policies_in_force() -> dict[Kind, Policy]:
    """What the network does about too much of each kind. One query."""
    decided = {row.kind: Policy(row.policy) for row in OverLimitPolicy.objects.all()}
    return {
        kind: decided[kind] if decided.get(kind) in each.policies else each.policies[0]
        for kind, each in registry.items()
    }


def _fit(
    site: Site,
    each: LimitKind,
    *,
    allowed: int | None,
    policy: Policy,
    restore: bool,
    now: datetime,
) -> int:
    """Park and restore; how much is parked then, or too much where nothing is parked any more."""
    chosen = _chosen_of(each.kind, site.membership if each.kind.scope == Scope.MEMBERSHIP else site)
    room, restore = (allowed, restore) if policy == Policy.PARK else (None, True)
    if isinstance(each, ParkedInNetwork):
        return each.fit(site, allowed=room, chosen=chosen, restore=restore, now=now)
    assert isinstance(each, ParkedInSite), "what was parked can be restored"
    with tenant_context(site):
        entitlements.hold(each.kind)
        items = each.items()
        stay = who_stays(items, allowed=room, chosen=chosen, restore=restore)
        each.park([item.key for item in items if item.key not in stay and not item.is_parked], now=now)
        each.restore([item.key for item in items if item.key in stay and item.is_parked])
    return (
        len(items) - len(stay) if policy == Policy.PARK or allowed is None else max(len(items) - allowed, 0)
    )


def _record(
    site: Site, each: LimitKind, row: OverLimit | None, *, policy: Policy, excess: int, now: datetime
) -> None:
    """Keep one open row while there is too much, for as long as the policy is the same."""
    if row is not None and excess and row.policy == policy:
        if row.excess != excess:
            OverLimit.objects.filter(pk=row.pk).update(excess=excess)
        return
    if row is not None:
        OverLimit.objects.filter(pk=row.pk).update(ended_at=now)
    if excess:
        notice_at = now + each.grace if policy in each.shows_notice else None
        OverLimit.objects.create(
            site=site, kind=each.kind, policy=policy, excess=excess, since=now, notice_at=notice_at
        )
    if row is not None or excess:
        transaction.on_commit(partial(routing.forget, site))


def _foreseen(
    each: LimitKind,
    used: int,
    holder: Site | Membership,
    *,
    limits: Limits,
    policies: Mapping[Kind, Policy],
    choices: Choices,
) -> Excess | None:
    allowed, policy = limits[each.kind], policies[each.kind]
    if allowed is None:
        return None
    items: Sequence[Item] = ()
    if isinstance(each, ParkedInSite | ParkedInNetwork) and policy == Policy.PARK:
        items = _items(each, holder)
        used = len(items)  # with what is parked already, and would stay so
    if used <= allowed:
        return None
    items = items or _items(each, holder)
    site = holder if isinstance(holder, Site) else None
    chosen = choices.get((site.pk if site else None, each.kind))
    keys = _chosen_of(each.kind, holder) if chosen is None else set(chosen)
    return Excess(
        site=site,
        kind=each.kind,
        policy=policy,
        used=used,
        allowed=allowed,
        items=tuple(items),
        stays=who_stays(items, allowed=allowed, chosen=keys, restore=True)
        if policy == Policy.PARK
        else frozenset(item.key for item in items),
        chosen=None if chosen is None else frozenset(item.key for item in items) & frozenset(chosen),
    )


def _items(each: LimitKind, holder: Site | Membership) -> Sequence[Item]:
    if isinstance(each, CountedInNetwork):
        return each.items(holder)
    assert isinstance(each, CountedInSite)
    assert isinstance(holder, Site)
    with tenant_context(holder):
        return each.items()


def _chosen_of(kind: Kind, holder: Site | Membership) -> set[str]:
    of_holder = {"site": holder} if isinstance(holder, Site) else {"site__membership": holder}
    return set(ChosenToStay.objects.filter(kind=kind, **of_holder).values_list("key", flat=True))


def _write_choice(
    before: QuerySet[ChosenToStay], keys: Iterable[tuple[Site, str]], kind: Kind, now: datetime
) -> None:
    before.delete()
    rows = [ChosenToStay(site=site, kind=kind, key=key, chosen_at=now) for site, key in keys]
    ChosenToStay.objects.bulk_create(rows, ignore_conflicts=True)  # two may choose the same at once


def _used_by(site: Site, *, now: datetime) -> dict[Kind, int]:
    """`usage_of`, and what the site shares with the other sites of its membership."""
    shared = (each for each in counted_in_network() if each.kind.scope == Scope.MEMBERSHIP)
    return usage_of(site, now=now) | {each.kind: each.used(site.membership, now=now) for each in shared}
