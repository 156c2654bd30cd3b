"""A membership as the pricing kernel sees it: rows in, facts out. What was really paid comes from the invoice lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, JSONObject

from memberships.billing.choose import gateway
from memberships.models import Membership, MembershipItem
from memberships.operations.picks import Pick
from products import pricing
from products.models import PlanGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A membership with its live items and its wallet balance (minor units), read together."""

    membership: Membership
    items: Sequence[MembershipItem]
    wallet: int

    @property
    def plan(self) -> MembershipItem | None:
        return next((item for item in self.items if item.product.is_plan), None)

    def item_of(self, product_id: int) -> MembershipItem | None:
        return next((item for item in self.items if item.product_id == product_id), None)


def terms_of(membership: Membership) -> Terms:
    """Read the live items, what was paid for each in the running period, and the wallet: two queries, or one when
    `membership` came from `with_wallet()`."""
    lines_of_this_period = Q(
        invoice_lines__covers_end=membership.period_end,
        invoice_lines__covers_start__gte=membership.period_start,
    )
    items = (
        membership.items.live()
        .select_related("product__group", "product__tax_rate", "price")
        .annotate(
            paid_lines=Coalesce(
                JSONBAgg(
                    JSONObject(
                        net=F("invoice_lines__net"),
                        tax=F("invoice_lines__tax"),
                        start=F("invoice_lines__covers_start"),
                    ),
                    filter=lines_of_this_period if membership.period_end else Q(pk=None),
                ),
                Value([], output_field=JSONBAgg(F("id")).output_field),
            )
        )
        .order_by("id")
    )
    wallet = getattr(membership, "wallet", None)
    return Terms(
        membership=membership,
        items=list(items),
        wallet=membership.wallet_entries.balance() if wallet is None else wallet,
    )


def scenario(*, terms: Terms, picks: Sequence[Pick], now: datetime) -> pricing.Scenario:
    """The kernel's input for changing `terms` into the complete wanted state `picks`."""
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
            items=tuple(_wanted(pick) for pick in picks),
            discount=None,
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
        discount=None,
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
        paid=tuple(_paid(line) for line in getattr(item, "paid_lines", [])),
    )


def _paid(line: dict[str, Any]) -> pricing.Paid:
    return pricing.Paid(net=line["net"], tax=line["tax"], start=datetime.fromisoformat(line["start"]))


def _wanted(pick: Pick) -> pricing.WantedItem:
    return pricing.WantedItem(
        product=pick.product.code,
        type=pricing.ItemType(pick.product.type),
        rank=pick.product.rank,
        quantity=pick.quantity,
        unit_price=pick.price.amount,
        recurring=pick.price.is_recurring,
        setup_fee=pick.price.setup_fee,
        trial_days=pick.price.trial_days,
        tax_rate=pick.product.tax_rate.percent if pick.product.tax_rate else Decimal(0),
    )
