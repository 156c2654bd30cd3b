"""The members of a price change, with the bill of each before and after: who moves, and who keeps theirs."""

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours
from memberships.admin.price_campaign_form import REFUSALS
from memberships.models import CampaignMember, PriceCampaign
from memberships.operations.price_campaigns import PriceChangeRefused, choose_members
from memberships.operations.price_previews import BillsOfMember, preview_bills
from products.admin.base import NOTHING, Admin, ReadOnly, badge, display
from products.date_display import day
from products.money_display import format_money

if TYPE_CHECKING:
    MemberChangeList = ChangeList
else:
    from unfold.views import ChangeList as MemberChangeList


class WithBills(MemberChangeList):
    """Prices the bills of the members on the page, and of no others."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[CampaignMember] = list(self.result_list)
        now = timezone.now()
        for _campaign, named in groupby(rows, key=attrgetter("campaign_id")):
            members = list(named)
            bills = preview_bills(campaign=members[0].campaign, members=members, now=now)
            for member in members:
                member.bills = bills.get(member.membership_id)  # type: ignore[attr-defined]  # for the columns below
        self.result_list = rows


@admin.register(CampaignMember)
class CampaignMemberAdmin(ReadOnly, Admin[CampaignMember]):
    list_display = ("member", "state_label", "bill_at", "before", "after", "difference", "choice")
    list_display_links = None
    list_filter = ("moves", "membership__state", "membership__customer__country")
    list_select_related = ("campaign__from_price__product", "membership__customer__user")
    search_fields = (
        "membership__customer__user__email",
        "membership__customer__user__name",
        "membership__customer__company",
    )
    search_help_text = _("Customer's name, company or e-mail address")
    ordering = ("-campaign", "membership")
    sortable_by = ()
    actions = ("let_move", "let_keep")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002 -- Django's names
        return WithBills

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        asked = request.GET.get("campaign__id__exact", "")
        campaigns = PriceCampaign.objects.select_related("from_price__product")
        found = campaigns.filter(pk=asked).first() if asked.isdecimal() else None
        title = gettext("Members of the price change of %s") % found if found else None
        return super().changelist_view(
            request, {**({"title": title} if title else {}), **(extra_context or {})}
        )

    def has_change_campaign_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("memberships.change_pricecampaign")

    @admin.action(description=_("Let them pay the new price"), permissions=["change_campaign"])
    def let_move(self, request: HttpRequest, members: QuerySet[CampaignMember]) -> None:
        self._choose(request, members, moves=True)

    @admin.action(description=_("Let them keep their price"), permissions=["change_campaign"])
    def let_keep(self, request: HttpRequest, members: QuerySet[CampaignMember]) -> None:
        self._choose(request, members, moves=False)

    def _choose(self, request: HttpRequest, members: QuerySet[CampaignMember], *, moves: bool) -> None:
        chosen: dict[PriceCampaign, list[int]] = {}
        for pk, campaign_id in members.order_by().values_list("pk", "campaign_id"):
            chosen.setdefault(PriceCampaign(pk=campaign_id), []).append(pk)
        try:
            count = sum(
                choose_members(campaign=campaign, member_ids=ids, moves=moves)
                for campaign, ids in chosen.items()
            )
        except PriceChangeRefused as refused:
            messages.error(request, REFUSALS[refused.code])
            return
        said = (
            ngettext("%d member pays the new price.", "%d members pay the new price.", count)
            if moves
            else ngettext("%d member keeps their price.", "%d members keep their price.", count)
        )
        messages.success(request, said % count)

    @display(description=_("customer"), header=True)
    def member(self, member: CampaignMember) -> tuple[str, str]:
        return str(member.membership.customer), member.membership.customer.user.email

    @display(description=_("state"))
    def state_label(self, member: CampaignMember) -> SafeString:
        membership = member.membership
        colour: Mapping[Any, str] = colours.MEMBERSHIP
        return badge(membership.get_state_display(), colour.get(membership.state, ""))

    @display(description=_("first bill from that day"))
    def bill_at(self, member: CampaignMember) -> str:
        bills = _bills(member)
        return day(bills.at) if bills else NOTHING

    @display(description=_("without the change"))
    def before(self, member: CampaignMember) -> str:
        bills = _bills(member)
        return format_money(bills.before, member.membership.currency) if bills else NOTHING

    @display(description=_("with it"))
    def after(self, member: CampaignMember) -> str:
        bills = _bills(member)
        return format_money(bills.after, member.membership.currency) if bills else NOTHING

    @display(description=_("difference"))
    def difference(self, member: CampaignMember) -> str:
        bills = _bills(member)
        if bills is None:
            return NOTHING
        more = bills.after - bills.before
        return ("+" if more > 0 else "") + format_money(more, member.membership.currency)

    @display(description=_("pays"))
    def choice(self, member: CampaignMember) -> SafeString:
        return badge(gettext("the new price"), "info") if member.moves else badge(gettext("the old price"))


def _bills(member: CampaignMember) -> BillsOfMember | None:
    return getattr(member, "bills", None)
