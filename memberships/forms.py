"""What customers say of themselves for their bills."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from memberships.countries import country_choices, country_name
from memberships.models import Customer
from memberships.operations.billing_details import change_billing_details
from memberships.policies.vat import NotAVatNumber, vat_number
from products.models import TaxRateVersion

ADDRESS_LINES = 6


def countries_to_choose() -> list[tuple[str, str]]:
    return [("", "\N{EN DASH}"), *country_choices()]


class BillingDetailsForm(forms.Form):
    """Name, company, address, country and VAT number as they are to stand on bills."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    company = forms.CharField(
        label=gettext_lazy("Company"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    address = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=gettext_lazy("Street, postal code and town, as they are to stand on your bills."),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=countries_to_choose,
        required=False,
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    region = forms.CharField(
        label=gettext_lazy("State or province"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1", "autocapitalize": "characters"}),
        help_text=gettext_lazy("Its short code, such as CA. Your tax depends on it in some countries."),
    )
    vat_number = forms.CharField(
        label=gettext_lazy("VAT number"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy("For businesses. It is checked, and decides whether you pay VAT here."),
    )

    def __init__(self, data: Any = None, *, customer: Customer) -> None:
        details = {
            field: getattr(customer, field)
            for field in ("company", "address", "country", "region", "vat_number")
        }
        super().__init__(data, initial={"name": customer.user.name, **details})
        self._customer = customer
        if not TaxRateVersion.objects.exclude(region="").exists():
            del self.fields["region"]  # nobody's tax depends on it

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > ADDRESS_LINES:
            raise forms.ValidationError(
                _("An address has %(count)s lines at most.") % {"count": ADDRESS_LINES}, code="too_long"
            )
        return "\n".join(lines)

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean_vat_number(self) -> str:
        return checked_vat_number(
            self.cleaned_data["vat_number"], country=self.cleaned_data.get("country", "")
        )

    @property
    def changes_the_tax(self) -> bool:
        """Whether another country or VAT number was given than before."""
        return bool({"country", "region", "vat_number"} & set(self.changed_data))

    def save(self) -> None:
        typed = {"region": self._customer.region} | self.cleaned_data
        change_billing_details(customer=self._customer, **typed)


def checked_vat_number(text: str, *, country: str) -> str:
    """`text` as it is written on bills. Raises ValidationError for what is no VAT number of `country`."""
    if text.strip() and not country:
        raise forms.ValidationError(_("Choose the country of this VAT number."), code="no_country")
    try:
        return vat_number(text, country=country)
    except NotAVatNumber:
        raise forms.ValidationError(
            _("This is not a VAT number of this country: %(country)s.") % {"country": country_name(country)},
            code="invalid",
        ) from None
