"""What no longer fits, in a line each, for mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.operations.what_stays import foresee_change
from memberships.models import Membership, Notice, ScheduledChange
from memberships.operations.entitlements import entitlements
from products.models.limit import LABELS
from sites.operations.over_limit import Excess, preview
from sites.policies.over_limit import Policy

NAMED: Final = 8  # so many things are named in a line
COMING: Final = frozenset({"change_scheduled", "change_done", "reminder_week", "reminder_day"})


def words_for(notice: Notice, *, now: datetime) -> dict[str, Any]:
    """What `mail/parts/too_much.*` show, in the active language; nothing for a mail that is about something else."""
    membership = notice.membership
    if notice.kind == "change_applied":
        return _told(
            preview(membership=membership, limits=entitlements(membership), now=now),
            membership,
            "checkout:parked",
        )
    pending = membership.scheduled_changes.filter(state=ScheduledChange.State.PENDING)
    change = pending.exclude(kind=ScheduledChange.CANCELLATION).first() if notice.kind in COMING else None
    if change is None:
        return {}
    return _told(foresee_change(change=change, now=now).excesses, membership, "checkout:planned")


def _told(excesses: Sequence[Excess], membership: Membership, page: str) -> dict[str, Any]:
    path = reverse(page, args=[membership.uid], urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return {
        "too_much": [_line(each) for each in excesses],
        "stays_url": f"{settings.NETWORK_ORIGIN}{path}",
    }


def _line(excess: Excess) -> str:
    """“Garden · Posts, parked: One, Two and 3 more”."""
    parks = excess.policy == Policy.PARK
    names = [item.name or _("without a title") for item in (excess.parked if parks else excess.items)]
    what = f"{excess.site.name} · {LABELS[excess.kind]}" if excess.site else str(LABELS[excess.kind])
    becomes = _("%(what)s, parked") if parks else _("%(what)s, all stay")
    told = becomes % {"what": what}
    return f"{told}: {some(names)}" if names else told


def some(names: Sequence[str]) -> str:
    """“One, Two and 3 more”."""
    told, more = ", ".join(names[:NAMED]), len(names) - NAMED
    if more <= 0:
        return told
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {
        "names": told,
        "more": more,
    }
