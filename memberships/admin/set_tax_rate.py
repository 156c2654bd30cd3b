"""A tax rate is another one from a day on: somewhere, or everywhere. Or it is not, after all."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.countries import country_choices, country_name
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.models import TaxRate, TaxRateVersion
from products.operations.tax_rates import HasBegun, set_rate_from, withdraw

BEGUN = _("Choose a day to come. Bills of today and before keep the rate they had.")


def _everywhere_or_countries() -> list[tuple[str, Any]]:
    return [("", _("Everywhere")), *country_choices()]


class RateForm(forms.Form):
    country = forms.ChoiceField(
        label=_("country"), choices=_everywhere_or_countries, required=False, widget=UnfoldAdminSelectWidget
    )
    region = forms.CharField(
        label=_("state or province"),
        max_length=10,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its short code, such as CA. Empty: the whole country."),
    )
    percent = forms.DecimalField(
        label=_("percent"),
        localize=True,
        max_digits=7,
        decimal_places=4,
        min_value=Decimal(0),
        max_value=100,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
    starts_on = forms.DateField(label=_("from"), widget=UnfoldAdminSingleDateWidget)

    def clean_region(self) -> str:
        region = str(self.cleaned_data["region"]).strip().upper()
        if region and not self.cleaned_data.get("country"):
            raise forms.ValidationError(_("Choose the country in which it lies."))
        return region

    def clean_starts_on(self) -> date:
        starts_on: date = self.cleaned_data["starts_on"]
        if starts_on <= timezone.now().date():
            raise forms.ValidationError(BEGUN)
        return starts_on


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    rate: TaxRate = the_row(model_admin, request, object_id)
    form = RateForm(request.POST or None)
    if form.is_valid() and _set(rate, form, request):
        model_admin.log_change(request, rate, str(rate.versions.latest("set_at")))
        return redirect("admin:products_taxrate_change", rate.pk)
    return ask(
        model_admin, request, rate, form=form, title=_("New rate from a day"), button=_("Set the rate"),
        facts=[
            (_("tax rate"), rate.name),
            (_("everywhere today"), _percent(rate.percent_at(country="", region="", on=timezone.now().date()))),
            (_("products"), number_format(rate.products.count())),
        ],
        warning=_("From that day on, bills of these products have it. Bills that were issued keep theirs."),
    )  # fmt: skip


def _set(rate: TaxRate, form: RateForm, request: HttpRequest) -> bool:
    typed = form.cleaned_data
    try:
        version = set_rate_from(
            rate=rate,
            country=typed["country"],
            region=typed["region"],
            percent=typed["percent"],
            starts_on=typed["starts_on"],
            actor=cast("User", request.user),
            now=timezone.now(),
        )
    except HasBegun:  # midnight has passed meanwhile
        form.add_error("starts_on", BEGUN)
        return False
    said = {"percent": _percent(version.percent), "day": date_format(version.starts_on, "DATE_FORMAT")}
    messages.success(request, _("%(percent)s from %(day)s on.") % said)
    return True


if TYPE_CHECKING:
    VersionChoice = forms.ModelChoiceField[TaxRateVersion]
else:
    VersionChoice = forms.ModelChoiceField


class VersionField(VersionChoice):
    def label_from_instance(self, obj: TaxRateVersion) -> str:
        place = (country_name(obj.country) if obj.country else "", obj.region)
        return ", ".join(filter(None, (str(obj), *place)))


class WithdrawForm(forms.Form):
    def __init__(self, data: Any = None, *, rate: TaxRate) -> None:
        super().__init__(data)
        to_come = rate.versions.filter(starts_on__gt=timezone.now().date())
        self.fields["version"] = VersionField(
            label=_("rate"), queryset=to_come, widget=UnfoldAdminSelectWidget
        )


def withdraw_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    rate: TaxRate = the_row(model_admin, request, object_id)
    form = WithdrawForm(request.POST or None, rate=rate)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            withdraw(version=version, now=timezone.now())
        except HasBegun:
            messages.error(request, BEGUN)
        else:
            model_admin.log_change(request, rate, f"withdrawn: {version}")
            messages.success(request, _("The rate does not begin."))
        return redirect("admin:products_taxrate_change", rate.pk)
    title = _("Withdraw a rate to come")
    return ask(
        model_admin, request, rate, form=form, title=title, button=title, facts=[(_("tax rate"), rate.name)]
    )


def _percent(percent: Decimal) -> str:
    return f"{number_format(percent.normalize())} %"
