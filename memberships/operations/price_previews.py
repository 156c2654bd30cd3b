"""What a price change means for each of its members: their next bill as it would be without it, and with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from memberships.models import CampaignMember, PriceCampaign, ScheduledChange
from memberships.operations.discounts import scheduled_discount
from memberships.operations.picks import Pick
from memberships.operations.tax import amount_for
from memberships.operations.terms import Terms, scenario, terms_of_all
from memberships.operations.what_follows import what_follows
from products import pricing


@dataclass(frozen=True, slots=True, kw_only=True)
class BillsOfMember:
    """The first bill for a period that begins on or after the day of the change: when, and what is due `before` and
    `after` it, in minor units."""

    at: datetime
    before: int
    after: int


def preview_bills(
    *, campaign: PriceCampaign, members: Sequence[CampaignMember], now: datetime
) -> Mapping[int, BillsOfMember]:
    """By membership, as the renewal will price it; without those whom no such bill follows for. The queries are as many
    for one as for many. `campaign.from_price.product` has been read, and each member's membership with its customer."""
    memberships = [member.membership for member in members]
    changes = _pending_changes([membership.pk for membership in memberships])
    found = {}
    for pk, terms in terms_of_all(memberships).items():
        bills = _bills(campaign, terms, changes.get(pk), now)
        if bills is not None:
            found[pk] = bills
    return found


def first_bill_at(
    *, terms: Terms, change: ScheduledChange | None, at: datetime, now: datetime
) -> pricing.Quote | None:
    """The first bill for a period that begins at `at` or later, as the renewal will price it. No query."""
    asked = _asked(terms, what_follows(terms=terms, change=change), change, now)
    return None if asked is None else _first(asked, at)


def _bills(
    campaign: PriceCampaign, terms: Terms, change: ScheduledChange | None, now: datetime
) -> BillsOfMember | None:
    picks = what_follows(terms=terms, change=change)
    asked = _asked(terms, picks, change, now)
    product = campaign.from_price.product
    held = terms.item_of(product.pk)
    if asked is None or held is None or held.price_id != campaign.from_price_id:
        return None
    versions, customer = {campaign.from_price_id, campaign.to_price_id}, terms.membership.customer
    old = amount_for(campaign.from_price.amount, product, customer, at=now)
    coming = pricing.PriceToCome(
        at=campaign.starts_at, unit_price=amount_for(campaign.amount, product, customer, at=now)
    )
    bills = []
    for to_come in (None, coming):
        items = tuple(
            replace(item, unit_price=old, to_come=to_come) if pick.price.pk in versions else item
            for pick, item in zip(picks, asked.selection.items, strict=True)
        )
        priced = replace(asked, selection=replace(asked.selection, items=items))
        bills.append(_first(priced, campaign.starts_at))
    before, after = bills
    if before is None or after is None or after.effective_at is None:
        return None
    return BillsOfMember(at=after.effective_at, before=before.due_now, after=after.due_now)


def _asked(
    terms: Terms, picks: Sequence[Pick], change: ScheduledChange | None, now: datetime
) -> pricing.Scenario | None:
    """What the renewal will be asked; None where nothing is to renew."""
    leaves = change is not None and change.kind == ScheduledChange.CANCELLATION
    if leaves or not any(pick.product.is_plan for pick in picks):
        return None
    try:
        return scenario(terms=terms, picks=picks, discount=scheduled_discount(change), now=now)
    except pricing.ScenarioError:
        return None


def _first(asked: pricing.Scenario, at: datetime) -> pricing.Quote | None:
    try:
        return pricing.bill_from(asked, at=at)
    except pricing.ScenarioError:  # what is overdue or over has nothing to renew
        return None


def _pending_changes(membership_ids: Sequence[int]) -> dict[int, ScheduledChange]:
    changes = (
        ScheduledChange.objects.filter(membership__in=membership_ids, state=ScheduledChange.State.PENDING)
        .select_related("discount_use")
        .prefetch_related("items__product__tax_rate", "items__product__group", "items__price")
    )
    return {change.membership_id: change for change in changes}
