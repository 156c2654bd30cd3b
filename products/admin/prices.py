"""The Prices tab: what is sold today can be typed, what members have is only shown."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from products.admin.base import NOTHING, Inline, display
from products.forms import PriceForm, PriceFormSet
from products.models import Price, Product
from products.models.price import PriceQuerySet
from products.money_display import format_money, format_price
from products.operations.prices import add_price, retire_price, revise_price

# memberships refer to prices; from here they are only counted
_MEMBERS = Count("items", filter=Q(items__ended_at=None))


class PriceInline(Inline[Price]):
    model = Price
    form = PriceForm
    formset = PriceFormSet
    fields = (
        *("amount", "currency", "interval_count", "interval_unit"),
        *("setup_fee", "trial_days", "members"),
    )
    readonly_fields = ("members",)
    tab = True
    per_page = None  # the rule of one price per interval looks at all of them

    def get_queryset(self, _request: HttpRequest) -> PriceQuerySet:
        return Price.objects.current().annotate(member_count=_MEMBERS)

    def get_extra(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> int:  # noqa: ARG002 -- Django's names
        return 1 if obj is None else 0

    @display(description=_("members"))
    def members(self, price: Price) -> int:
        return getattr(price, "member_count", 0)


def earlier_prices(product: Product) -> dict[str, Any] | None:
    """The versions that are not sold any more, newest first, as a table; None when there are none."""
    versions = Price.objects.filter(product=product, superseded_at__isnull=False)
    rows = [
        [
            format_price(version),
            _setup_and_trial(version),
            date_format(version.superseded_at, "DATE_FORMAT") if version.superseded_at else "",
            getattr(version, "member_count", 0),
        ]
        for version in versions.annotate(member_count=_MEMBERS).order_by("-superseded_at", "-pk")
    ]
    headers = [_("price"), _("setup fee and trial"), _("sold until"), _("members who have it")]
    return {"headers": headers, "rows": rows} if rows else None


def save_prices(formset: PriceFormSet, *, now: datetime) -> list[str]:
    """Write what was typed as versions and say what became of each changed price.

    Raises PriceReplaced when somebody else was first; nothing is written then.
    """
    news: list[str] = []
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    for form in formset.initial_forms:
        price = form.instance
        if form in formset.deleted_forms:
            retire_price(price=price, now=now)
            formset.deleted_objects.append(price)
            news.append(gettext("%s is not sold any more.") % format_price(price) + _who_keeps(price))
        elif form.has_changed():
            figures = {name: form.cleaned_data[name] for name in ("amount", "setup_fee", "trial_days")}
            version = revise_price(price=price, now=now, **figures)
            if version != price:
                formset.changed_objects.append((version, form.changed_data))
                change = {"old": format_price(price), "new": format_price(version)}
                news.append(gettext("%(old)s is now %(new)s.") % change + _who_keeps(price))
    for form in formset.extra_forms:
        if form.has_changed() and form not in formset.deleted_forms:
            names = ("currency", "interval_unit", "interval_count", "amount", "setup_fee", "trial_days")
            figures = {name: form.cleaned_data[name] for name in names}
            formset.new_objects.append(add_price(product=formset.instance, now=now, **figures))
    return news


def _who_keeps(price: Price) -> str:
    """`price` still has the figures of before: the form writes nothing into it."""
    members: int = getattr(price, "member_count", 0)
    if not members:
        return ""
    return " " + ngettext(
        "%(count)s member keeps %(price)s.", "%(count)s members keep %(price)s.", members
    ) % {"count": members, "price": format_price(price)}


def _setup_and_trial(price: Price) -> str:
    fee = gettext("%s setup fee") % format_money(price.setup_fee, price.currency) if price.setup_fee else ""
    days = price.trial_days
    trial = ngettext("%s trial day", "%s trial days", days) % days if days else ""
    return ", ".join(part for part in (fee, trial) if part) or NOTHING
