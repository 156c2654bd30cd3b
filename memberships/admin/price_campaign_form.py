"""A price change as staff type it: amounts in major units, a day."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget

from memberships.models import PriceCampaign
from memberships.operations.price_campaigns import (
    PriceChangeRefused,
    check_change,
    prices_in_use,
    sold_instead_of,
)
from products import currencies
from products.forms import LARGEST_AMOUNT, amount_field, decimals_message
from products.models import Price
from products.money_display import format_money, format_price

NOTICE = timedelta(days=30)  # what is proposed; the day is for staff to choose
FURTHEST = timedelta(days=2 * 366)

REFUSALS: Mapping[str, Any] = MappingProxyType(
    {
        "same": _("This is what they pay already."),
        "once": _("What is paid once is not renewed: there is nothing to change for members."),
        "free": _("What is free has no renewal at which a price could begin."),
        "in_the_making": _("A change of this price is in the making already: go on with that one."),
        "not_sold": _("Nothing is sold in place of this price. Add a price to the product first."),
        "sold_otherwise": _("Members of an earlier price can only move to the price that is sold today."),
        "too_late": _("Its day has come. Choose a later one before you publish it."),
        "settled": _("This was done already."),
    }
)

if TYPE_CHECKING:
    CampaignModelForm = forms.ModelForm[PriceCampaign]
    PriceChoice = forms.ModelChoiceField[Price]
else:
    CampaignModelForm = forms.ModelForm
    PriceChoice = forms.ModelChoiceField


class PriceInUseField(PriceChoice):
    def label_from_instance(self, obj: Any) -> str:
        """Such as “Premium · €30.00 per month · 12 members”."""
        price: Price = obj
        members: int = getattr(price, "member_count", 0)
        parts = [price.product.name, format_price(price)]
        if price.superseded_at is not None:
            parts.append(gettext("not sold any more"))
        parts.append(ngettext("%d member", "%d members", members) % members)
        return " · ".join(parts)


class CampaignForm(CampaignModelForm):
    """Cleans `amount` to minor units and `starts_on` to the beginning of that day. Saves nothing by itself."""

    from_price = PriceInUseField(
        label=_("Price in use"),
        queryset=Price.objects.none(),
        widget=UnfoldAdminSelectWidget,
        empty_label=_("Choose a price"),
    )
    amount = amount_field(
        label=_("New amount"),
        required=False,
        help_text=_(
            "In the currency of the price. Empty: what is sold today, for members of an earlier price."
        ),
    )
    starts_on = forms.DateField(
        label=_("In force from"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Each member pays it from their first renewal on or after this day."),
    )
    message = forms.CharField(
        label=_("Message to the members"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("Stands in the mail, in your words: why the price changes."),
    )

    class Meta:
        model = PriceCampaign
        fields = ("from_price", "message")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["from_price"]
            price = self.instance.from_price
            self.initial["amount"] = currencies.to_major(self.instance.amount, price.currency)
            self.initial["starts_on"] = timezone.localdate(self.instance.starts_at)
            return
        going_on = Count("items", filter=Q(items__ended_at=None))
        prices = prices_in_use().select_related("product").annotate(member_count=going_on)
        cast("PriceInUseField", self.fields["from_price"]).queryset = prices.order_by(
            "product__type", "product__rank", "product__name", "currency", "-amount", "pk"
        )
        self.initial.setdefault("starts_on", timezone.localdate() + NOTICE)

    def clean_starts_on(self) -> datetime:
        chosen: date = self.cleaned_data["starts_on"]
        today = timezone.localdate()
        if chosen <= today:
            raise forms.ValidationError(_("Choose a day to come: members are told before it."))
        if chosen > today + FURTHEST:
            raise forms.ValidationError(_("Choose a day within the next two years."))
        return timezone.make_aware(datetime.combine(chosen, time.min))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        price = self.instance.from_price if self.instance.pk else data.get("from_price")
        if price is None or "amount" not in data:
            return data
        data["amount"] = amount = self._amount(price)
        if amount is None:
            return data
        try:
            check_change(from_price=price, amount=amount)
        except PriceChangeRefused as refused:
            field = (
                "amount" if refused.code in {"same", "sold_otherwise"} or self.instance.pk else "from_price"
            )
            self.add_error(field, REFUSALS[refused.code])
        drafts = PriceCampaign.objects.filter(from_price=price, state=PriceCampaign.State.DRAFT)
        if not self.instance.pk and drafts.exists():
            self.add_error("from_price", REFUSALS["in_the_making"])
        return data

    def _amount(self, price: Price) -> int | None:
        """In minor units; None when it is wrong, which is then on the field."""
        typed = self.cleaned_data["amount"]
        if typed is None:
            sold = sold_instead_of(price)
            if sold is not None and sold.pk != price.pk:
                return sold.amount
            self.add_error("amount", gettext("Enter the new amount."))
            return None
        try:
            minor = currencies.to_minor(typed, price.currency)
        except currencies.TooPreciseError as error:
            self.add_error("amount", decimals_message(price.currency, error.decimals))
            return None
        if minor > LARGEST_AMOUNT:
            most = format_money(LARGEST_AMOUNT, price.currency)
            self.add_error("amount", gettext("The largest amount is %s.") % most)
            return None
        return minor

    def _post_clean(self) -> None:
        """The rules stand in `clean` with a sentence each; operations write the rows."""
