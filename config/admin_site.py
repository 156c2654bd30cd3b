"""The network admin as a whole: its sign-in, its content policy, its side bar."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from accounts.legal.models import Acceptance, LegalText
from accounts.models import User
from accounts.staff.admin.guard import for_staff
from accounts.staff.models import StaffAction, StaffMember
from accounts.tokens.models import ApiToken
from checkout.admin.figures import pages as figures
from checkout.hooks.models import Endpoint, Message
from checkout.imports.models import ImportJob, ImportRow
from checkout.models import Order, Quote, SignUp
from config.csp import with_admin_policy
from config.network_settings import page as network_settings
from memberships.models import (
    Customer,
    InboundEvent,
    Invoice,
    Membership,
    Notice,
    Payment,
    PriceCampaign,
    Refund,
    WalletEntry,
)
from products.models import Discount, PlanGroup, Product, TaxRate
from sites.models import Domain, DomainClaim, OverLimitPolicy, Site, SiteJob, Starter

# pages that libraries bring along: rows of sites' schemas, log-in secrets, where people are
NOT_FOR_THE_DESK: Final = (Tag, EmailAddress, Authenticator, UserSession)


def admin_urls() -> Any:
    """What `path("admin/", …)` takes. Staff sign in on the network's own page, with their second factor."""
    site: Any = admin.site
    admin_view = site.admin_view

    def view_with_policy(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 -- Django's signature
        return with_admin_policy(for_staff(admin_view(view, cacheable)))

    site.admin_view = view_with_policy
    site.login = secure_admin_login(site.login)
    site.index_title = _("Overview")
    site.get_urls = partial(_with_pages_of_our_own, site.get_urls)
    site.unregister([model for model in NOT_FOR_THE_DESK if site.is_registered(model)])
    return site.urls


def _with_pages_of_our_own(urls: Callable[[], list[Any]]) -> list[Any]:
    view = admin.site.admin_view
    return [
        *figures.urls(view),
        path("network-settings/", view(network_settings.page), name="network_settings"),
        *urls(),
    ]


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The first page: what a person should look at, and how business goes. Each number leads to the rows behind it."""
    attention = [entry for entry in _attention() if _may_see(request, entry["rows"].model)]
    return context | {"attention": attention} | figures.dashboard(request)


def _attention() -> list[dict[str, Any]]:
    entries: list[tuple[Any, QuerySet[Any], str]] = [
        (
            _("Paid and not applied"),
            Order.objects.paid_not_applied(at=timezone.now()),
            "look=paid_not_applied",
        ),
        (
            _("Orders to hold against the gateway"),
            Order.objects.suspicious(at=timezone.now()),
            "look=suspicious",
        ),
        (
            _("Webhook events that failed"),
            InboundEvent.objects.filter(state=InboundEvent.State.FAILED),
            "state__exact=failed",
        ),
        (
            _("Webhook endpoints that take nothing"),
            Endpoint.objects.exclude(failing_since=None),
            "",
        ),
        (
            _("Memberships with an overdue payment"),
            Membership.objects.filter(state=Membership.State.PAST_DUE),
            "state__exact=past_due",
        ),
        (
            _("Paid and not ready"),
            Site.objects.paid_not_ready(at=timezone.now()),
            "look=paid_not_ready",
        ),
        (_("Sites that need attention"), Site.objects.filter(state=Site.State.FAILED), "state__exact=failed"),
        (
            _("Sites in maintenance"),
            Site.objects.filter(state=Site.State.MAINTENANCE),
            "state__exact=maintenance",
        ),
    ]
    return [
        {"title": title, "rows": rows, "count": rows.count, "link": f"{_list_of(rows.model)}?{chosen}"}
        for title, rows, chosen in entries
    ]


def _list_of(model: type[Model]) -> Any:
    return reverse_lazy(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")  # noqa: SLF001 -- Django's public API


def _may_see(request: HttpRequest, model: type[Model]) -> bool:
    return request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")  # noqa: SLF001 -- see above


def _is_among_mails(request: HttpRequest) -> bool:
    """All mails have an address below the list's, and an entry of their own."""
    return request.path.startswith(str(_list_of(Notice))) and not request.path.startswith(
        str(reverse_lazy("admin:memberships_notice_all"))
    )


def mark(_request: HttpRequest) -> str:
    return static("img/mark.svg")


def stylesheet(_request: HttpRequest) -> str:
    return static("css/admin.css")


def script(_request: HttpRequest) -> str:
    return static("js/admin.js")


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: first what is sold, then who has it, then what moved, then the machine room."""
    return [
        _group(None, {"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")}),
        _group(
            _("Catalogue"),
            _rows(_("Products"), Product, icon="sell"),
            _rows(_("Plan groups"), PlanGroup, icon="stairs"),
            _rows(_("Price changes"), PriceCampaign, icon="trending_up"),
            _rows(_("Tax rates"), TaxRate, icon="percent"),
            _rows(_("Discount codes"), Discount, icon="redeem"),
            _rows(_("Over-limit policies"), OverLimitPolicy, icon="speed"),
        ),
        _group(
            _("Customers"),
            _rows(_("Customers"), Customer, icon="person"),
            _rows(_("Memberships"), Membership, icon="card_membership"),
            _rows(_("Sign-ups"), SignUp, icon="person_add"),
            _imports(),
            _rows(_("Sites"), Site, icon="language"),
            _rows(_("Domains"), Domain, icon="dns"),
            _rows(_("Claims to domains"), DomainClaim, icon="fact_check"),
            _rows(_("Jobs on sites"), SiteJob, icon="move_to_inbox"),
            _rows(_("Starter sites"), Starter, icon="content_copy"),
        ),
        _group(
            _("Money"),
            _rows(_("Orders"), Order, icon="shopping_bag"),
            _rows(_("Payments"), Payment, icon="payments"),
            _rows(_("Invoices"), Invoice, icon="receipt_long"),
            _rows(_("Refunds"), Refund, icon="undo"),
            _rows(_("Wallet entries"), WalletEntry, icon="account_balance_wallet"),
        ),
        _group(
            _("Machine room"),
            _rows(_("Webhook inbox"), InboundEvent, icon="inbox"),
            _rows(_("Webhook endpoints"), Endpoint, icon="webhook"),
            _rows(_("Webhooks sent"), Message, icon="outbox"),
            _rows(_("Mails"), Notice, icon="mail") | {"active": _is_among_mails},
            {
                "title": _("All mails"),
                "icon": "drafts",
                "link": reverse_lazy("admin:memberships_notice_all"),
                "permission": partial(_may_see, model=Notice),
            },
            _rows(_("Quotes"), Quote, icon="request_quote"),
            _rows(_("API tokens"), ApiToken, icon="key"),
            {
                "title": _("Network settings"),
                "icon": "tune",
                "link": reverse_lazy("admin:network_settings"),
                "permission": partial(_may_see, model=Membership),
            },
        ),
        _group(
            _("People"),
            _rows(_("Users"), User, icon="group"),
            _rows(_("Staff"), StaffMember, icon="badge"),
            _rows(_("Roles"), Group, icon="shield_person"),
            _rows(_("Audit log"), StaffAction, icon="history"),
        ),
        _group(
            _("Legal"),
            _rows(_("Legal texts"), LegalText, icon="gavel"),
            _rows(_("Acceptances"), Acceptance, icon="handshake"),
        ),
    ]


def _imports() -> dict[str, Any]:
    """For who may import, or look at what was imported."""
    return {
        "title": _("Imports"),
        "icon": "upload_file",
        "link": _list_of(ImportJob),
        "permission": lambda request: admin.site.get_model_admin(ImportJob).has_view_permission(request),
        "active": lambda request: request.path.startswith(
            (str(_list_of(ImportJob)), str(_list_of(ImportRow)))
        ),
    }


def _group(title: Any, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": title is not None, "items": list(items)}


def _rows(title: Any, model: type[Model], *, icon: str) -> dict[str, Any]:
    """A link to a list, for those who may see what is in it."""
    return {
        "title": title,
        "icon": icon,
        "link": _list_of(model),
        "permission": partial(_may_see, model=model),
    }
