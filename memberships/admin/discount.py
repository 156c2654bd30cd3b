"""Discount codes: their rules are typed, their uses are only shown. Here, beside the uses, since a code does not know
memberships."""

from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours, discount_batch
from memberships.admin.discount_form import DiscountForm, terms_of, terms_text, window_of
from memberships.models import DiscountUse
from products import currencies
from products.admin.base import Admin, Inline, ReadOnly, action, display, state_badge
from products.admin.export import Column, Exportable, Rows, column
from products.models import Discount
from products.operations.codes import offer

_COUNTED = Count("uses", filter=~Q(uses__state=DiscountUse.State.RELEASED))


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
        return terms_text(
            percent=granted.percent,
            amount=granted.amount,
            currency=use.membership.currency,
            periods=granted.periods_left,
        )


class DiscountFile(Rows):
    code = column(_("code"), "code")
    name = column(_("name"), "name")
    percent = column(_("percent"), "percent")
    amount = Column(
        _("amount"),
        lambda code: None if code.amount is None else currencies.to_major(code.amount, code.currency),
    )
    currency = column(_("currency"), "currency")
    periods = column(_("periods"), "periods")
    starts_at = column(_("from"), "starts_at")
    ends_at = column(_("until"), "ends_at")
    times_used = column(_("uses"), "times_used")
    most_uses = column(_("uses in total"), "most_uses")
    is_active = Column(_("active"), lambda code: _("yes") if code.is_active else _("no"))
    batch = column(_("batch"), "batch")


@admin.register(Discount)
class DiscountAdmin(Exportable, Admin[Discount]):
    form = DiscountForm
    resource_classes = (DiscountFile,)
    actions = ("offer_again", "offer_no_more")
    actions_list: ClassVar[tuple[str, ...]] = ("make_batch",)
    inlines = (UseInline,)
    list_display = ("title", "takes_off", "window", "uses_of_most", "is_active")
    list_filter = ("is_active", ("batch", RelatedOnlyFieldListFilter), "products")
    list_select_related = ("batch",)
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
        return terms_of(discount)

    @display(description=_("can be entered"))
    def window(self, discount: Discount) -> str:
        return window_of(discount)

    def has_make_batch_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    @action(
        description=_("Make a batch of codes"),
        url_path="batch",
        permissions=["make_batch"],
        icon="library_add",
    )
    def make_batch(self, request: HttpRequest) -> HttpResponse:
        return discount_batch.page(self, request)

    @admin.action(description=_("Let the chosen codes be entered"), permissions=["change"])
    def offer_again(self, request: HttpRequest, codes: QuerySet[Discount]) -> None:
        self._offer(request, codes, is_active=True)

    @admin.action(
        description=_("End the chosen codes: nobody can enter them any more"), permissions=["change"]
    )
    def offer_no_more(self, request: HttpRequest, codes: QuerySet[Discount]) -> None:
        self._offer(request, codes, is_active=False)

    def _offer(self, request: HttpRequest, codes: QuerySet[Discount], *, is_active: bool) -> None:
        changed = offer(codes=codes, is_active=is_active)
        note = gettext("can be entered") if is_active else gettext("ended")
        for code in changed:
            self.log_change(request, code, note)
        sentence = ngettext("%d code was changed.", "%d codes were changed.", len(changed))
        messages.success(request, sentence % len(changed))

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
