"""A membership as the network sees it: all is shown, nothing typed. State moves through operations only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from memberships.admin import add_note, adjust_wallet, cancel, colours, extend, keep, override_limits
from memberships.admin.timeline import timeline_of
from memberships.models import (
    Invoice,
    LimitOverride,
    Membership,
    MembershipItem,
    Payment,
    ScheduledChange,
    WalletEntry,
)
from memberships.operations.extend import ends_at
from products.admin.base import (
    NOTHING,
    Admin,
    DateRange,
    Inline,
    ReadOnly,
    action,
    display,
    is_list,
    money,
    named_by,
    percent,
    state_badge,
)
from products.limit_display import format_limit
from products.limits import Kind
from products.money_display import format_money, per_interval


class ItemInline(ReadOnly, Inline[MembershipItem]):
    model = MembershipItem
    verbose_name_plural = _("products")
    fields = ("product", "quantity", "price_money", "setup_fee_money", "rate", "added_at", "ended_at")
    readonly_fields = fields
    ordering = ("-ended_at", "id")  # what is had now comes first: its end is null
    tab = True

    rate = percent("tax_percent", description=_("tax rate"))
    price_money = money("unit_price", description=_("price"), currency="membership.currency")
    setup_fee_money = money("setup_fee_paid", description=_("setup fee paid"), currency="membership.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MembershipItem]:
        return super().get_queryset(request).select_related("product", "membership")


class ScheduledChangeInline(ReadOnly, Inline[ScheduledChange]):
    model = ScheduledChange
    fields = ("kind", "becomes", "effective_at", "state_label", "actor", "created_at", "settled_at")
    readonly_fields = fields
    tab = True

    state_label = state_badge(colours.SCHEDULED)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledChange]:
        return super().get_queryset(request).select_related("actor").prefetch_related("items__product")

    @display(description=_("becomes"))
    def becomes(self, change: ScheduledChange) -> str:
        return ", ".join(str(item) for item in change.items.all())


class WalletInline(ReadOnly, Inline[WalletEntry]):
    model = WalletEntry
    verbose_name_plural = _("wallet")
    fields = ("created_at", "amount_money", "reason", "note", "actor", "reference")
    readonly_fields = fields
    ordering = ("-id",)
    tab = True

    amount_money = money("amount", description=_("amount"), currency="membership.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WalletEntry]:
        return super().get_queryset(request).select_related("membership", "actor")


class PaymentInline(ReadOnly, Inline[Payment]):
    model = Payment
    fields = ("created_at", "purpose", "amount_money", "state_label", "attempts", "settled_at")
    readonly_fields = fields
    show_change_link = True
    tab = True

    amount_money = money("amount", description=_("amount"))
    state_label = state_badge(colours.PAYMENT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return super().get_queryset(request).prefetch_related("attempts")

    @display(description=_("attempts"))
    def attempts(self, payment: Payment) -> str:
        """Each with its means and what became of it, first to last."""
        tried = sorted(payment.attempts.all(), key=lambda attempt: attempt.number)
        said = [f"{attempt.get_method_display()}: {attempt.get_state_display()}" for attempt in tried]
        return ", ".join(said) or NOTHING


class OverrideInline(ReadOnly, Inline[LimitOverride]):
    model = LimitOverride
    fields = ("kind", "more", "reason", "actor", "created_at", "ends_at", "ended_at")
    readonly_fields = fields
    ordering = ("-id",)
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[LimitOverride]:
        return super().get_queryset(request).select_related("actor")

    @display(description=_("more"))
    def more(self, override: LimitOverride) -> str:
        return format_limit(Kind(override.kind), override.amount)


class InvoiceInline(ReadOnly, Inline[Invoice]):
    model = Invoice
    fields = ("number", "issued_at", "headline", "due_money")
    readonly_fields = fields
    show_change_link = True
    tab = True

    due_money = money("due", description=_("due"))


@admin.register(Membership)
class MembershipAdmin(ReadOnly, Admin[Membership]):
    list_display = ("id", "customer_name", "has", "state_label", "price", "period_end", "created_at")
    list_display_links = ("id", "customer_name")
    list_filter = ("state", "items__product", ("created_at", DateRange))
    list_select_related = ("customer__user",)
    search_fields = ("customer__user__email", "customer__user__name", "customer__company", "uid")
    search_help_text = _("Customer's name, company or e-mail address, or identifier")
    fields: ClassVar[tuple[str, ...]] = (
        *("customer", "state_label", "has", "price", "period", "trial_end", "balance"),
        *("created_at", "activated_at", "past_due_since", "ended_at", "revision", "uid"),
    )
    readonly_fields = fields
    inlines: ClassVar[tuple[type[InlineModelAdmin[Any, Any]], ...]] = (
        ItemInline,
        ScheduledChangeInline,
        OverrideInline,
        WalletInline,
        PaymentInline,
        InvoiceInline,
    )

    change_form_outer_after_template = "admin/memberships/timeline.html"
    actions_detail: ClassVar[tuple[str, ...]] = (
        *("add_note", "override_limits", "adjust_wallet", "extend", "cancel", "keep"),
    )

    state_label = state_badge(colours.MEMBERSHIP)

    def has_adjust_wallet_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_walletentry")

    @action(
        description=_("Adjust wallet"),
        url_path="wallet",
        permissions=["adjust_wallet"],
        icon="account_balance_wallet",
    )
    def adjust_wallet(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return adjust_wallet.page(self, request, object_id)

    def has_override_limits_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_limitoverride")

    @action(
        description=_("Limit overrides"),
        url_path="limits",
        permissions=["override_limits"],
        icon="tune",
    )
    def override_limits(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return override_limits.page(self, request, object_id)

    def has_add_note_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.add_note")

    @action(description=_("Add a note"), url_path="note", permissions=["add_note"], icon="sticky_note_2")
    def add_note(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return add_note.page(self, request, object_id)

    def has_extend_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may = request.user.has_perm("memberships.add_periodextension")
        return may and has_an_end(object_id)

    @action(description=_("Give more time"), url_path="extend", permissions=["extend"], icon="more_time")
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return extend.page(self, request, object_id)

    def has_keep_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may = request.user.has_perm("memberships.change_membership")
        return may and is_planned(object_id)

    @action(description=_("Take back what is planned"), url_path="keep", permissions=["keep"], icon="undo")
    def keep(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return keep.page(self, request, object_id)

    def has_cancel_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_membership")

    @action(description=_("Cancel membership"), url_path="cancel", permissions=["cancel"], icon="cancel")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return cancel.page(self, request, object_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        live = Prefetch(
            "items", MembershipItem.objects.live().select_related("product", "price"), to_attr="live_items"
        )
        memberships = Membership.objects.select_related("customer__user").prefetch_related(live)
        return memberships if is_list(request) else memberships.with_wallet()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= timeline_of(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=_("customer"), ordering="customer__user__email", header=True)
    def customer_name(self, membership: Membership) -> tuple[str, str]:
        return str(membership.customer), membership.customer.user.email

    @display(description=_("has"))
    def has(self, membership: Membership) -> str:
        return ", ".join(str(item) for item in live_items(membership)) or NOTHING

    @display(description=_("price"))
    def price(self, membership: Membership) -> str:
        """What recurs, before tax and discount."""
        recurring = [item for item in live_items(membership) if item.price.is_recurring]
        if not recurring:
            return gettext("Free")
        total = sum(item.unit_price * item.quantity for item in recurring)
        interval = per_interval(membership.interval_unit, membership.interval_count)
        return f"{format_money(total, membership.currency)} {interval}"

    @display(description=_("paid period"))
    def period(self, membership: Membership) -> str:
        if membership.period is None:
            return gettext("None: nothing is due as long as it stays free.")
        bounds = (membership.period.start, membership.period.end)
        return " - ".join(date_format(each, "DATETIME_FORMAT") for each in bounds)

    @display(description=_("wallet"))
    def balance(self, membership: Membership) -> str:
        return format_money(getattr(membership, "wallet", 0), membership.currency)


def has_an_end(object_id: Any) -> bool:
    """Whether the membership of that id has an end that could be moved."""
    found = named_by(Membership.objects.all(), object_id).first()
    return found is not None and ends_at(found) is not None


def is_planned(object_id: Any) -> bool:
    """Whether something waits for the end of the period."""
    planned = Membership.objects.filter(scheduled_changes__state=ScheduledChange.State.PENDING)
    return named_by(planned, object_id).exists()


def live_items(membership: Membership) -> list[MembershipItem]:
    items: list[MembershipItem] = getattr(membership, "live_items", [])
    return items
