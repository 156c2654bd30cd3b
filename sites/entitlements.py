"""The one door between what a membership allows and what its sites do.

The limits that bite are rows in the site's own schema (`content.SiteLimit`), because a site's request reaches
no other. A writer locks the row of its kind, counts what is used, and goes on or is refused; so two writers
never share the last place. What counts as used, each kind says in its class (`sites.kinds`). What the network
itself counts is claimed under the lock of the site or the membership.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from django.apps import apps
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from memberships.models import Membership
from memberships.operations.entitlements import entitlements
from products.limits import Kind, Unit
from sites.kinds.base import CountedInNetwork, CountedInSite, counted_in_site, registry
from sites.models import Site
from sites.postgresql.base import current_connection

NOT_IN_PLAN: Final = {
    Kind.CUSTOM_CSS: gettext_lazy("Own styles are not part of your plan."),
    Kind.CONTACT_FORMS: gettext_lazy("Contact forms are not part of your plan."),
}


class LimitReached(Exception):
    """`used` of `allowed` are taken, in the kind's unit, and there is no room for `wanted` more."""

    def __init__(self, *, kind: Kind, used: int, allowed: int, wanted: int) -> None:
        super().__init__(f"{kind}: {used} of {allowed} used, {wanted} more wanted")
        self.kind = kind
        self.used = used
        self.allowed = allowed
        self.wanted = wanted


class UnknownKind(LookupError):
    """Nobody counts this kind there, so nothing of it can be claimed."""


def claim(kind: Kind, amount: int = 1) -> None:
    """Take `amount` of `kind` in the current site, for what the caller writes in the same transaction.

    Locks the kind until that transaction ends. Raises LimitReached when there is no room, and UnknownKind for
    a kind that is not counted in sites; a kind for which the site has no row allows nothing.
    """
    reached = _judge(kind, amount, hold(kind))
    if reached is not None:
        raise reached


def hold(kind: Kind) -> int | None:
    """Lock `kind` in the current site until the transaction ends; answer what is allowed, None for unlimited."""
    return _allowed(kind, lock=True)


def claim_in_network(kind: Kind, *, holder: Site | Membership, now: datetime, amount: int = 1) -> None:
    """`claim` for what the network counts, while the connection is in public: of a site, or, for a kind that all sites
    of a membership share, of the membership. Locks the holder's row until the transaction ends.
    """
    counter = registry.get(kind)
    if not isinstance(counter, CountedInNetwork):
        raise UnknownKind(kind)
    if isinstance(holder, Site):
        Site.objects.locked().get(pk=holder.pk)
    else:
        holder.lock()
    allowed = entitlements(holder.membership if isinstance(holder, Site) else holder)[kind]
    used = counter.used(holder, now=now)
    if allowed is not None and used + amount > allowed:
        raise LimitReached(kind=kind, used=used, allowed=allowed, wanted=amount)


def refusal_of(kind: Kind, amount: int = 1) -> LimitReached | None:
    """What `claim` would raise now, without a lock: for a form that wants to tell before it writes."""
    return _judge(kind, amount, _allowed(kind, lock=False))


def is_on(switch: Kind) -> bool:
    """Whether the current site has the feature `switch`. No SQL: the limits came with the request's site."""
    return bool(current_connection().tenant.limits[switch] is None)


def refusal_of_switch(switch: Kind) -> LimitReached | None:
    """What stands in the way of using the feature `switch`: nothing when it is on."""
    return None if is_on(switch) else LimitReached(kind=switch, used=0, allowed=0, wanted=1)


def usage() -> dict[Kind, int]:
    """What the current site uses of everything that is counted inside it, in one statement."""
    counted = counted_in_site()
    columns = ", ".join(f"({each.sql}) AS {each.kind.value}" for each in counted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        row = cursor.fetchone()
    return {each.kind: int(amount) for each, amount in zip(counted, row or (), strict=True)}


def write_limits(limits: Mapping[Kind, int | None], *, version: int) -> None:
    """Make the current site's rows say exactly `limits`. A kind not mentioned allows nothing. One statement.

    Must run in a transaction. It waits for writers that hold a claim, and they for it.
    """
    rows = [_limit_model()(kind=kind, allowed=limits.get(kind, 0), version=version) for kind in Kind]
    _limit_model().objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["kind"], update_fields=["allowed", "version"]
    )


def explain(reached: LimitReached) -> str:
    """The refusal in words: what is used and what is allowed."""
    if reached.kind.is_switch:
        return str(NOT_IN_PLAN[reached.kind])
    used, allowed = amount_text(reached.kind, reached.used), amount_text(reached.kind, reached.allowed)
    refusal: str = registry[reached.kind].refusal % {"used": used, "allowed": allowed}
    return refusal


def explain_with_way_out(reached: LimitReached) -> SafeString:
    """The refusal as HTML, with the link to more room on the network."""
    tenant = current_connection().tenant
    return format_html(
        '{} <a class="limit-way-out" href="{}">{}</a>', explain(reached), tenant.upgrade_url, _("Upgrade")
    )


def amount_text(kind: Kind, amount: int) -> str:
    """`amount` of `kind` as people read it: `1.5 GB`, `1,200`."""
    if kind.unit == Unit.BYTES:
        return str(filesizeformat(amount)).replace("\xa0", " ")
    return number_format(amount, force_grouping=True)


def _allowed(kind: Kind, *, lock: bool) -> int | None:
    if not isinstance(registry.get(kind), CountedInSite):
        raise UnknownKind(kind)
    limits = _limit_model().objects.filter(kind=kind)
    row = (limits.select_for_update() if lock else limits).values_list("allowed", flat=True)
    return next(iter(row), 0)


def _judge(kind: Kind, amount: int, allowed: int | None) -> LimitReached | None:
    if allowed is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(cast("CountedInSite", registry[kind]).sql)
        (used,) = cast("tuple[int]", cursor.fetchone())
    if used + amount <= allowed:
        return None
    return LimitReached(kind=kind, used=int(used), allowed=allowed, wanted=amount)


def _limit_model() -> Any:
    """`content.SiteLimit`, by name: this module stands below the site's content and is imported by it."""
    return apps.get_model("content", "SiteLimit")
