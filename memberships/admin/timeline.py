"""What happened to a membership and what its customer was told of it, in order of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from memberships.admin.notice import kind_of, state_badge_of
from memberships.models import Membership, Notice, Transition

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. A mail has an `icon` (of Unfold's) and a `state`, and leads to its page."""

    at: datetime
    what: str
    why: str
    reference: str
    actor: User | None
    link: str = ""
    icon: str = ""
    state: str = ""


def timeline_of(membership: Membership) -> dict[str, Any]:
    """The newest entries first, and whether there are more: two queries."""
    transitions = membership.transitions.select_related("actor").order_by("-at", "-id")[: SHOWN + 1]
    notices = membership.notices.select_related("actor").defer("body").order_by("-id")[: SHOWN + 1]
    entries = [*map(_happened, transitions), *map(_was_told, notices)]
    entries.sort(
        key=lambda entry: (entry.at, entry.link), reverse=True
    )  # a mail comes after what it tells of
    return {"timeline": entries[:SHOWN], "more_timeline": len(entries) > SHOWN}


def _happened(row: Transition) -> Entry:
    return Entry(at=row.at, what=row.headline, why=row.reason, reference=row.reference, actor=row.actor)


def _was_told(row: Notice) -> Entry:
    return Entry(
        at=row.sent_at or row.created_at,
        what=kind_of(row),
        why=row.error or row.subject,
        reference=row.reference,
        actor=row.actor,
        link=reverse("admin:memberships_notice_change", args=[row.pk]),
        icon="mail",
        state=state_badge_of(row),
    )
