"""A line of a file of products."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.imports.forms.fields import (
    AmountField,
    AmountOfLimitField,
    CodesField,
    PricesField,
    YesField,
    to_minor,
)
from checkout.imports.forms.row import Row
from products import currencies
from products.forms import LONGEST_TRIAL
from products.limits import Kind
from products.models import Price, Product, TaxRate
from products.models.limit import LABELS
from products.operations.bring_in import NewPrice


class ProductRow(Row):
    """`cleaned_data` holds rows and values of the models; `new_prices` the prices in minor units."""

    example: ClassVar[dict[str, str]] = {
        "code": "premium", "type": "plan", "name": "Premium", "group": "High End", "rank": "2", "currency": "EUR",
        "prices": "30.00 month; 300.00 year", "limit_sites": "3", "limit_posts": "100", "limit_disk": "5 GB",
        "limit_visits": "unlimited", "limit_contact_forms": "yes",
    }  # fmt: skip

    code = forms.SlugField(
        max_length=60,
        help_text=gettext_lazy(
            "Short and lasting: small letters, digits and hyphens. A product with this code that is here already stays"
            " as it is; only prices in a currency it has none in are added."
        ),
    )
    type = forms.ChoiceField(
        choices=[(kind.value, kind.value) for kind in Product.Type],
        help_text=gettext_lazy("plan, package or service."),
    )
    name = forms.CharField(max_length=80, help_text=gettext_lazy("As customers read it."))
    description = forms.CharField(max_length=240, required=False, help_text=gettext_lazy("One sentence."))
    active = YesField(
        required=False, help_text=gettext_lazy("Whether it is on sale: yes or no; empty means yes.")
    )
    group = forms.CharField(
        max_length=80,
        required=False,
        help_text=gettext_lazy("Of a plan: the plan group, by its name. It is made when there is none."),
    )
    rank = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=9999,
        help_text=gettext_lazy("Of a plan: its position in the group, low to high; empty means 10."),
    )
    available_with = CodesField(
        required=False,
        max_length=1000,
        help_text=gettext_lazy(
            "Of a package or service: the codes of the plans it can be bought with, with semicolons between them."
            " They are here, or stand further up in the file."
        ),
    )
    tax_rate = forms.CharField(
        max_length=80, required=False, help_text=gettext_lazy("The name of a tax rate that is here.")
    )
    currency = forms.CharField(max_length=3, help_text=gettext_lazy("Of the amounts in this row: EUR, USD."))
    prices = PricesField(
        max_length=500,
        help_text=gettext_lazy(
            "Amounts with a decimal point, each with how often it is billed, with semicolons between them:"
            " “30.00 month; 300.00 year; 80.00 3 months”, or “450.00 once” for a service."
        ),
    )
    setup_fee = AmountField(
        max_length=20, required=False, help_text=gettext_lazy("Charged once, whichever price is chosen.")
    )
    trial_days = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_TRIAL,
        help_text=gettext_lazy("Days before the first bill."),
    )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).lower()

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in currencies.known():
            raise forms.ValidationError(_("There is no such currency. Write its three letters, such as EUR."))
        return currency

    def clean_tax_rate(self) -> TaxRate | None:
        name = self.cleaned_data["tax_rate"]
        rate = TaxRate.objects.filter(name=name).first() if name else None
        if name and rate is None:
            raise forms.ValidationError(_("There is no tax rate with this name. Make it first."))
        return rate

    def clean_available_with(self) -> list[Product]:
        codes = self.cleaned_data["available_with"]
        plans = {plan.code: plan for plan in Product.objects.plans().filter(code__in=codes)}
        for code in codes:
            if code not in plans:
                raise forms.ValidationError(
                    _("There is no plan “%(code)s”, here or further up in the file."), params={"code": code}
                )
        return list(plans.values())

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("type") == Product.Type.PLAN:
            self.refuse_if_given(_("This is for packages and services. Leave it empty."), "available_with")
        elif "type" in self.cleaned_data:
            self.refuse_if_given(_("This is for plans. Leave it empty."), "group", "rank")
            self.require(_("Name the plans it can be bought with."), "available_with")
        if self.cleaned_data.get("type") == Product.Type.SERVICE:
            limits = (
                name for name in self.fields if name.startswith("limit_") and str(self.data.get(name, ""))
            )
            for name in limits:
                self.refuse(name, _("A service has no limits. Leave it empty."))
        self._check_prices()
        return self.cleaned_data

    def _check_prices(self) -> None:
        if not {"prices", "currency", "setup_fee", "type"} <= self.cleaned_data.keys():
            return
        is_service = self.cleaned_data["type"] == Product.Type.SERVICE
        if not is_service and any(
            price.every.unit == Price.Unit.ONCE for price in self.cleaned_data["prices"]
        ):
            self.refuse("prices", _("Only a service is paid once."))
            return
        for column, read in (("prices", self.new_prices), ("setup_fee", self.setup_fee_in_minor_units)):
            try:
                read()
            except forms.ValidationError as error:
                self.refuse(column, error.messages[0])

    def setup_fee_in_minor_units(self) -> int:
        """Raises ValidationError as `new_prices` does."""
        return to_minor(self.cleaned_data["setup_fee"] or Decimal(0), self.cleaned_data["currency"])

    def new_prices(self) -> list[NewPrice]:
        """The prices in minor units. Raises ValidationError for an amount that the currency cannot have."""
        days = self.cleaned_data.get("trial_days") or 0
        return [
            NewPrice(
                interval_unit=price.every.unit,
                interval_count=price.every.count,
                amount=to_minor(price.amount, self.cleaned_data["currency"]),
                trial_days=0 if price.every.unit == Price.Unit.ONCE else days,
            )
            for price in self.cleaned_data["prices"]
        ]

    @property
    def limits(self) -> Mapping[Kind, int | None]:
        """What it allows, in each kind's unit: None for unlimited."""
        return {kind: amount for kind in Kind if (amount := self.cleaned_data[limit_column(kind)]) != 0}


def limit_column(kind: Kind) -> str:
    return f"limit_{kind.value}"


def _how(kind: Kind) -> Any:
    if kind.is_switch:
        return gettext_lazy("yes or no; empty means no.")
    if kind == Kind.DISK:
        return gettext_lazy("A size such as 500 MB or 5 GB, or unlimited; empty means none.")
    return gettext_lazy("A whole number, or unlimited; empty means none.")


for _kind in Kind:  # a column for each, after the others
    ProductRow.base_fields[limit_column(_kind)] = AmountOfLimitField(
        kind=_kind, label=LABELS[_kind], required=False, max_length=30, help_text=_how(_kind)
    )
