"""What the dashboard has beside Wagtail's own: the way to the Account page, limits and usage, our mark."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.models import Page

from products.limits import Kind, is_near
from products.models.limit import LABELS
from sites import addresses, entitlements
from sites.content.models import ContactMessage, Parked, PostPage
from sites.policies.over_limit import Policy

SHOWN = (Kind.POSTS, Kind.PAGES, Kind.DISK, Kind.USERS, Kind.VISITS)
PARKED_NAMED = 10
NOT_SHOWN = frozenset({"sites", "locales", "users", "groups", "workflows", "workflow-tasks", "collections"})


def is_owner(request: HttpRequest) -> bool:
    """Whether the network's pages of this site are theirs; editors have no way to them."""
    return bool(request.tenant.belongs_to(request.user.uid))  # type: ignore[attr-defined, union-attr]  # SiteMiddleware's; signed in


class NetworkItem(MenuItem):  # type: ignore[misc]  # Wagtail ships no types
    """Leads to a page of the network that belongs to the owner of the membership, and is shown to nobody else."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_owner(request)


class AccountItem(NetworkItem):
    """The membership that pays for this site."""

    def __init__(self) -> None:
        super().__init__(_("Account"), "", name="account", icon_name="user", order=900)

    def render_component(self, request: HttpRequest) -> Any:
        self.url = request.tenant.account_url  # type: ignore[attr-defined]  # set by SiteMiddleware
        return super().render_component(request)


class PeopleItem(NetworkItem):
    """Who else works on this site."""

    def __init__(self) -> None:
        super().__init__(_("People"), "", name="people", icon_name="group", order=800)

    def render_component(self, request: HttpRequest) -> Any:
        self.url = request.tenant.people_url  # type: ignore[attr-defined]  # set by SiteMiddleware
        return super().render_component(request)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]  # Wagtail ships no types
def account_item() -> MenuItem:
    return AccountItem()


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]  # see above
def people_item() -> MenuItem:
    return PeopleItem()


@hooks.register("construct_settings_menu")  # type: ignore[untyped-decorator]  # see above
def hide_what_the_network_keeps(_request: HttpRequest, items: list[MenuItem]) -> None:
    """Hosts and the like are set by the network."""
    items[:] = [item for item in items if item.name not in NOT_SHOWN]


@hooks.register("construct_reports_menu")  # type: ignore[untyped-decorator]  # see above
def hide_reports_of_what_is_hidden(_request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in NOT_SHOWN]


@hooks.register("construct_help_menu")  # type: ignore[untyped-decorator]  # see above
def hide_help_about_another_product(_request: HttpRequest, items: list[MenuItem]) -> None:
    """News and manuals of Wagtail speak of things that this dashboard does not have."""
    items[:] = [item for item in items if item.name == "keyboard-shortcuts-trigger"]


@hooks.register("insert_global_admin_css")  # type: ignore[untyped-decorator]  # see above
def own_colours() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("content/dashboard.css"))


@hooks.register("before_create_page")  # type: ignore[untyped-decorator]  # see above
def tell_before_it_is_written(request: HttpRequest, _parent: Page, page_class: type[Page]) -> None:
    """Who starts a page for which there is no room is told at once, and again when saving was refused."""
    kind = getattr(page_class, "limit_kind", None)
    if kind is None or "json" in request.headers.get("Accept", ""):  # an autosave shows no messages
        return
    if not request.tenant.is_open:  # type: ignore[attr-defined]  # set by SiteMiddleware
        return  # nothing can be written at all; the bar above says so
    reached = entitlements.refusal_of(kind)
    feature = getattr(page_class, "feature", None)
    if feature is not None:
        reached = entitlements.refusal_of_switch(feature) or reached
    if reached is not None:
        messages.warning(request, entitlements.explain(reached), buttons=_way_out(request))


@hooks.register("before_edit_page")  # type: ignore[untyped-decorator]  # see above
def tell_of_a_parked_page(request: HttpRequest, page: Page) -> None:
    if "json" in request.headers.get("Accept", "") or not getattr(page, "is_parked", False):
        return
    told = (
        _("This post is parked: there is no room for it in your plan. It is kept as it is.")
        if isinstance(page, PostPage)
        else _("This page is parked: there is no room for it in your plan. It is kept as it is.")
    )
    messages.warning(request, told, buttons=_way_out(request))


@hooks.register("before_delete_page")  # type: ignore[untyped-decorator]  # see above
def tell_of_messages_that_would_go_along(request: HttpRequest, page: Page) -> None:
    """On the page that asks before a form is deleted, or what stands above one."""
    count = _messages_below(page) if request.method == "GET" else 0
    if count:
        told = ngettext(
            "%(count)s message that a visitor sent goes with it. To keep it, export it first.",
            "%(count)s messages that visitors sent go with it. To keep them, export them first.",
            count,
        )
        forms = messages.button(reverse("wagtailforms:index"), _("Forms"))
        messages.warning(request, told % {"count": count}, buttons=[forms])


@hooks.register("before_bulk_action")  # type: ignore[untyped-decorator]  # see above
def delete_forms_with_messages_one_by_one(
    request: HttpRequest, action: str, objects: Sequence[Any], _view: Any
) -> HttpResponse | None:
    """The page that asks about many at once has no place to say what goes along."""
    pages = [page for page in objects if isinstance(page, Page)] if action == "delete" else []
    full = [page.get_admin_display_title() for page in pages if _messages_below(page)]
    if not full:
        return None
    told = _("Nothing was deleted. Visitors have sent messages to %(pages)s: delete that by itself.")
    messages.error(request, told % {"pages": ", ".join(full)})
    return redirect("wagtailadmin_explore", pages[0].get_parent().pk)


def _messages_below(page: Page) -> int:
    count: int = ContactMessage.objects.filter(page__in=page.get_descendants(inclusive=True)).count()
    return count


def _way_out(request: HttpRequest) -> list[Any]:
    upgrade_url = request.tenant.upgrade_url  # type: ignore[attr-defined]  # the middleware sets it
    return [messages.button(upgrade_url, _("Upgrade"))] if is_owner(request) else []


class UsagePanel(Component):  # type: ignore[misc]  # Wagtail ships no types
    """On the dashboard's first page: what is used of what the plan allows."""

    order = 10
    template_name = "content/usage_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        site = request.tenant
        limits, used = site.limits, {**site.usage, **entitlements.usage()}  # some only the network counts
        return {
            "bars": [bar(kind, used.get(kind, 0), limits[kind]) for kind in SHOWN],
            "upgrade_url": site.upgrade_url if is_owner(request) else "",
        }


def bar(kind: Kind, used: int, allowed: int | None) -> dict[str, Any]:
    """What a usage bar shows: words, and a percentage that is 100 at most."""
    percent = 0 if allowed is None else 100 if used >= allowed else used * 100 // allowed
    return {
        "kind": kind.value,
        "label": LABELS[kind],
        "used": entitlements.amount_text(kind, used),
        "allowed": None if allowed is None else entitlements.amount_text(kind, allowed),
        "percent": percent,
        "is_near": allowed is not None and is_near(used=used, allowed=allowed) and used < allowed,
        "is_full": allowed is not None and used >= allowed,
    }


class ParkedPanel(Component):  # type: ignore[misc]  # Wagtail ships no types
    """On the dashboard's first page, while anything is parked: what it is, and where the owner lets others stay."""

    order = 20
    template_name = "content/parked_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        pages = Page.objects.filter(pk__in=Parked.objects.values("object_id")).order_by("title", "pk")
        return {
            "pages": list(pages[:PARKED_NAMED]),
            "more": max(pages.count() - PARKED_NAMED, 0),
            "parked_url": addresses.parked_url(request.tenant.membership_uid) if is_owner(request) else "",
        }


@hooks.register("construct_homepage_panels")  # type: ignore[untyped-decorator]  # see above
def show_usage(request: HttpRequest, panels: list[Component]) -> None:
    """Nothing may be used of a site that is read-only; the bar above says why."""
    if request.tenant.is_open:  # type: ignore[attr-defined]  # set by SiteMiddleware
        panels.insert(0, UsagePanel())
        if any(each["policy"] == Policy.PARK for each in request.tenant.over_limits):  # type: ignore[attr-defined]  # see above
            panels.insert(1, ParkedPanel())
