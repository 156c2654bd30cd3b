"""The Change page's choices as its templates show them: periods, plan cards, packages and services."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from checkout.forms import interval_value
from checkout.operations.selection import MOST_OF_ONE_PRODUCT, Choice, Menu
from checkout.views.words import includes, interval_name, per
from memberships.models import MembershipItem, ScheduledChange
from memberships.operations.terms import Terms
from products.date_display import short_day
from products.limits import Kind, Limits
from products.models import Price, Product
from products.money_display import format_money
from products.pricing import Interval, Unit
from products.pricing.rounding import half_up

MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
Card = dict[str, Any]


def period_options(menu: Menu, choice: Choice) -> list[Card]:
    """The billing periods to choose from; nothing when there is only the one the member has."""
    intervals = menu.intervals
    if choice.interval not in intervals:
        intervals = sorted([*intervals, choice.interval], key=lambda interval: interval.length)
    return [
        {
            "value": interval_value(interval),
            "label": interval_name(interval),
            "checked": interval == choice.interval,
        }
        for interval in intervals
    ]


def plan_cards(
    menu: Menu, choice: Choice, *, limits: Mapping[int, Limits], pending: ScheduledChange | None
) -> list[Card]:
    """A card per plan on offer. `limits` may be empty where only prices are shown; `pending` may be None."""
    scheduled = {item.product_id for item in pending.items.all()} if pending else set()
    kinds = [kind for kind in Kind if any(of[kind] != 0 for of in limits.values())]
    return [
        _plan_card(
            menu,
            plan,
            choice,
            kinds=includes(limits[plan.pk], kinds) if plan.pk in limits else [],
            scheduled_for=short_day(pending.effective_at) if pending and plan.pk in scheduled else "",
        )
        for plan in menu.plans
    ]


def _plan_card(menu: Menu, plan: Product, choice: Choice, *, kinds: list[Card], scheduled_for: str) -> Card:
    price = menu.price_of(plan, choice.interval)
    chosen = plan.uid == choice.plan
    is_current = menu.terms.plan is not None and menu.terms.plan.product_id == plan.pk
    badge, tone = (_current(menu.terms) if is_current else ""), "accent"
    if scheduled_for and not is_current:
        badge, tone = _("From %(date)s") % {"date": scheduled_for}, "note"
    return {
        "value": str(plan.uid),
        "name": plan.name,
        "description": plan.description,
        "badge": badge,
        "badge_tone": tone,
        "checked": chosen,
        "disabled": price is None and not chosen,
        "reason": "" if price else not_sold(plan, choice.interval),
        "includes": kinds,
        **price_texts(price, choice.interval, held=_going_on(menu.terms, menu.terms.plan)),
    }


def _current(terms: Terms) -> str:
    return _("Your plan before") if terms.is_over else _("Current plan")


def extra_cards(menu: Menu, choice: Choice, *, limits: Mapping[int, Limits]) -> list[Card]:
    """A card per package and service that goes with the chosen plan."""
    return [_extra_card(menu, product, choice, limits.get(product.pk, Limits())) for product in menu.addons]


def _extra_card(menu: Menu, product: Product, choice: Choice, limits: Limits) -> Card:
    price = menu.price_of(product, choice.interval)
    held = menu.terms.item_of(product.pk)
    bought = held.quantity if held and not held.price.is_recurring else 0
    asked = choice.addons.get(product.uid, 0) - bought
    badge = ""
    if bought:
        badge = _("Bought before") if bought == 1 else _("Bought %(count)d times before") % {"count": bought}
    elif held and not menu.terms.is_over:
        badge = (
            _("You have this") if held.quantity == 1 else _("You have %(count)d") % {"count": held.quantity}
        )
    return {
        "value": str(product.uid),
        "name": product.name,
        "description": product.description,
        "badge": badge,
        "badge_tone": "accent",
        "checked": asked > 0,
        "disabled": price is None and asked <= 0,
        "reason": "" if price else not_sold(product, choice.interval),
        "quantity": max(asked, 1) if asked > 1 or _adds_up(limits) else None,
        "max_quantity": MOST_OF_ONE_PRODUCT,
        **price_texts(price, choice.interval, held=_going_on(menu.terms, held)),
    }


def _going_on(terms: Terms, item: MembershipItem | None) -> MembershipItem | None:
    return None if terms.is_over else item


def _adds_up(limits: Limits) -> bool:
    """Whether two of it are more than one: two times unlimited is not."""
    return any(amount is not None for amount in limits.amounts.values())


def price_texts(price: Price | None, interval: Interval, *, held: MembershipItem | None = None) -> Card:
    """The price with what it is for. Several months, or years, are also said per month, to compare. Of the setup fee
    only what `held`, the same product or the plan it takes the place of, leaves to be paid."""
    if price is None:
        return {"price": "", "per": "", "note": ""}
    full = format_money(price.amount, price.currency)
    fee = _setup_fee(price, held)
    if not price.is_recurring:
        return {"price": full, "per": _("once"), "note": fee}
    if price.amount == 0:
        return {"price": full, "per": "", "note": fee}
    months = MONTHS.get(interval.unit, 0) * interval.count
    if months > 1:
        monthly = format_money(half_up(price.amount, months), price.currency)
        note = _("%(amount)s charged %(period)s.") % {"amount": full, "period": per(interval)}
        return {"price": monthly, "per": _("per month"), "note": f"{note} {fee}".strip()}
    return {"price": full, "per": per(interval), "note": fee}


def _setup_fee(price: Price, held: MembershipItem | None) -> str:
    has_it = held is not None and not held.product.is_plan
    left = 0 if has_it else price.setup_fee - (held.setup_fee_paid if held else 0)
    if left <= 0:
        return ""
    return _("Setup fee %(fee)s, once.") % {"fee": format_money(left, price.currency)}


def not_sold(product: Product, interval: Interval) -> str:
    """Why a product cannot be chosen for a billing period."""
    return _("%(product)s is not sold %(period)s. Choose another billing period.") % {
        "product": product.name,
        "period": per(interval),
    }
