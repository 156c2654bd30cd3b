"""A membership as the pricing kernel sees it: rows in, facts out. What was really paid comes from the invoice lines."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Coalesce, JSONObject

from memberships.billing.choose import gateway
from memberships.models import DiscountUse, Membership, MembershipItem
from memberships.models.item import MembershipItemQuerySet
from memberships.models.membership import MembershipQuerySet
from memberships.operations.picks import Pick
from memberships.operations.tax import amount_for, rate_for
from products import pricing
from products.models import PlanGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A membership with its live items, its wallet balance (minor units) and the discount in force, read together."""

    membership: Membership
    items: Sequence[MembershipItem]
    wallet: int
    discount: pricing.Discount | None

    @property
    def plan(self) -> MembershipItem | None:
        return next((item for item in self.items if item.product.is_plan), None)

    def item_of(self, product_id: int) -> MembershipItem | None:
        return next((item for item in self.items if item.product_id == product_id), None)

    @property
    def is_over(self) -> bool:
        """Whether it has ended: what it recurringly had is then bought anew, at today's prices, or not at all."""
        return self.membership.state in Membership.ENDED

    def renewal_is_due(self, *, at: datetime) -> bool:
        """Whether the period or the trial has ended and what follows has not begun (see `due_for_renewal`): there is no
        time left then that a change could be priced for."""
        membership = self.membership
        ends = membership.period_end or membership.trial_end
        goes_on = membership.state in {Membership.State.ACTIVE, Membership.State.TRIALING}
        return goes_on and ends is not None and ends <= at


def with_terms(memberships: MembershipQuerySet) -> MembershipQuerySet:
    """Annotate what a price depends on beside the items: `wallet` (minor units) and `discount_terms`, the code in force
    in the kernel's JSON."""
    in_force = FilteredRelation("discount_uses", condition=Q(discount_uses__state=DiscountUse.State.LIVE))
    return memberships.with_wallet().annotate(live_use=in_force, discount_terms=F("live_use__terms"))


def terms_of(membership: Membership) -> Terms:
    """Read the live items, what was paid for each in the running period, the wallet and the discount in force: two
    queries, or one when `membership` came from `with_terms()`."""
    return terms_of_all([membership])[membership.pk]


def terms_of_all(memberships: Sequence[Membership]) -> dict[int, Terms]:
    """The terms of each of `memberships`, by id, in as many queries as those of one."""
    read: dict[int, Any] = {membership.pk: membership for membership in memberships}
    items: dict[int, list[MembershipItem]] = defaultdict(list)
    for item in _live_items(memberships):
        item.membership = read[item.membership_id]
        items[item.membership_id].append(item)
    unread = [pk for pk, membership in read.items() if not hasattr(membership, "discount_terms")]
    if unread:
        read |= with_terms(Membership.objects.filter(pk__in=unread)).in_bulk()
    return {
        membership.pk: Terms(
            membership=membership,
            items=items[membership.pk],
            wallet=read[membership.pk].wallet,
            discount=_in_force(read[membership.pk]),
        )
        for membership in memberships
    }


def _live_items(memberships: Sequence[Membership]) -> MembershipItemQuerySet:
    """With `paid_lines`: what each line says that was paid for the item in the running period, which may have been
    extended since."""
    lines_of_this_period = Q(
        invoice_lines__covers_end__lte=F("membership__period_end"),
        invoice_lines__covers_start__gte=F("membership__period_start"),
    )
    return (
        MembershipItem.objects.live()
        .filter(membership__in=memberships)
        .select_related("product__group", "product__tax_rate", "price", "next_price")
        .annotate(
            paid_lines=Coalesce(
                JSONBAgg(
                    JSONObject(
                        net=F("invoice_lines__net"),
                        tax=F("invoice_lines__tax"),
                        start=F("invoice_lines__covers_start"),
                    ),
                    filter=lines_of_this_period,
                ),
                Value([], output_field=JSONBAgg(F("id")).output_field),
            )
        )
        .order_by("id")
    )


def _in_force(read: Any) -> pricing.Discount | None:
    return None if read.discount_terms is None else pricing.discount_from_json(read.discount_terms)


def scenario(
    *, terms: Terms, picks: Sequence[Pick], now: datetime, discount: pricing.Discount | None = None
) -> pricing.Scenario:
    """The kernel's input for changing `terms` into the complete wanted state `picks`. `discount` is that of a code
    entered with the change; without one, the code in force goes on."""
    plan = next(pick for pick in picks if pick.product.is_plan)
    return pricing.Scenario(
        as_of=now,
        currency=terms.membership.currency,
        policy=_policy(terms, plan.product.group),
        membership=held(terms),
        selection=pricing.Selection(
            interval=pricing.Interval(
                unit=pricing.Unit(plan.price.interval_unit), count=plan.price.interval_count
            ),
            items=tuple(_wanted(pick, terms, now) for pick in picks),
            discount=discount,
        ),
    )


def held(terms: Terms) -> pricing.HeldMembership | None:
    membership = terms.membership
    if membership.state == Membership.State.PENDING:
        return None
    return pricing.HeldMembership(
        status=pricing.Status(membership.state),
        interval=membership.interval,
        period=membership.period,
        anchor=membership.anchor,
        trial_end=membership.trial_end,
        wallet=terms.wallet,
        items=tuple(_held_item(item) for item in terms.items),
        discount=terms.discount,
    )


def _policy(terms: Terms, group: PlanGroup | None) -> pricing.Policy:
    return pricing.Policy(
        on_upgrade=pricing.OnUpgrade(group.on_upgrade if group else PlanGroup.OnUpgrade.RESTART),
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        minimum_charge=gateway().minimum_charge(terms.membership.currency),
        trial_used=terms.membership.customer.trial_used,
    )


def _held_item(item: MembershipItem) -> pricing.HeldItem:
    return pricing.HeldItem(
        product=item.product.code,
        type=pricing.ItemType(item.product.type),
        rank=item.product.rank,
        quantity=item.quantity,
        unit_price=item.unit_price,
        recurring=item.price.is_recurring,
        setup_fee=item.price.setup_fee,
        setup_fee_paid=item.setup_fee_paid,
        tax_rate=item.tax_percent,
        paid=tuple(_paid_parts(getattr(item, "paid_lines", []))),
    )


def _paid_parts(lines: Sequence[Mapping[str, Any]]) -> Iterator[pricing.Paid]:
    """What was really paid, earliest first: charges less what was refunded of them, which covers the same time. What
    was given back whole is no part any more."""
    sums: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        part = sums[datetime.fromisoformat(line["start"])]
        part[0] += line["net"]
        part[1] += line["tax"]
    for start, (net, tax) in sorted(sums.items()):
        if net > 0 or tax > 0:
            yield pricing.Paid(net=max(net, 0), tax=max(tax, 0), start=start)


def _wanted(pick: Pick, terms: Terms, now: datetime) -> pricing.WantedItem:
    customer = terms.membership.customer
    return pricing.WantedItem(
        product=pick.product.code,
        type=pricing.ItemType(pick.product.type),
        rank=pick.product.rank,
        quantity=pick.quantity,
        unit_price=amount_for(pick.price.amount, pick.product, customer, at=now),
        recurring=pick.price.is_recurring,
        setup_fee=amount_for(pick.price.setup_fee, pick.product, customer, at=now),
        trial_days=pick.price.trial_days,
        tax_rate=rate_for(pick.product, customer, at=now),
        to_come=_to_come(pick, terms, now),
    )


def _to_come(pick: Pick, terms: Terms, now: datetime) -> pricing.PriceToCome | None:
    """The price that takes the place of the one that is had and goes on."""
    item = None if terms.is_over else terms.item_of(pick.product.pk)
    if item is None or item.price_id != pick.price.pk or not item.next_price or not item.next_price_from:
        return None
    amount = amount_for(item.next_price.amount, item.product, terms.membership.customer, at=now)
    return pricing.PriceToCome(at=item.next_price_from, unit_price=amount)
