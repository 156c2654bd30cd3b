from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet, TextField
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from memberships.admin import colours
from memberships.forms import checked_vat_number, countries_to_choose
from memberships.models import Customer, Membership, PaymentMethod
from memberships.operations.billing_details import change_billing_details
from products.admin.base import Admin, DateRange, Inline, ReadOnly, display, state_badge


class MembershipInline(ReadOnly, Inline[Membership]):
    model = Membership
    fields = ("state_label", "plan", "period_end", "created_at")
    readonly_fields = fields
    show_change_link = True
    tab = True

    state_label = state_badge(colours.MEMBERSHIP)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).prefetch_related("items__product")

    @display(description=_("has"))
    def plan(self, membership: Membership) -> str:
        return ", ".join(str(item) for item in membership.items.all() if item.ended_at is None)


class PaymentMethodInline(ReadOnly, Inline[PaymentMethod]):
    model = PaymentMethod
    fields = ("__str__", "exp_month", "exp_year", "is_default", "gateway_ref", "created_at")
    readonly_fields = fields
    tab = True


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    country = forms.ChoiceField(
        label=capfirst(_("country")),
        choices=countries_to_choose,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Customer
        fields = ("company", "address", "country", "region", "vat_number")

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean_vat_number(self) -> str:
        return checked_vat_number(
            self.cleaned_data["vat_number"], country=self.cleaned_data.get("country", "")
        )


@admin.register(Customer)
class CustomerAdmin(Admin[Customer]):
    """Billing details can be corrected. Customers come by signing up, and stay: bills refer to them."""

    form = CustomerForm
    ordering = ("id",)  # which a count beside each row takes from the model's own
    list_display = ("who", "country", "vat_number", "memberships_held", "created_at")
    list_select_related = ("user",)
    list_filter = (("created_at", DateRange),)
    search_fields = ("user__email", "user__name", "company", "vat_number", "gateway_ref")
    fields = (
        "user",
        "company",
        "address",
        "country",
        "region",
        "vat_number",
        "trial_used",
        "gateway_ref",
        "created_at",
    )
    readonly_fields = ("user", "trial_used", "gateway_ref", "created_at")
    inlines = (MembershipInline, PaymentMethodInline)
    formfield_overrides = {TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})}}

    def save_model(
        self,
        _request: HttpRequest,
        customer: Customer,
        form: Any,
        _change: bool,  # noqa: FBT001 -- Django's signature
    ) -> None:
        change_billing_details(customer=customer, name=customer.user.name, **form.cleaned_data)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return super().get_queryset(request).annotate(membership_count=Count("memberships"))

    @display(description=_("customer"), ordering="user__email", header=True)
    def who(self, customer: Customer) -> tuple[str, str]:
        return str(customer), customer.user.email

    @display(description=_("memberships"), ordering="membership_count")
    def memberships_held(self, customer: Customer) -> int:
        return getattr(customer, "membership_count", 0)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Customer | None = None) -> bool:
        return False
