"""What is typed about discount codes, and how their rules read."""

from decimal import Decimal
from re import fullmatch
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from products import currencies
from products.admin.base import NOTHING
from products.forms import LARGEST_AMOUNT, amount_field, count_field, currency_choices, decimals_message
from products.models import Discount, Product
from products.money_display import format_money
from products.operations.codes import taken_for

if TYPE_CHECKING:
    DiscountModelForm = forms.ModelForm[Discount]
else:
    DiscountModelForm = forms.ModelForm


class CodeField(forms.CharField):
    """A code as people type it. Cleans to the capitals that it is stored in."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not fullmatch(Discount.SPELLING, value):
            raise forms.ValidationError(
                _("A code has up to 40 letters, digits, - and _, and begins with a letter or a digit."),
                code="spelling",
            )


class DiscountForm(DiscountModelForm):
    """A code with its rules. Cleaned amounts are in minor units; a percentage has no currency."""

    code = CodeField(
        label=_("Code"),
        help_text=_("Customers may type it in small letters."),
        widget=UnfoldAdminTextInputWidget,
    )
    percent = forms.DecimalField(
        label=_("Percent"),
        localize=True,
        required=False,
        max_digits=7,
        decimal_places=4,
        min_value=Decimal("0.0001"),
        max_value=100,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=_("Off each line. Enter this or an amount."),
    )
    amount = amount_field(label=_("Amount"), required=False, help_text=_("Off each order as a whole."))
    currency = forms.ChoiceField(
        label=_("Currency of the amount"), required=False, widget=UnfoldAdminSelectWidget
    )
    periods = count_field(
        label=_("Periods"),
        required=False,
        min_value=1,
        max_value=32_767,
        help_text=_("For how many full-price periods; empty: for as long as the membership goes on."),
    )
    products = forms.ModelMultipleChoiceField(
        label=_("Only for"),
        queryset=Product.objects.order_by("type", "rank", "name"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None: for everything."),
    )
    most_uses = count_field(label=_("Uses in total"), required=False, min_value=1, max_value=2**31 - 1)
    most_uses_per_customer = count_field(
        label=_("Uses per customer"), required=False, min_value=1, max_value=2**31 - 1, initial=1
    )

    class Meta:
        model = Discount
        fields = (
            *("code", "name", "is_active", "percent", "amount", "currency", "covers_setup_fee", "products"),
            *("periods", "starts_at", "ends_at", "most_uses", "most_uses_per_customer"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["currency"]).choices = currency_choices(self.instance.currency)
        if self.instance.percent is not None:
            self.initial["percent"] = Decimal(f"{self.instance.percent.normalize():f}")
        if self.instance.amount is not None:
            self.initial["amount"] = currencies.to_major(self.instance.amount, self.instance.currency)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        there = taken_for(code)
        if there is None:
            return code
        if there.code == code:
            raise forms.ValidationError(
                _(
                    "There is a code of this name already: %(terms)s, %(window)s. Change it, or take another name."
                ),
                params={"terms": terms_of(there), "window": window_of(there)},
                code="unique",
            )
        raise forms.ValidationError(
            _(
                "People would take this for %(code)s, which is there already. Choose a code that reads otherwise."
            ),
            params={"code": there.code},
            code="alike",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "percent" in data and "amount" in data and (data["percent"] is None) == (data["amount"] is None):
            self.add_error("percent", gettext("Enter a percentage or an amount, one of the two."))
        if data.get("amount") is None:
            data["currency"] = ""
        else:
            self._clean_amount(data["amount"], data["currency"])
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", gettext("The end lies after the beginning."))
        return data

    def _clean_amount(self, major: Any, currency: str) -> None:
        try:
            minor = currencies.to_minor(major, currency)
        except currencies.TooPreciseError as error:
            self.add_error("amount", decimals_message(currency, error.decimals))
            return
        if not 1 <= minor <= LARGEST_AMOUNT:
            most = format_money(LARGEST_AMOUNT, currency)
            self.add_error("amount", gettext("An amount is more than 0 and at most %s.") % most)
        self.cleaned_data["amount"] = minor


def terms_of(discount: Discount) -> str:
    """What a code takes off, such as “20 %, 3 periods”."""
    return terms_text(
        percent=discount.percent, amount=discount.amount, currency=discount.currency, periods=discount.periods
    )


def window_of(discount: Discount) -> str:
    """When a code can be entered."""
    first, last = discount.starts_at, discount.ends_at
    if first is None and last is None:
        return gettext("always")
    return " - ".join(date_format(each, "DATETIME_FORMAT") if each else NOTHING for each in (first, last))


def terms_text(*, percent: Decimal | None, amount: int | None, currency: str, periods: int | None) -> str:
    """Such as “20 %, 3 periods”."""
    off = (
        f"{number_format(percent.normalize())} %"
        if percent is not None
        else format_money(amount or 0, currency)
    )
    if periods is None:
        return gettext("%s, for good") % off
    return ngettext("%(off)s, %(count)d period", "%(off)s, %(count)d periods", periods) % {
        "off": off,
        "count": periods,
    }
