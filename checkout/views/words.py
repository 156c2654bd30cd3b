"""Dates, billing periods and limits in the reader's words."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.limit_display import format_limit
from products.limits import Kind, Limits, Unit
from products.models.limit import LABELS
from products.pricing import Interval, Period
from products.pricing import Unit as Per

ICONS = {
    Kind.SITES: "sites",
    Kind.POSTS: "post",
    Kind.PAGES: "page",
    Kind.DISK: "disk",
    Kind.VISITS: "visits",
    Kind.USERS: "users",
    Kind.DOMAINS: "globe",
}


def day(at: datetime) -> str:
    """“17 April 2026”, in the time zone that is active."""
    return date_format(timezone.localtime(at), "j F Y")


def short_day(at: datetime) -> str:
    """“17 Apr”, where the year is plain."""
    return date_format(timezone.localtime(at), "j M")


def span(period: Period) -> str:
    """“17 Mar - 17 Apr 2026” with a long dash, and with both years where they differ."""
    start, end = timezone.localtime(period.start), timezone.localtime(period.end)
    first = date_format(start, "j M" if start.year == end.year else "j M Y")
    return f"{first} \N{EN DASH} {date_format(end, 'j M Y')}"


def clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i")


def interval_name(interval: Interval) -> str:
    """How the period switch calls a billing period: “Monthly”, “Every 3 months”."""
    named = {
        (Per.DAY, 1): _("Daily"),
        (Per.WEEK, 1): _("Weekly"),
        (Per.MONTH, 1): _("Monthly"),
        (Per.YEAR, 1): _("Yearly"),
    }
    return named.get((interval.unit, interval.count)) or _every(interval)


def per(interval: Interval) -> str:
    """What stands after a price: “per month”, “every 3 months”."""
    named = {
        (Per.DAY, 1): _("per day"),
        (Per.WEEK, 1): _("per week"),
        (Per.MONTH, 1): _("per month"),
        (Per.YEAR, 1): _("per year"),
    }
    return named.get((interval.unit, interval.count)) or _every(interval).lower()


def limit_text(kind: Kind, amount: int | None) -> str:
    """What a product allows of `kind`, as a phrase: “5 posts”, “Unlimited visits per month”, “Custom CSS”."""
    label = str(LABELS[kind])
    if kind.is_switch:
        return label
    phrase = label[:1].lower() + label[1:]
    if amount is None:
        return _("Unlimited %(what)s") % {"what": phrase}
    if amount == 1 and kind.unit == Unit.COUNT:
        return {
            Kind.SITES: _("1 site"),
            Kind.POSTS: _("1 post"),
            Kind.PAGES: _("1 page"),
            Kind.USERS: _("1 user"),
            Kind.DOMAINS: _("1 custom domain"),
        }[kind]
    return _("%(amount)s %(what)s") % {"amount": format_limit(kind, amount), "what": phrase}


def includes(limits: Limits, kinds: Sequence[Kind]) -> list[dict[str, object]]:
    """For each of `kinds`, whether `limits` allow it and how much: what `components/includes.html` shows."""
    return [
        {
            "included": limits[kind] != 0,
            "text": limit_text(kind, limits[kind]) if limits[kind] != 0 else str(LABELS[kind]),
        }
        for kind in kinds
    ]


def times(count: int) -> str:
    return ngettext("%(count)s time", "%(count)s times", count) % {"count": number_format(count)}


def intent(*, kind: str, came_from: str, went_to: str) -> str:
    """A change that has not happened yet: “Upgrade to Premium”."""
    if kind in {"upgrade", "downgrade"} and came_from == went_to:
        return _("Change the billing period of %(to)s") % {"to": went_to}
    sentences = {
        "upgrade": _("Upgrade to %(to)s"),
        "downgrade": _("Downgrade to %(to)s"),
        "addon": _("Add %(to)s"),
        "removal": _("Remove %(from)s"),
        "mixed": _("Change packages: %(to)s"),
    }
    return sentences.get(kind, _("Change to %(to)s")) % {"from": came_from, "to": went_to}


def _every(interval: Interval) -> str:
    match interval.unit:
        case Per.DAY:
            return _("Every %(count)s days") % {"count": interval.count}
        case Per.WEEK:
            return _("Every %(count)s weeks") % {"count": interval.count}
        case Per.MONTH:
            return _("Every %(count)s months") % {"count": interval.count}
        case Per.YEAR:
            return _("Every %(count)s years") % {"count": interval.count}
