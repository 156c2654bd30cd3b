"""What stays when a change allows less than is there: foreseen by name, and chosen.

A choice belongs to its quote. It waits there until the change takes effect, is made anew as often as the customer
likes, and becomes that of the sites in the transaction that applies the change.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from checkout.models import Order, Quote, QuoteChoice
from checkout.operations.quote import picks_of
from memberships.models import Membership, ScheduledChange, ScheduledItem
from memberships.operations.entitlements import entitlements, limits_together
from memberships.operations.overrides import given_beside
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, terms_of
from products.limits import Kind, Limits
from sites.operations import over_limit
from sites.operations.over_limit import Choices, Excess, Place


class TooManyStay(Exception):
    """More is to stay than there is room for. `wanted` are the keys by place; nothing was stored."""

    def __init__(self, wanted: Choices) -> None:
        super().__init__("More is to stay than there is room for.")
        self.wanted = wanted


class TooLateToChoose(Exception):
    """The quote was confirmed, or its change has taken effect or was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """What came back of one list: the keys that `stood` on the page, those of them that were `ticked` then, and those
    that are ticked `now`."""

    stood: frozenset[str]
    ticked: frozenset[str]
    now: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a customer sent of the lists on a page. `instead` holds for a whole list, whatever was ticked on it: the
    keys that stay, or None for what we would choose."""

    ticks: Mapping[Place, Ticks]
    instead: Mapping[Place, Collection[str] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a change leads to in the sites: what will be too much of the kinds whose limit it changes, the features
    (switches) that end with it, and whether it leaves room for less of anything."""

    excesses: Sequence[Excess]
    ending: Sequence[Kind]
    allows_less: bool


def foresee(*, quote: Quote, now: datetime) -> Foreseen:
    """What the change of `quote` leads to. Raises QuoteBroken."""
    return _foresee(terms_of(quote.membership), picks_of(quote), choices_of(quote), now)


def foresee_change(*, change: ScheduledChange, now: datetime) -> Foreseen:
    """`foresee` for a change that waits for its day."""
    quote = quote_of(change)
    rows = change.items.select_related("product")
    return _foresee(terms_of(change.membership), rows, choices_of(quote) if quote else {}, now)


def parked_now(*, membership: Membership, now: datetime) -> list[Excess]:
    """What is parked in the sites of `membership` at this moment; `chosen` is who is not."""
    if membership.state in Membership.ENDED:
        return []
    found = over_limit.preview(membership=membership, limits=entitlements(membership), now=now)
    there = [
        replace(each, chosen=frozenset(item.key for item in each.items if not item.is_parked))
        for each in found
    ]
    return [each for each in there if any(item.is_parked for item in each.items)]


def quote_of(change: ScheduledChange) -> Quote | None:
    """What was confirmed when the change was planned; None for a cancellation, which has no price."""
    _order, _dash, uid = change.reference.partition("order-")
    return Quote.objects.filter(order__uid=uid).first() if uid else None


def choices_of(quote: Quote) -> dict[Place, list[str]]:
    """The keys that are to stay, where the customer chose. One query."""
    return {(row.site_id, Kind(row.kind)): row.keys for row in QuoteChoice.objects.filter(quote=quote)}


def choose(*, quote: Quote, answer: Answer, now: datetime) -> None:
    """Store what the customer wants to stay when the change of `quote` takes effect. Nothing else happens.

    Keys that are not there (any more) are left out, and a list that came back as it went out changes nothing. Raises
    TooManyStay, TooLateToChoose for a quote that has been confirmed, and QuoteBroken.
    """
    with transaction.atomic():
        quote.membership.lock()
        if Order.objects.filter(quote=quote).exists():
            raise TooLateToChoose
        _store(quote, foresee(quote=quote, now=now).excesses, answer, now)


def choose_for_change(*, change: ScheduledChange, answer: Answer, now: datetime) -> None:
    """`choose` for a change that waits for its day. Raises TooManyStay and TooLateToChoose."""
    with transaction.atomic():
        change.membership.lock()
        change.refresh_from_db()
        quote = quote_of(change)
        if change.state != ScheduledChange.State.PENDING or quote is None:
            raise TooLateToChoose
        _store(quote, foresee_change(change=change, now=now).excesses, answer, now)


def change_places(*, membership: Membership, answer: Answer, now: datetime) -> bool:
    """Let others stay than those who do, at once. False when that changes nothing.

    Raises TooManyStay, and NothingOfThatName for what has gone in this very moment.
    """
    with transaction.atomic():
        wanted = _wanted(parked_now(membership=membership, now=now), answer)
        sites = {site.pk: site for site in membership.sites.all()}
        for (site_id, kind), keys in wanted.items():
            if site_id is None:
                over_limit.choose_sites_that_stay(membership=membership, uids=keys, now=now)
            else:
                over_limit.choose_what_stays(site=sites[site_id], kind=kind, keys=keys, now=now)
    return bool(wanted)


def take_over(*, quote: Quote, now: datetime) -> None:
    """The change of `quote` takes effect: what was chosen for it is what the sites go by from now on."""
    choices = choices_of(quote)
    if choices:
        over_limit.take_over_choices(membership=quote.membership, choices=choices, now=now)


def carry_choices(*, stale: Quote, fresh: Quote) -> None:
    """What was chosen for a quote whose price no longer holds is chosen for the one in its place."""
    QuoteChoice.objects.bulk_create(
        QuoteChoice(quote=fresh, site_id=row.site_id, kind=row.kind, keys=row.keys, chosen_at=row.chosen_at)
        for row in QuoteChoice.objects.filter(quote=stale)
    )


def _foresee(terms: Terms, rows: Iterable[Pick | ScheduledItem], choices: Choices, now: datetime) -> Foreseen:
    before, after = entitlements(terms.membership), _limits_after(terms, rows)
    found = over_limit.preview(membership=terms.membership, limits=after, choices=choices, now=now)
    return Foreseen(
        excesses=[each for each in found if terms.is_over or after[each.kind] != before[each.kind]],
        ending=[kind for kind in Kind if kind.is_switch and _is_less(after[kind], before[kind])],
        allows_less=any(_is_less(after[kind], before[kind]) for kind in Kind),
    )


def _is_less(after: int | None, before: int | None) -> bool:
    return after is not None and (before is None or after < before)


def _limits_after(terms: Terms, rows: Iterable[Pick | ScheduledItem]) -> Limits:
    """What is allowed to who has what `rows` say; what was bought once stays, and so does what staff gave."""
    bought = {item.product: item.quantity for item in terms.items if not item.price.is_recurring}
    sold = limits_together((bought | {row.product: row.quantity for row in rows}).items())
    return sold + given_beside(terms.membership)


def _store(quote: Quote, excesses: Sequence[Excess], answer: Answer, now: datetime) -> None:
    wanted = _wanted(excesses, answer)
    for excess in excesses:
        site_id, kind = excess.place
        rows = QuoteChoice.objects.filter(quote=quote, site=site_id, kind=kind)
        if excess.place in wanted:
            rows.delete()
            QuoteChoice.objects.create(
                quote=quote, site_id=site_id, kind=kind, keys=sorted(wanted[excess.place]), chosen_at=now
            )
        elif excess.place in answer.instead:
            rows.delete()


def _wanted(excesses: Sequence[Excess], answer: Answer) -> dict[Place, frozenset[str]]:
    """The keys that are to stay, by place, where `answer` says something new. Raises TooManyStay."""
    wanted: dict[Place, frozenset[str]] = {}
    for excess in excesses:
        keys = _keys_of(excess, answer) if excess.is_choice else None
        if keys is not None:
            wanted[excess.place] = keys
    if any(len(wanted.get(excess.place, ())) > excess.allowed for excess in excesses):
        raise TooManyStay(wanted)
    return wanted


def _keys_of(excess: Excess, answer: Answer) -> frozenset[str] | None:
    there = frozenset(item.key for item in excess.items)
    if excess.place in answer.instead:
        keys = answer.instead[excess.place]
        return None if keys is None else there & frozenset(keys)
    ticks = answer.ticks.get(excess.place)
    if ticks is None or ticks.now == ticks.ticked:
        return None
    if excess.chosen is not None:
        on_other_pages = excess.chosen - ticks.stood
    elif len(ticks.ticked) < excess.allowed:  # who stays by our choice is spread over several pages
        on_other_pages = excess.stays - ticks.stood
    else:
        on_other_pages = frozenset()
    return there & (on_other_pages | ticks.now)
