"""What a member may choose, and the choice itself. The server decides; a page only shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from memberships.operations.picks import Pick
from memberships.operations.terms import Terms
from products.models import Price, Product
from products.operations.catalogue import current_prices, offered_addons, offered_plans
from products.pricing import Interval, Unit

MOST_OF_ONE_PRODUCT = 1000


class SelectionRefused(Exception):
    """The choice breaks a rule. `message` is for the customer; `field` names the input: plan, interval, code or an
    add-on's uid."""

    def __init__(self, code: str, message: str, *, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the customer sent: ids and quantities, never prices. A quantity of 0 leaves an add-on out; `code` is a
    discount code as it was typed, or empty."""

    plan: UUID
    interval: Interval
    addons: Mapping[UUID, int]
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Everything `terms` may be changed into: plans of the family, add-ons of the chosen plan, and what each costs."""

    terms: Terms
    plan: Product
    plans: Sequence[Product]
    addons: Sequence[Product]
    prices: Mapping[int, Sequence[Price]]

    @property
    def intervals(self) -> list[Interval]:
        """The billing periods any offered plan has a price for, shortest first."""
        found = {
            Interval(unit=Unit(price.interval_unit), count=price.interval_count)
            for plan in self.plans
            for price in self.prices.get(plan.pk, ())
            if price.is_recurring
        }
        return sorted(found, key=lambda interval: interval.length)

    def price_of(self, product: Product, interval: Interval) -> Price | None:
        """What `product` costs at `interval`: the version the member holds if they have it so, else today's. What is
        bought once has no interval, and is bought again at today's price, as is everything by who comes back. None when
        it is not sold that way."""
        held = None if self.terms.is_over else self.terms.item_of(product.pk)
        if held is not None and held.price.is_recurring and _fits(held.price, interval):
            return held.price
        return next((price for price in self.prices.get(product.pk, ()) if _fits(price, interval)), None)


def menu(*, terms: Terms, plan: UUID | None = None) -> Menu:
    """Read what may be chosen: three queries whatever the size of the catalogue, one more for a membership without a
    plan yet. `plan` is the one whose add-ons to offer; if it is None or not on offer, the current one, or else the
    first. Who comes back chooses from what is on sale.

    Raises SelectionRefused for a membership without a plan when `plan` is not on sale, and when no plan is.
    """
    current = terms.plan.product if terms.plan else _first_plan(plan)
    plans = [offered for offered in offered_plans(current) if offered.is_active or not terms.is_over]
    chosen = _chosen(plans, plan, current)
    addons = list(offered_addons(chosen))
    if terms.plan is not None and chosen.pk == current.pk and not terms.is_over:
        addons += _kept(terms, offered=addons)
    return Menu(
        terms=terms,
        plan=chosen,
        plans=plans,
        addons=addons,
        prices=current_prices([*plans, *addons], currency=terms.membership.currency),
    )


def _chosen(plans: Sequence[Product], uid: UUID | None, current: Product) -> Product:
    by_uid = {plan.uid: plan for plan in plans}
    chosen = by_uid.get(uid) if uid else None
    for plan in (chosen, by_uid.get(current.uid), *plans):
        if plan is not None:
            return plan
    raise SelectionRefused("plan_not_offered", _("This plan is not available."), field="plan")


def _kept(terms: Terms, *, offered: Sequence[Product]) -> list[Product]:
    """The packages the member has that are no longer sold: with the plan they have, they may stay."""
    sold = {product.pk for product in offered}
    return [
        item.product
        for item in terms.items
        if item.price.is_recurring and not item.product.is_plan and item.product_id not in sold
    ]


def _first_plan(uid: UUID | None) -> Product:
    """The plan a new member begins with; any that is on sale."""
    plan = Product.objects.on_sale().plans().filter(uid=uid).first() if uid else None
    if plan is None:
        raise SelectionRefused("plan_not_offered", _("This plan is not available."), field="plan")
    return plan


def choose(*, menu: Menu, choice: Choice) -> tuple[Pick, ...]:
    """The complete wanted state, checked against every rule but those of a code, which `discount_for` checks. Raises
    SelectionRefused."""
    if menu.plan.uid != choice.plan:
        raise SelectionRefused(
            "plan_not_offered", _("This plan is not available for your membership. Choose one of the plans shown."),
            field="plan",
        )  # fmt: skip
    price = menu.price_of(menu.plan, choice.interval)
    if price is None:
        raise SelectionRefused(
            "no_price_for_period",
            _("%(plan)s is not sold for this billing period. Choose another period.")
            % {"plan": menu.plan.name},
            field="interval",
        )
    picks = [Pick(product=menu.plan, price=price)]
    offered = {addon.uid: addon for addon in menu.addons}
    for uid, quantity in choice.addons.items():
        if quantity == 0:
            continue
        picks.append(_addon(menu, choice, offered.get(uid), quantity, field=str(uid)))
    return tuple(picks)


def _addon(menu: Menu, choice: Choice, product: Product | None, quantity: int, *, field: str) -> Pick:
    if product is None:
        raise SelectionRefused(
            "addon_not_offered",
            _("This package is not available with %(plan)s.") % {"plan": menu.plan.name},
            field=field,
        )
    if not 1 <= quantity <= MOST_OF_ONE_PRODUCT:
        raise SelectionRefused(
            "bad_quantity",
            _("Choose a quantity between 1 and %(most)d.") % {"most": MOST_OF_ONE_PRODUCT},
            field=field,
        )
    price = menu.price_of(product, choice.interval)
    if price is None:
        raise SelectionRefused(
            "no_price_for_period",
            _("%(product)s is not sold for this billing period.") % {"product": product.name},
            field=field,
        )
    return Pick(product=product, price=price, quantity=quantity)


def _fits(price: Price, interval: Interval) -> bool:
    if not price.is_recurring:
        return True
    return Interval(unit=Unit(price.interval_unit), count=price.interval_count) == interval
