"""The network's first page and its prices, for everybody. What is offered comes from the catalogue."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.network.live import network
from checkout.forms import IntervalField, interval_value
from checkout.views.example import example_upgrade
from checkout.views.limit_meanings import meanings
from checkout.views.offers import not_sold, price_texts
from checkout.views.words import includes, interval_name
from products.limits import Kind, Limits
from products.models import PlanGroup, Price, Product
from products.money_display import format_money, format_price
from products.operations.catalogue import addons_on_sale, current_prices, limits_of, plans_on_sale
from products.pricing import Interval, Unit

MONTH, YEAR = Interval(unit=Unit.MONTH, count=1), Interval(unit=Unit.YEAR, count=1)
MONTHS_IN_A_YEAR = 12
Prices = Mapping[int, Sequence[Price]]
Texts = dict[str, Any]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the network is, with its plans by the shortest period they are sold for. Two queries."""
    plans, prices = _on_offer()
    context = {
        "plans": [_plan_in_short(plan, prices[plan.pk][0]) for plan in plans],
        "example": example_upgrade(plans, prices),
        "undo_hours": network.undo_hours,
    }
    return render(request, "pages/home.html", context)


@require_safe
def pricing_page(request: HttpRequest) -> HttpResponse:
    """Plans by group, side by side, at `?period=` (as the Change page spells it; one that is not sold is the first that
    is), and the packages and services with the plans they go with. Five queries, whatever the catalogue."""
    plans, prices = _on_offer()
    addons = addons_on_sale(plans)
    prices = prices | current_prices(addons, currency=settings.CURRENCY)
    limits = limits_of([*plans, *addons])
    intervals = sorted(
        {_interval(price) for plan in plans for price in prices[plan.pk]},
        key=lambda interval: interval.length,
    )
    chosen = _asked_period(request, intervals)
    sold_limits = [kind for kind in Kind if any(limits[plan.pk][kind] != 0 for plan in plans)]
    context = {
        "periods": [
            {
                "value": interval_value(interval),
                "label": interval_name(interval),
                "is_chosen": interval == chosen,
            }
            for interval in intervals
        ],
        "families": [
            _family(group, list(members), prices=prices, limits=limits, kinds=sold_limits, interval=chosen)
            for group, members in groupby(plans, key=lambda plan: plan.group)
        ],
        "addons": [
            _addon(addon, prices[addon.pk], goes_with=[] if len(goes_with) == len(plans) else goes_with)
            for addon, goes_with in addons.items()
            if addon.pk in prices
        ],
        "meanings": meanings(sold_limits),
        "includes_tax": settings.PRICES_INCLUDE_TAX,
    }
    return render(request, "pages/pricing.html", context)


def _on_offer() -> tuple[list[Product], dict[int, list[Price]]]:
    """The plans that somebody new can buy, with their prices, shortest period first."""
    plans = list(plans_on_sale())
    prices = {
        product: sorted(
            (price for price in of_product if price.is_recurring),
            key=lambda price: _interval(price).length,
        )
        for product, of_product in current_prices(plans, currency=settings.CURRENCY).items()
    }
    return [plan for plan in plans if prices.get(plan.pk)], prices


def _asked_period(request: HttpRequest, intervals: Sequence[Interval]) -> Interval:
    try:
        asked: Interval = IntervalField(max_length=12).clean(request.GET.get("period", ""))
    except ValidationError:
        asked = MONTH
    return asked if asked in intervals or not intervals else intervals[0]


def _family(
    group: PlanGroup | None,
    plans: Sequence[Product],
    *,
    prices: Prices,
    limits: Mapping[int, Limits],
    kinds: Sequence[Kind],
    interval: Interval,
) -> Texts:
    return {
        "name": group.name if group else "",
        "plans": [
            _plan(plan, prices[plan.pk], limits=limits[plan.pk], kinds=kinds, interval=interval)
            for plan in plans
        ],
    }


def _plan(
    plan: Product, prices: Sequence[Price], *, limits: Limits, kinds: Sequence[Kind], interval: Interval
) -> Texts:
    """A card. A plan that is not sold for the chosen period says so, and is offered for the one it is sold for."""
    price = next((price for price in prices if _interval(price) == interval), None)
    always_free = all(each.amount == 0 for each in prices)
    offered = price or prices[0]
    return {
        "uid": plan.uid,
        "name": plan.name,
        "description": plan.description,
        "is_recommended": plan.is_recommended,
        "reason": "" if price or always_free else not_sold(plan, interval),
        "saving": _saving(price, prices) if price else "",
        "includes": includes(limits, kinds),
        "button": _button(plan, offered),
        "url": sign_up_url(plan, _interval(offered)),
        **price_texts(offered if price or always_free else None, _interval(offered)),
    }


def _plan_in_short(plan: Product, price: Price) -> Texts:
    return {
        "name": plan.name,
        "description": plan.description,
        "is_recommended": plan.is_recommended,
        "button": _button(plan, price),
        "url": sign_up_url(plan, _interval(price)),
        **price_texts(price, _interval(price)),
    }


def _button(plan: Product, price: Price) -> str:
    if price.trial_days:
        return ngettext(
            "Try it free for %(count)d day", "Try it free for %(count)d days", price.trial_days
        ) % {"count": price.trial_days}
    return _("Choose %(plan)s") % {"plan": plan.name}


def _saving(price: Price, prices: Sequence[Price]) -> str:
    """What a year costs less than twelve months of it."""
    monthly = next((other for other in prices if _interval(other) == MONTH), None)
    if monthly is None or _interval(price) != YEAR:
        return ""
    saved = monthly.amount * MONTHS_IN_A_YEAR - price.amount
    if saved <= 0:
        return ""
    return _("You save %(amount)s a year.") % {"amount": format_money(saved, price.currency)}


def _addon(addon: Product, prices: Sequence[Price], *, goes_with: Sequence[Product]) -> Texts:
    """A package or service; `goes_with` is empty when it goes with every plan."""
    return {
        "name": addon.name,
        "description": addon.description,
        "prices": [format_price(price) for price in prices],
        "goes_with": get_text_list([plan.name for plan in goes_with], _("and")),
    }


def sign_up_url(plan: Product, interval: Interval) -> str:
    """Where somebody new takes `plan` for `interval`."""
    return (
        f"{reverse('checkout:sign_up')}?{urlencode({'plan': plan.uid, 'period': interval_value(interval)})}"
    )


def _interval(price: Price) -> Interval:
    return Interval(unit=Unit(price.interval_unit), count=price.interval_count)
