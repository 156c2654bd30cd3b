"""What a rehearsal brings about, told as it happens: a row for each thing, with the mail that tells the customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from checkout.operations.rehearsal.copies import FIRST_NEW_ID
from memberships.mails.letter import language_of, letter_of
from memberships.models import Attempt, Invoice, Membership, Notice, Transition
from memberships.operations.next_bill import next_bill
from sites.models import Site
from sites.operations.entitle import access_of
from sites.policies.access import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that would happen. Amounts are in minor units of the membership's currency; `state` and the next bill
    are as they are after it; `mail` is the subject of what the customer is told."""

    at: datetime
    what: str
    amount: int | None = None
    state: str = ""
    next_amount: int | None = None
    next_at: datetime | None = None
    mail: str = ""


class Watch:
    """Looks at what was written since it looked last. `rows` grows."""

    def __init__(self, membership: Membership, *, now: datetime) -> None:
        self.membership = membership
        self.rows: list[Row] = []
        self._has_sites = Site.objects.filter(membership=membership.pk).exists()
        self._access = access_of(membership, now=now)
        self._last = dict.fromkeys(_WATCHED, FIRST_NEW_ID - 1)

    def look(self, *, now: datetime) -> None:
        """Tell what has happened at `now`."""
        new = {model: self._new(model) for model in _WATCHED}
        self.membership.refresh_from_db()
        happened = [*_tries(new[Attempt]), *_changes(new[Transition]), *self._sites(now)]
        rows = list(_with_mails(happened, new[Notice]))
        if rows:
            self.rows += self._with_what_follows(rows, now)

    def _new(self, model: type[Model]) -> Sequence[Any]:
        rows = list(model._default_manager.filter(pk__gt=self._last[model]).order_by("pk"))  # noqa: SLF001 -- Django's public API
        if rows:
            self._last[model] = rows[-1].pk
        return rows

    def _sites(self, now: datetime) -> Iterator[tuple[str, Row]]:
        access = access_of(self.membership, now=now)
        if access != self._access and self._has_sites:
            yield "", Row(at=now, what=_SITES[access]())
        self._access = access

    def _with_what_follows(self, rows: Sequence[Row], now: datetime) -> list[Row]:
        bill = next_bill(membership=self.membership, now=now)
        return [
            replace(
                row,
                state=self.membership.get_state_display(),
                next_amount=bill.due_now if bill else None,
                next_at=bill.effective_at if bill else None,
            )
            for row in rows
        ]


def _tries(attempts: Sequence[Attempt]) -> Iterator[tuple[str, Row]]:
    """Tries that brought no money. Those that did are told as what they paid for."""
    for attempt in attempts:
        if attempt.state == Attempt.State.SUCCEEDED:
            continue
        what = _("Asked for a confirmation") if attempt.asks_customer else _("Could not be charged")
        yield "", Row(at=attempt.started_at, what=what, amount=attempt.payment.amount)


def _changes(transitions: Sequence[Transition]) -> Iterator[tuple[str, Row]]:
    """What the history tells, with what was paid for it."""
    references = [transition.reference for transition in transitions if transition.reference]
    due = dict(Invoice.objects.filter(reference__in=references).values_list("reference", "due"))
    for transition in transitions:
        yield (
            transition.reference,
            Row(at=transition.at, what=transition.headline, amount=due.get(transition.reference)),
        )


def _with_mails(told: Sequence[tuple[str, Row]], notices: Sequence[Notice]) -> Iterator[Row]:
    """Each row with the mail that bears its reference; mails that stand alone have a row of their own."""
    waiting = list(notices)
    for reference, row in told:
        notice = next((each for each in waiting if reference and each.reference == reference), None)
        if notice is not None:
            waiting.remove(notice)
        yield replace(row, mail=_subject(notice)) if notice else row
    for notice in waiting:
        yield Row(at=notice.created_at, what=_("Mail"), mail=_subject(notice))


def _subject(notice: Notice) -> str:
    return letter_of(notice, language=language_of(notice)).subject


_WATCHED: tuple[type[Model], ...] = (Attempt, Transition, Notice)
_SITES = {
    Access.OPEN: lambda: _("The sites are open again"),
    Access.READ_ONLY: lambda: _("The sites are read-only for their owner"),
    Access.NOTICE: lambda: _("Visitors of the sites see a notice"),
}
