"""Limits and usage as bars: what the membership allows, beside what its sites use by the last count."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.views.words import ICONS
from products.date_display import day
from products.limit_display import format_limit
from products.limits import Kind, Limits, Scope, Unit, is_near
from products.models.limit import LABELS
from sites.models import OverLimit, Site
from sites.operations.visits import next_month
from sites.over_limit_display import sentence
from sites.policies.over_limit import Policy


def usage_blocks(*, limits: Limits, sites: Sequence[Site], sites_used: int, now: datetime) -> dict[str, Any]:
    """What all sites share and what each of `sites` uses, as blocks of bars (one if there is one site); features. Of
    several sites only what comes near a limit stands open."""
    over = {(row.site_id, row.kind): row for row in OverLimit.objects.filter(site__in=sites, ended_at=None)}
    shared = [
        _bar(kind, limits, sites_used, now)
        | {"is_parked": any(row.kind == kind and row.policy == Policy.PARK for row in over.values())}
        for kind in _countable(Scope.MEMBERSHIP)
    ]
    by_site = [
        [
            _bar(kind, limits, site.usage.get(kind, 0), now, over.get((site.pk, kind)))
            for kind in _countable(Scope.SITE)
        ]
        for site in sites
    ]
    if sites_used == len(sites) == 1:
        blocks = [{"name": "", "bars": shared + by_site[0]}]
    else:
        named = (_of_one(site, bars) for site, bars in zip(sites, by_site, strict=True))
        blocks = [{"name": "", "bars": shared}, *named]
    counts = [site.usage_at for site in sites if site.usage_at]
    return {
        "usage": blocks,
        "counted": min(counts) if counts else None,
        "features": [
            {"label": LABELS[kind], "included": limits[kind] is None} for kind in Kind if kind.is_switch
        ],
    }


def _of_one(site: Site, bars: list[dict[str, Any]]) -> dict[str, Any]:
    tight = sum(bar["can_upgrade"] for bar in bars)
    return {"name": site.name, "bars": bars, "is_tight": tight > 0, "summary": _summary(tight)}


def _summary(tight: int) -> str:
    if not tight:
        return _("Room for more")
    return ngettext(
        "%(count)d limit nearly or fully used", "%(count)d limits nearly or fully used", tight
    ) % {"count": tight}


def _countable(scope: Scope) -> list[Kind]:
    return [kind for kind in Kind if kind.scope == scope and not kind.is_switch]


def _bar(
    kind: Kind, limits: Limits, used: int, now: datetime, over: OverLimit | None = None
) -> dict[str, Any]:
    """What `components/usage.html` shows of one limit."""
    allowed = limits[kind]
    state = _state(used, allowed)
    return {
        "label": LABELS[kind],
        "icon": ICONS[kind],
        "used": format_limit(kind, used),
        "allowed": format_limit(kind, allowed),
        "value": min(used, allowed) if allowed else 0,
        "max": allowed or 1,
        "state": state,
        "note": _over_note(over, now) if over else _note(kind, state, used, allowed, now),
        "is_parked": over is not None and over.policy == Policy.PARK,
        "can_upgrade": over is not None or state in {"near", "full", "over"},
    }


def _state(used: int, allowed: int | None) -> str:
    if allowed is None:
        return "unlimited"
    if used > allowed:
        return "over"
    if allowed == 0:
        return "none"
    if used == allowed:
        return "full"
    return "near" if is_near(used=used, allowed=allowed) else "within"


def _note(kind: Kind, state: str, used: int, allowed: int | None, now: datetime) -> str:
    if state in {"full", "over"}:
        return {
            Unit.BYTES: _("Nothing more can be uploaded."),
            Unit.PER_MONTH: _("This month's visits are used up."),
        }.get(kind.unit, _("All are in use."))
    if state == "near" and allowed is not None:
        return _("%(left)s left.") % {"left": format_limit(kind, allowed - used)}
    if kind.unit == Unit.PER_MONTH and state != "none":
        return _("Counts again from 0 on %(date)s.") % {"date": day(next_month(now))}
    return ""


def _over_note(over: OverLimit, now: datetime) -> str:
    policy = Policy(over.policy)
    return sentence(Kind(over.kind), policy=policy, excess=over.excess, notice_at=over.notice_at, now=now)
