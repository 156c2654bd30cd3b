"""The network admin as a whole: its sign-in, its content policy, its side bar."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from accounts.models import User
from accounts.tokens.models import ApiToken
from checkout.models import Order, Quote
from config.csp import with_admin_policy
from memberships.models import Customer, InboundEvent, Invoice, Membership, Notice, Payment, WalletEntry
from products.models import Discount, PlanGroup, Product, TaxRate
from sites.models import Domain, DomainClaim, OverLimitPolicy, Site, SiteJob, Starter

# pages that libraries bring along: rows of sites' schemas, and log-in secrets that nobody should edit by hand
NOT_FOR_THE_DESK: Final = (Tag, EmailAddress, Authenticator)


def admin_urls() -> Any:
    """What `path("admin/", …)` takes. Staff sign in on the network's own page, with their second factor."""
    site: Any = admin.site
    admin_view = site.admin_view

    def view_with_policy(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 -- Django's signature
        return with_admin_policy(admin_view(view, cacheable))

    site.admin_view = view_with_policy
    site.login = secure_admin_login(site.login)
    site.index_title = _("Overview")
    site.unregister([model for model in NOT_FOR_THE_DESK if site.is_registered(model)])
    return site.urls


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The first page: what a person should look at. Each number leads to the rows behind it."""
    return context | {
        "attention": [entry for entry in _attention() if _may_see(request, entry["rows"].model)]
    }


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


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: first what is sold, then who has it, then what moved, then the machine room."""
    return [
        _group(None, {"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")}),
        _group(
            _("Catalogue"),
            _rows(_("Products"), Product, icon="sell"),
            _rows(_("Plan groups"), PlanGroup, icon="stairs"),
            _rows(_("Tax rates"), TaxRate, icon="percent"),
            _rows(_("Discount codes"), Discount, icon="redeem"),
            _rows(_("Over-limit policies"), OverLimitPolicy, icon="speed"),
        ),
        _group(
            _("Customers"),
            _rows(_("Customers"), Customer, icon="person"),
            _rows(_("Memberships"), Membership, icon="card_membership"),
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
            _rows(_("Wallet entries"), WalletEntry, icon="account_balance_wallet"),
        ),
        _group(
            _("Machine room"),
            _rows(_("Webhook inbox"), InboundEvent, icon="inbox"),
            _rows(_("Mails"), Notice, icon="mail") | {"active": _is_among_mails},
            {
                "title": _("All mails"),
                "icon": "drafts",
                "link": reverse_lazy("admin:memberships_notice_all"),
                "permission": partial(_may_see, model=Notice),
            },
            _rows(_("Quotes"), Quote, icon="request_quote"),
            _rows(_("Users"), User, icon="manage_accounts"),
            _rows(_("API tokens"), ApiToken, icon="key"),
            _rows(_("Roles"), Group, icon="shield_person"),
        ),
    ]


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
