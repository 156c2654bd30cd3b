"""What is over a limit, in words for those who own or work on the site."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from products.date_display import day
from products.limits import Kind
from products.models.limit import LABELS
from sites.entitlements import amount_text
from sites.policies.over_limit import Policy


def sentences(over_limits: Iterable[Mapping[str, Any]], *, now: datetime) -> list[str]:
    """One for each: `kind`, `policy`, `excess`, and `notice_at` (ISO 8601 or None) are what `SiteRoute` carries."""
    return [_with_its_kind(each, now) for each in over_limits]


def sentence(kind: Kind, *, policy: Policy, excess: int, notice_at: datetime | None, now: datetime) -> str:
    """For where the name of the limit stands already."""
    facts = {"excess": amount_text(kind, excess), "date": day(notice_at) if notice_at else ""}
    return " ".join([_what(kind, policy) % facts, *([_notice(notice_at, now) % facts] if notice_at else [])])


def what_becomes(kind: Kind, *, policy: Policy, allowed: int, when: str) -> str:
    """What becomes of too much of `kind` when there is room for `allowed`. `when` says from what moment (“on 1 April
    2026”, “at once”); empty: it is so already."""
    if policy == Policy.PARK:
        return f"{_what_is_parked(allowed, when)} {_what_parking_is(kind)}"
    if kind == Kind.VISITS and policy == Policy.BLOCK:
        return _(
            "More visits than that change nothing for a week. After it visitors see a notice until the month ends."
        )
    if policy == Policy.BLOCK:
        return _("All stay, and visitors see a notice in place of the site until there is room again.")
    if kind == Kind.USERS:
        return _("All keep their access. Nobody can be invited until there is room again.")
    if kind == Kind.DISK:
        return _("All files stay. Nothing can be uploaded until there is room again.")
    return _("All stay. Nothing can be added until there is room again.")


def _what_is_parked(allowed: int, when: str) -> str:
    if not allowed:
        return _("All are parked %(when)s.") % {"when": when} if when else _("All are parked.")
    return (
        _("What is not ticked is parked %(when)s.") % {"when": when}
        if when
        else _("What is not ticked is parked.")
    )


def _what_parking_is(kind: Kind) -> str:
    if kind == Kind.DOMAINS:
        return _("A parked name leads nowhere and stays yours; the site is at its own address.")
    if kind == Kind.SITES:
        return _("Visitors of a parked site see a notice; you can go on working on it.")
    return _("Visitors do not see what is parked; nothing else about it changes.")


def _with_its_kind(each: Mapping[str, Any], now: datetime) -> str:
    kind = Kind(each["kind"])
    told = sentence(
        kind,
        policy=Policy(each["policy"]),
        excess=each["excess"],
        notice_at=datetime.fromisoformat(each["notice_at"]) if each["notice_at"] else None,
        now=now,
    )
    return told if kind == Kind.SITES else f"{LABELS[kind]}: {told}"


def _what(kind: Kind, policy: Policy) -> str:
    if kind == Kind.SITES:
        return _("This site does not fit in your plan. Everything in it is kept.")
    if policy == Policy.PARK:
        return _(
            "%(excess)s parked, because your plan has no room. "
            "Nothing is lost, and all comes back with an upgrade."
        )
    if policy == Policy.KEEP:
        return _("%(excess)s more than your plan allows. Everything stays, and nothing can be added.")
    return _("%(excess)s more than your plan allows.")


def _notice(at: datetime, now: datetime) -> str:
    if at <= now:
        return _("Visitors see a notice in place of the site.")
    return _("From %(date)s visitors see a notice in place of the site.")
