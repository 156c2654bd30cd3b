"""Limits and usage as bars: what the membership allows, beside what its sites use by the last count."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.views.words import ICONS
from products.date_display import day
from products.limit_display import format_limit
from products.limits import Kind, Limits, Scope, Unit
from products.models.limit import LABELS
from sites.models import OverLimit, Site
from sites.over_limit_display import sentence
from sites.policies.over_limit import Policy

NEAR = 0.8


def usage_blocks(*, limits: Limits, sites: Sequence[Site], now: datetime) -> dict[str, Any]:
    """What all sites share and what each uses, as blocks of bars (one if there is one site); features."""
    shared = [_bar(kind, limits, len(sites), now) for kind in _countable(Scope.MEMBERSHIP)]
    over = {(row.site_id, row.kind): row for row in OverLimit.objects.filter(site__in=sites, ended_at=None)}
    by_site = [
        [
            _bar(kind, limits, site.usage.get(kind, 0), now, over.get((site.pk, kind)))
            for kind in _countable(Scope.SITE)
        ]
        for site in sites
    ]
    if len(sites) == 1:
        blocks = [{"name": "", "bars": shared + by_site[0]}]
    else:
        named = ({"name": site.name, "bars": bars} for site, bars in zip(sites, by_site, strict=True))
        blocks = [{"name": "", "bars": shared}, *named]
    counts = [site.usage_at for site in sites if site.usage_at]
    return {
        "usage": blocks,
        "counted": min(counts) if counts else None,
        "features": [
            {"label": LABELS[kind], "included": limits[kind] is None} for kind in Kind if kind.is_switch
        ],
    }


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
    return "near" if used >= allowed * NEAR else "within"


def _note(kind: Kind, state: str, used: int, allowed: int | None, now: datetime) -> str:
    if state in {"full", "over"}:
        return {
            Unit.BYTES: _("Nothing more can be uploaded."),
            Unit.PER_MONTH: _("This month's visits are used up."),
        }.get(kind.unit, _("All are in use."))
    if state == "near" and allowed is not None:
        return _("%(left)s left.") % {"left": format_limit(kind, allowed - used)}
    if kind.unit == Unit.PER_MONTH and state != "none":
        return _("Counts again from 0 on %(date)s.") % {"date": day(_first_of_next_month(now))}
    return ""


def _over_note(over: OverLimit, now: datetime) -> str:
    policy = Policy(over.policy)
    return sentence(Kind(over.kind), policy=policy, excess=over.excess, notice_at=over.notice_at, now=now)


def _first_of_next_month(now: datetime) -> datetime:
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
