"""Price changes: made, looked at member by member, published or stopped. Every step is an operation."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from memberships.admin import colours
from memberships.admin.price_campaign_form import REFUSALS, CampaignForm
from memberships.models import CampaignMember, PriceCampaign
from memberships.operations.price_campaigns import (
    PriceChangeRefused,
    draft_campaign,
    edit_campaign,
    holders,
    publish_campaign,
    stop_campaign,
    take_in_members,
)
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import Admin, action, display, named_by, state_badge
from products.date_display import day
from products.money_display import format_money, format_price, per_interval
from products.operations.prices import PriceReplaced


@admin.register(PriceCampaign)
class PriceCampaignAdmin(Admin[PriceCampaign]):
    form = CampaignForm
    list_display = ("title", "becomes", "starts_on", "state_label", "moving", "keeping", "created_at")
    list_filter = ("state", "from_price__product")
    list_select_related = ("from_price__product",)
    search_fields = ("from_price__product__name", "from_price__product__code", "message")
    actions_detail = ("members", "take_in", "publish", "stop")

    state_label = state_badge(colours.PRICE_CHANGE)

    def get_queryset(self, _request: HttpRequest) -> QuerySet[PriceCampaign]:
        return PriceCampaign.objects.select_related("from_price__product").with_counts()

    # The page

    def get_fields(self, _request: HttpRequest, obj: PriceCampaign | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("from_price", "amount", "starts_on", "message")
        figures = ("amount", "starts_on") if obj.state == obj.State.DRAFT else ("becomes", "starts_on")
        done = ("published_at", "published_by", "stopped_at", "stopped_by") if obj.published_at else ()
        return ("old_price", *figures, "message", "state_label", "who", *done)

    def get_readonly_fields(self, request: HttpRequest, obj: PriceCampaign | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        typed = ("amount", "starts_on", "message") if self.has_change_permission(request, obj) else ()
        return tuple(field for field in self.get_fields(request, obj) if field not in typed)

    def get_form(
        self, request: HttpRequest, obj: PriceCampaign | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """The form itself adds what it does not store under the same name."""
        shown = [*self.get_fields(request, obj), *self.get_readonly_fields(request, obj)]
        kwargs["fields"] = [name for name in ("from_price", "message") if name in shown]
        return super().get_form(request, obj, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"from_price": request.GET.get("from_price", "")}

    def has_change_permission(self, request: HttpRequest, obj: PriceCampaign | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == obj.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: PriceCampaign | None = None) -> bool:
        """What nobody was told of can be thrown away, one at a time."""
        return (
            super().has_delete_permission(request, obj) and obj is not None and obj.state == obj.State.DRAFT
        )

    def save_model(self, request: HttpRequest, obj: PriceCampaign, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        figures = {name: form.cleaned_data[name] for name in ("amount", "message")}
        figures["starts_at"] = form.cleaned_data["starts_on"]
        if change:
            edit_campaign(campaign=obj, **figures)
            return
        made = draft_campaign(
            from_price=form.cleaned_data["from_price"],
            actor=cast("User", request.user),
            now=timezone.now(),
            **figures,
        )
        for field in made._meta.concrete_fields:  # noqa: SLF001 -- Django's public API
            setattr(obj, field.attname, getattr(made, field.attname))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its members go with it: a change in the making has told nobody."""
        rows, counts, needed, protected = super().get_deleted_objects(objs, request)
        return rows, counts, needed - {str(CampaignMember._meta.verbose_name)}, protected  # noqa: SLF001 -- see above

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except PriceChangeRefused as refused:  # somebody else was quicker
            messages.error(request, REFUSALS[refused.code])
            return redirect(request.get_full_path())

    def response_add(
        self, request: HttpRequest, obj: PriceCampaign, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        messages.success(
            request, _("Here is everybody who has the price. Look at their bills and choose who moves.")
        )
        return redirect(members_of(obj))

    # What is shown

    @display(description=_("price in use"), header=True)
    def title(self, campaign: PriceCampaign) -> tuple[str, str]:
        return campaign.from_price.product.name, format_price(campaign.from_price)

    @display(description=_("price in use"))
    def old_price(self, campaign: PriceCampaign) -> str:
        return f"{campaign.from_price.product.name}, {format_price(campaign.from_price)}"

    @display(description=_("becomes"))
    def becomes(self, campaign: PriceCampaign) -> str:
        price = campaign.from_price
        amount = format_money(campaign.amount, price.currency)
        return f"{amount} {per_interval(price.interval_unit, price.interval_count)}"

    @display(description=_("in force from"), ordering="starts_at")
    def starts_on(self, campaign: PriceCampaign) -> str:
        return day(campaign.starts_at)

    @display(description=_("move"))
    def moving(self, campaign: PriceCampaign) -> str:
        return number_format(getattr(campaign, "moving", 0), force_grouping=True)

    @display(description=_("keep theirs"))
    def keeping(self, campaign: PriceCampaign) -> str:
        return number_format(getattr(campaign, "keeping", 0), force_grouping=True)

    @display(description=_("members"))
    def who(self, campaign: PriceCampaign) -> SafeString:
        sentence = gettext("%(moving)s pay the new price, %(keeping)s keep theirs") % {
            "moving": self.moving(campaign),
            "keeping": self.keeping(campaign),
        }
        return format_html('<a class="text-link" href="{}">{}</a>', members_of(campaign), sentence)

    # What can be done

    def _is(self, object_id: str | None, state: str) -> bool:
        return named_by(PriceCampaign.objects.filter(state=state), object_id).exists()

    def has_members_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.view_campaignmember")

    @action(
        description=_("Members and their bills"), url_path="members", permissions=["members"], icon="groups"
    )
    def members(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(members_of(the_row(self, request, object_id)))

    def has_take_in_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may = request.user.has_perm("memberships.change_pricecampaign")
        return may and self._is(object_id, PriceCampaign.State.DRAFT)

    @action(
        description=_("Take in who came since"), url_path="take-in", permissions=["take_in"], icon="group_add"
    )
    def take_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign: PriceCampaign = the_row(self, request, object_id)
        form = NothingToChoose(request.POST if request.method == "POST" else None)
        if form.is_valid():
            count = take_in_members(campaign=campaign)
            messages.success(
                request,
                ngettext("%d member was taken in.", "%d members were taken in.", count) % count,
            )
            return redirect(members_of(campaign))
        return ask(
            self, request, campaign, form=form, title=_("Take in who came since"), button=_("Take them in"),
            facts=[(_("have the price and are not named yet"), _come_since(campaign))],
        )  # fmt: skip

    def has_publish_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_take_in_permission(request, object_id)

    @action(description=_("Publish"), url_path="publish", permissions=["publish"], icon="campaign")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign: PriceCampaign = the_row(self, request, object_id)
        form = NothingToChoose(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._done(request, campaign, publish_campaign, _("Published. Members are being told."))
        moving: int = getattr(campaign, "moving", 0)
        button = (
            ngettext("Publish and tell %d member", "Publish and tell %d members", moving) % moving
            if moving
            else gettext("Publish for new customers only")
        )
        return ask(
            self, request, campaign, form=form, title=_("Publish the price change"), button=button,
            facts=[
                (_("price in use"), self.old_price(campaign)),
                (_("sold to new customers at once"), self.becomes(campaign)),
                (_("in force for members from their first renewal on or after"), self.starts_on(campaign)),
                (_("move, and are told by mail"), self.moving(campaign)),
                (_("keep what they have"), self.keeping(campaign)),
            ],
            warning=_warning(campaign),
        )  # fmt: skip

    def has_stop_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        may = request.user.has_perm("memberships.change_pricecampaign")
        return may and self._is(object_id, PriceCampaign.State.PUBLISHED)

    @action(description=_("Stop"), url_path="stop", permissions=["stop"], icon="cancel")
    def stop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign: PriceCampaign = the_row(self, request, object_id)
        form = NothingToChoose(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._done(request, campaign, stop_campaign, _("Stopped. Everybody keeps their price."))
        return ask(
            self, request, campaign, form=form, title=_("Stop the price change"), button=_("Stop it"),
            facts=[
                (_("members who keep their price after all"), self.moving(campaign)),
                (_("in force from"), self.starts_on(campaign)),
                (_("sold to new customers, as it is now"), self.becomes(campaign)),
            ],
        )  # fmt: skip

    def _done(self, request: HttpRequest, campaign: PriceCampaign, operation: Any, done: Any) -> HttpResponse:
        try:
            operation(campaign=campaign, actor=cast("User", request.user), now=timezone.now())
        except PriceChangeRefused as refused:
            messages.error(request, REFUSALS[refused.code])
        except PriceReplaced:
            messages.error(request, REFUSALS["sold_otherwise"])
        else:
            messages.success(request, done)
        return redirect("admin:memberships_pricecampaign_change", campaign.pk)


def members_of(campaign: PriceCampaign) -> str:
    """The list of the campaign's members."""
    rows = reverse("admin:memberships_campaignmember_changelist")
    return f"{rows}?{urlencode({'campaign__id__exact': campaign.pk})}"


def _come_since(campaign: PriceCampaign) -> int:
    """How many have the price and are not among its members."""
    named = campaign.members.values("membership")
    found = holders(price=campaign.from_price_id).exclude(membership__in=named)
    return found.aggregate(count=Count("pk"))["count"] or 0


def _warning(campaign: PriceCampaign) -> str:
    if campaign.starts_at <= timezone.now():
        return str(REFUSALS["too_late"])
    since = _come_since(campaign)
    if not since:
        return ""
    return (
        ngettext(
            "%d member has come to have this price since, and keeps it unless you take them in.",
            "%d members have come to have this price since, and keep it unless you take them in.",
            since,
        )
        % since
    )
