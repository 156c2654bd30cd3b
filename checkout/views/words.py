"""Times of day, billing periods and limits in the reader's words."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from products.limit_display import format_limit
from products.limits import Kind, Limits, Unit
from products.models.limit import LABELS
from products.pricing import Interval
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


# What banks say of a card, in the words of Stripe's messages. Any other message is shown as it came.
REFUSALS = (
    gettext_noop("Your card was declined."),
    gettext_noop("Your card was declined. This transaction requires authentication."),
    gettext_noop("Your card has expired."),
    gettext_noop("Your card has insufficient funds."),
    gettext_noop("Your card's security code is incorrect."),
    gettext_noop("An error occurred while processing your card. Try again in a little bit."),
)


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


def refusal_text(message: str) -> str:
    """Why the bank refused, in the active language as far as it is one of `REFUSALS`; empty for no message."""
    return _(message) if message else ""


def times(count: int) -> str:
    return ngettext("%(count)s time", "%(count)s times", count) % {"count": number_format(count)}


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
