"""What happened to a membership, what its customer was told of it and what staff noted, in order of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from memberships.admin.notice import kind_of, state_badge_of
from memberships.models import LimitOverride, Membership, Note, Notice, Transition
from products.date_display import day
from products.limit_display import format_limit
from products.limits import Kind

SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `icon` is one of Unfold's. A mail has a `state`, and leads to its page."""

    at: datetime
    what: str
    why: str
    reference: str
    actor: User | None
    link: str = ""
    icon: str = ""
    state: str = ""


def timeline_of(membership: Membership) -> dict[str, Any]:
    """The newest entries first, and whether there are more: four queries."""
    transitions = membership.transitions.select_related("actor").order_by("-at", "-id")[: SHOWN + 1]
    notices = membership.notices.select_related("actor").defer("body").order_by("-id")[: SHOWN + 1]
    notes = membership.notes.select_related("author").order_by("-id")[: SHOWN + 1]
    overrides = membership.overrides.select_related("actor").order_by("-id")[: SHOWN + 1]
    entries = [
        *map(_happened, transitions),
        *map(_was_told, notices),
        *map(_was_noted, notes),
        *map(_was_given, overrides),
        *(_was_ended(row) for row in overrides if row.ended_at),
    ]
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


def _was_noted(row: Note) -> Entry:
    return Entry(
        at=row.created_at, what=_("Note"), why=row.text, reference="", actor=row.author, icon="sticky_note_2"
    )


def _was_given(row: LimitOverride) -> Entry:
    what = _("Given beside the plan: %(limit)s") % {"limit": _limit(row)}
    last_day = row.ends_at - timedelta(seconds=1) if row.ends_at else None
    until = _("until the end of %(date)s") % {"date": day(last_day)} if last_day else ""
    return Entry(at=row.created_at, what=what, why=row.reason, reference=until, actor=row.actor, icon="tune")


def _was_ended(row: LimitOverride) -> Entry:
    assert row.ended_at is not None
    what = _("No longer given beside the plan: %(limit)s") % {"limit": _limit(row)}
    return Entry(at=row.ended_at, what=what, why="", reference="", actor=None, icon="tune")


def _limit(row: LimitOverride) -> str:
    kind = Kind(row.kind)
    return f"{row.get_kind_display()}: {format_limit(kind, row.amount)}"
