from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from products import currencies
from products.money_display import format_money


class AmountField(forms.DecimalField):
    """An amount above zero, typed in major units of `currency`; cleans to minor units, of which `most` are allowed."""

    widget = UnfoldAdminDecimalFieldWidget(attrs={"step": "any"})

    def __init__(self, *, currency: str, most: int, **options: Any) -> None:
        super().__init__(label=_("amount in %(currency)s") % {"currency": currency}, **options)
        self.currency = currency
        self.most = most

    def clean(self, value: Any) -> int:
        try:
            minor = currencies.to_minor(super().clean(value), self.currency)
        except currencies.TooPreciseError as error:
            raise forms.ValidationError(
                _("An amount in %(currency)s has at most %(decimals)d decimals."),
                params={"currency": self.currency, "decimals": error.decimals},
            ) from None
        if not 0 < minor <= self.most:
            raise forms.ValidationError(
                _("An amount lies above zero and is %(most)s at most."),
                params={"most": format_money(self.most, self.currency)},
            )
        return minor
