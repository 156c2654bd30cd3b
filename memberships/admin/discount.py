"""Discount codes: their rules are typed, their uses are only shown. Here, beside the uses, since a code does not know
memberships."""

from decimal import Decimal
from re import fullmatch
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from memberships.admin import colours
from memberships.models import DiscountUse
from products import currencies
from products.admin.base import NOTHING, Admin, Inline, ReadOnly, display, state_badge
from products.forms import LARGEST_AMOUNT, amount_field, count_field, currency_choices, decimals_message
from products.models import Discount, Product
from products.money_display import format_money

if TYPE_CHECKING:
    DiscountModelForm = forms.ModelForm[Discount]
else:
    DiscountModelForm = forms.ModelForm

_COUNTED = Count("uses", filter=~Q(uses__state=DiscountUse.State.RELEASED))


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
        if Discount.objects.named(code).exists():
            raise forms.ValidationError(_("There is a code of this name already."), code="unique")
        return code

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


class UseInline(ReadOnly, Inline[DiscountUse]):
    model = DiscountUse
    verbose_name_plural = _("uses")
    fields = ("member", "state_label", "granted_terms", "reference", "reserved_at", "settled_at")
    readonly_fields = fields
    ordering = ("-id",)
    tab = True

    state_label = state_badge(colours.DISCOUNT_USE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountUse]:
        return super().get_queryset(request).select_related("membership__customer__user")

    @display(description=_("membership"))
    def member(self, use: DiscountUse) -> str:
        return str(use.membership)

    @display(description=_("granted"))
    def granted_terms(self, use: DiscountUse) -> str:
        granted = use.granted
        return _terms(
            percent=granted.percent,
            amount=granted.amount,
            currency=use.membership.currency,
            periods=granted.periods_left,
        )


@admin.register(Discount)
class DiscountAdmin(Admin[Discount]):
    form = DiscountForm
    inlines = (UseInline,)
    list_display = ("title", "takes_off", "window", "uses_of_most", "is_active")
    list_filter = ("is_active", "products")
    search_fields = ("code", "name")
    search_help_text = _("Code or name")
    fieldsets = (
        (None, {"fields": ("code", "name", "is_active")}),
        (
            _("What it takes off"),
            {
                "fields": (
                    *("kept_terms", "percent", "amount", "currency"),
                    *("periods", "covers_setup_fee", "products"),
                )
            },
        ),
        (
            _("When it can be entered"),
            {"fields": ("starts_at", "ends_at", "most_uses", "most_uses_per_customer")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        return super().get_queryset(request).annotate(times_used=_COUNTED)

    def get_readonly_fields(self, _request: HttpRequest, obj: Discount | None = None) -> tuple[str, ...]:
        """A code keeps its name: members have it under that one."""
        return ("kept_terms",) if obj is None else ("kept_terms", "code")

    @display(description=_("code"), ordering="code", header=True)
    def title(self, discount: Discount) -> tuple[str, str]:
        return discount.code, discount.name

    @display(description=_("takes off"))
    def takes_off(self, discount: Discount) -> str:
        return _terms(
            percent=discount.percent,
            amount=discount.amount,
            currency=discount.currency,
            periods=discount.periods,
        )

    @display(description=_("can be entered"))
    def window(self, discount: Discount) -> str:
        first, last = discount.starts_at, discount.ends_at
        if first is None and last is None:
            return gettext("always")
        return " - ".join(date_format(each, "DATETIME_FORMAT") if each else NOTHING for each in (first, last))

    @display(description=_("uses"))
    def uses_of_most(self, discount: Discount) -> str:
        used = number_format(getattr(discount, "times_used", 0))
        if discount.most_uses is None:
            return used
        return gettext("%(used)s of %(most)s") % {"used": used, "most": number_format(discount.most_uses)}

    @display(description=_("who has it already"))
    def kept_terms(self, discount: Discount) -> str:
        used: int = getattr(discount, "times_used", 0)
        if not used:
            return gettext("Nobody yet.")
        return ngettext(
            "%(count)d use keeps what it was granted; what you change here counts for those to come.",
            "%(count)d uses keep what they were granted; what you change here counts for those to come.",
            used,
        ) % {"count": used}


def _terms(*, percent: Decimal | None, amount: int | None, currency: str, periods: int | None) -> str:
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
