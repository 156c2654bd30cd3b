"""The network admin as a whole: its sign-in, its content policy, its side bar."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.csp import with_admin_policy


def admin_urls() -> Any:
    """What `path("admin/", …)` takes. Staff sign in on the network's own page, with their second factor."""
    site: Any = admin.site
    admin_view = site.admin_view

    def view_with_policy(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 -- Django's signature
        return with_admin_policy(admin_view(view, cacheable))

    site.admin_view = view_with_policy
    site.login = secure_admin_login(site.login)
    return site.urls


def mark(_request: HttpRequest) -> str:
    return static("img/mark.svg")


def navigation(_request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: first what is sold, then who has it, then what moved, then the machine room."""
    return [
        {
            "items": [
                {"title": _("Overview"), "icon": "home", "link": reverse_lazy("admin:index")},
            ]
        },
        {
            "title": _("Catalogue"),
            "separator": True,
            "items": [
                _link(_("Products"), "products", "product", icon="sell"),
                _link(_("Plan groups"), "products", "plangroup", icon="stairs"),
                _link(_("Tax rates"), "products", "taxrate", icon="percent"),
            ],
        },
        {
            "title": _("Customers"),
            "separator": True,
            "items": [
                _link(_("Customers"), "memberships", "customer", icon="person"),
                _link(_("Memberships"), "memberships", "membership", icon="card_membership"),
                _link(_("Sites"), "sites", "site", icon="language"),
                _link(_("Domains"), "sites", "domain", icon="dns"),
            ],
        },
        {
            "title": _("Money"),
            "separator": True,
            "items": [
                _link(_("Orders"), "checkout", "order", icon="shopping_bag"),
                _link(_("Payments"), "memberships", "payment", icon="payments"),
                _link(_("Invoices"), "memberships", "invoice", icon="receipt_long"),
                _link(_("Wallet entries"), "memberships", "walletentry", icon="account_balance_wallet"),
            ],
        },
        {
            "title": _("Machine room"),
            "separator": True,
            "items": [
                _link(_("Webhook inbox"), "memberships", "inboundevent", icon="inbox"),
                _link(_("Mails"), "memberships", "notice", icon="mail"),
                _link(_("Quotes"), "checkout", "quote", icon="request_quote"),
                _link(_("Users"), "accounts", "user", icon="manage_accounts"),
                _link(_("Roles"), "auth", "group", icon="shield_person"),
            ],
        },
    ]


def _link(title: Any, app: str, model: str, *, icon: str) -> dict[str, Any]:
    """An entry for those who may see the rows behind it."""

    def may_see(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{model}")

    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": may_see,
    }
