"""Every address of the network: who looks at it in the browser test of all pages, or why nobody does.

A new page is a line in VISITS. What an address needs (a site, an order) has a name in `tests.browser.things`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

URLCONF: Final = "config.urls_network"
NOBODY, OWNER, NEWCOMER, EDITOR, GUARDED, ADMIN = "nobody", "max", "fleur", "rosa", "studio", "admin"
"""Not signed in; an owner on Premium with a card and orders; one on Free, at every limit; one who also works on the
owner's site, and reads Dutch; one with a second factor; the network's staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody opens a page. `needs` says for each part of the address which thing stands there."""

    route: str
    who: str
    needs: tuple[tuple[str, str], ...] = ()
    query: str = ""
    status: int = 200

    def path(self, things: dict[str, str]) -> str:
        parts = {part: things[name] for part, name in self.needs}
        return reverse(self.route, urlconf=URLCONF, kwargs=parts) + self.query


def visit(route: str, *who: str, query: str = "", status: int = 200, **needs: str) -> tuple[Visit, ...]:
    return tuple(
        Visit(route=route, who=each, needs=tuple(needs.items()), query=query, status=status) for each in who
    )


VISITS: Final = (
    *visit("home", NOBODY, OWNER),
    *visit("checkout:pricing", NOBODY, OWNER),
    *visit("checkout:pricing", NOBODY, query="?period=year-1"),
    *visit("legal:page", NOBODY, kind="terms"),
    *visit("checkout:sign_up", NOBODY),
    *visit("account_login", NOBODY),
    *visit("account_inactive", NOBODY),
    *visit("account_reset_password", NOBODY),
    *visit("account_reset_password_done", NOBODY),
    *visit("account_reset_password_from_key", NOBODY, uidb36="nobody", key="nothing"),
    *visit("account_reset_password_from_key_done", NOBODY),
    *visit("account_email_verification_sent", NOBODY),
    *visit("account_confirm_email", NOBODY, key="nothing"),
    *visit("account_logout", OWNER),
    *visit("account_email", OWNER),
    *visit("account_change_password", OWNER),
    *visit("account_reauthenticate", OWNER),
    *visit("mfa_index", OWNER),
    *visit("mfa_activate_totp", OWNER),
    *visit("mfa_index", GUARDED),
    *visit("mfa_deactivate_totp", GUARDED),
    *visit("mfa_view_recovery_codes", GUARDED),
    *visit("mfa_generate_recovery_codes", GUARDED),
    *visit("mfa_reauthenticate", GUARDED),
    *visit("usersessions_list", OWNER),
    *visit("accounts:profile", OWNER),
    *visit("tokens:page", OWNER),
    *visit("checkout:account", OWNER, uid="membership"),
    *visit("checkout:account", NEWCOMER, uid="free_membership"),
    *visit("checkout:account", EDITOR, uid="editors_membership"),
    *visit("checkout:add_site", OWNER, uid="membership"),
    *visit("checkout:add_site", NEWCOMER, uid="free_membership"),
    *visit("checkout:billing_details", OWNER, uid="membership"),
    *visit("checkout:change", OWNER, uid="membership"),
    *visit("checkout:change", NEWCOMER, uid="free_membership"),
    *visit("checkout:cancel", OWNER, uid="membership"),
    *visit("checkout:review", OWNER, uid="quote"),
    *visit("checkout:review", OWNER, uid="downgrade"),
    *visit("checkout:planned", EDITOR, uid="editors_membership"),
    *visit("checkout:parked", OWNER, uid="membership"),
    *visit("checkout:order", OWNER, uid="order"),
    *visit("checkout:order", NEWCOMER, uid="waiting_order"),
    *visit("checkout:undo", OWNER, uid="order"),
    *visit("checkout:pay_link", NOBODY, token="pay_token"),
    *visit("sites:site", OWNER, uid="site"),
    *visit("sites:content", OWNER, uid="site"),
    *visit("sites:enter", OWNER, uid="site"),
    *visit("sites:enter", EDITOR, uid="site"),
    *visit("sites:copies", OWNER, uid="site"),
    *visit("sites:delete", OWNER, uid="site"),
    *visit("sites:upgrade", EDITOR, uid="site"),
    *visit("sites:people", OWNER, uid="site"),
    *visit("sites:domains", OWNER, uid="site"),
    *visit("sites:invitation", NOBODY, token="invitation"),
    *visit("sites:invitation", EDITOR, token="invitation"),
    *visit("sites:invitation", NOBODY, token="nothing", status=404),
    *visit("design", NOBODY),
    *visit("demo_mails", NOBODY, query="?mail=1"),
    *visit("demo_webhooks", NOBODY),
    *visit("api:openapi-view", NOBODY),
)
NOT_VISITED: Final = {
    "answers to a form alone": {
        "accounts:confirm_again", "accounts:language", "checkout:card", "checkout:choose_what_stays",
        "checkout:confirm", "checkout:keep_plan", "checkout:pay", "checkout:stop", "sites:check_domain",
        "sites:content_back", "sites:person", "sites:primary_domain", "sites:put_back", "sites:remove_domain",
        "tokens:revoke",
    },
    "the same page as another": {"legal:version"},
    "leads to another page": {
        "account_set_password", "account_signup", "checkout:accounts", "checkout:card_saved", "checkout:sign_up_card",
    },
    "steps of signing up, looked at by who walks them in `test_signing_up`": {
        "checkout:sign_up_account", "checkout:sign_up_review", "checkout:sign_up_site", "checkout:welcome",
    },
    "a part of a page": {
        "checkout:change_summary", "checkout:order_status", "checkout:sign_up_summary", "sites:address",
        "sites:domain_status",
    },
    "a file": {"checkout:payment_request", "mfa_download_recovery_codes", "memberships:invoice_pdf", "sites:copy"},
    "a mail, as its reader shows it": {"demo_mail_attachment", "demo_mail_body"},
    "looked at by whoever signs in with a second factor": {"mfa_authenticate"},
    "a way to sign in that is not offered": {"account_confirm_login_code"},
    "for programs": {"healthz", "memberships:stripe_webhook", "prometheus-django-metrics", "readyz", "sites:tls_ask"},
}  # fmt: skip
AT_THE_DESK: Final = (
    *visit("admin:index", ADMIN),
    *visit("admin:products_product_changelist", ADMIN),
    *visit("admin:products_product_change", ADMIN, object_id="products_product"),
    *visit("admin:products_plangroup_change", ADMIN, object_id="products_plangroup"),
    *visit("admin:memberships_pricecampaign_change", ADMIN, object_id="memberships_pricecampaign"),
    *visit("admin:products_discount_changelist", ADMIN),
    *visit("admin:products_taxrate_change", ADMIN, object_id="products_taxrate"),
    *visit("admin:memberships_membership_changelist", ADMIN),
    *visit("admin:memberships_membership_change", ADMIN, object_id="owners_row"),
    *visit("admin:memberships_membership_change_plan", ADMIN, object_id="owners_row"),
    *visit("admin:memberships_membership_rehearse", ADMIN, object_id="owners_row"),
    *visit("admin:checkout_order_compare", ADMIN, object_id="checkout_order"),
    *visit("admin:memberships_payment_changelist", ADMIN, query="?q=demo.example"),
    *visit("admin:memberships_inboundevent_changelist", ADMIN),
    *visit("admin:sites_site_change", ADMIN, object_id="sites_site"),
    *visit("admin:sites_site_visit", ADMIN, object_id="sites_site"),
    *visit("admin:network_settings", ADMIN),
    *visit("admin:staff_staffaction_changelist", ADMIN),
)
"""Those of which `./run pictures` takes pictures; the browser test opens all."""
FOR_PROGRAMS: Final = "api:"
ONLY_IN_ENGLISH: Final = {"api:openapi-view", "demo_mails", "demo_webhooks", "design"}
DESK: Final = "admin:"
NOT_AT_THE_DESK: Final = {
    "admin:autocomplete", "admin:jsi18n", "admin:login", "admin:logout", "admin:view_on_site", "admin:search",
    "admin:app_list", "admin:memberships_notice_html", "admin:memberships_notice_sample",
    "admin:sites_sitejob_download", "admin:imports_importjob_example", "admin:imports_importjob_refused",
    "admin:imports_importjob_stop",
}  # fmt: skip
SAME_EVERYWHERE: Final = {
    "delete": "products_discount", "history": "products_discount", "export": "memberships_payment",
}  # fmt: skip
"""Pages of the desk that are Django's alone, and look the same for every kind of row."""


def routes() -> Iterator[str]:
    """The name of every address that the network answers, with its namespace. One without a name stands in front of
    one that has it."""
    return _below(get_resolver(URLCONF), "")


def _below(resolver: URLResolver, space: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _below(each, f"{space}{each.namespace}:" if each.namespace else space)
        elif each.name:
            yield f"{space}{each.name}"
