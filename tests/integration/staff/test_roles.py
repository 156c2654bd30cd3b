"""What each role of the staff may open and press: every address of the desk, and every action of its lists."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.staff.models import Role
from config.roles import GRANTS, network_permissions, settle_roles
from tests.integration.staff.rows import a_row_of_everything
from tests.integration.staff.walk import URLCONF, addresses, desks, everything, first_row, status

OWNER, SUPPORT, FINANCE, READ_ONLY = Role.OWNER, Role.SUPPORT, Role.FINANCE, Role.READ_ONLY
NOBODY = ""
WHO = (NOBODY, *Role)
EVERYBODYS = {"index", "search", "jsi18n", "password_change", "password_change_done"}
NOT_WALKED = {"login", "logout", "autocomplete", "view_on_site"}  # Django's own, which ask for themselves
SEES_KEYS = {OWNER, READ_ONLY}
KEYS = {
    "staff_staffmember",
    "staff_staffaction",
    "tokens_apitoken",
    "hooks_endpoint",
    "hooks_message",
    "auth_group",
}
ADDED_BY = {
    "auth_group": {OWNER},
    "hooks_endpoint": {OWNER},
    "imports_importjob": {OWNER},
    "legal_legaltext": {OWNER},
    "memberships_pricecampaign": {OWNER},
    "products_discount": {OWNER, FINANCE},
    "products_plangroup": {OWNER},
    "products_product": {OWNER},
    "products_taxrate": {OWNER, FINANCE},
    "sites_overlimitpolicy": {OWNER},
    "sites_starter": {OWNER},
    "staff_staffmember": {OWNER},
}
DELETED_BY = {
    "legal_legaltext": {OWNER},
    "memberships_pricecampaign": {OWNER},
    "products_discount": {OWNER},
    "products_plangroup": {OWNER},
    "products_taxrate": {OWNER},
    "sites_overlimitpolicy": {OWNER},
    "sites_starter": {OWNER},
}
CHANGED_BY = {
    "accounts_user": {OWNER},
    "hooks_endpoint": {OWNER},
    "legal_legaltext": {OWNER},
    "memberships_customer": {OWNER, SUPPORT, FINANCE},
    "memberships_pricecampaign": {OWNER},
    "products_discount": {OWNER, FINANCE},
    "products_plangroup": {OWNER},
    "products_product": {OWNER},
    "products_taxrate": {OWNER, FINANCE},
    "sites_overlimitpolicy": {OWNER},
    "sites_starter": {OWNER},
    "staff_staffmember": {OWNER},
}
PAGES = {
    "checkout_order_export": set(Role),
    "checkout_order_mail_link": set(),  # it is paid
    "imports_importjob_bring_in": set(),  # there is none
    "imports_importjob_example": set(Role),
    "imports_importjob_refused": set(),
    "imports_importjob_stop": set(),
    "memberships_inboundevent_dry_run": {OWNER, FINANCE},
    "memberships_invoice_export": set(Role),
    "memberships_membership_change_plan": {OWNER, SUPPORT},
    "memberships_membership_extend": {OWNER, SUPPORT},
    "memberships_membership_keep": {OWNER, SUPPORT},
    "memberships_payment_export": set(Role),
    "memberships_refund_export": set(Role),
    "memberships_walletentry_export": set(Role),
    "checkout_order_compare": {OWNER, FINANCE},
    "figures_csv": set(Role),
    "figures_rows": set(Role),
    "hooks_endpoint_change_secret": {OWNER},
    "hooks_endpoint_send_test": {OWNER},
    "hooks_endpoint_switch": {OWNER},
    "memberships_membership_add_note": {OWNER, SUPPORT, FINANCE},
    "memberships_membership_adjust_wallet": {OWNER, SUPPORT, FINANCE},
    "memberships_membership_cancel": {OWNER, SUPPORT},
    "memberships_membership_override_limits": {OWNER, SUPPORT},
    "memberships_membership_rehearse": set(Role),
    "memberships_membership_transfer": {OWNER, SUPPORT},
    "memberships_notice_all": set(Role),
    "memberships_notice_html": set(Role),
    "memberships_notice_sample": set(Role),
    "memberships_payment_enter_receipt": {OWNER, FINANCE},
    "memberships_pricecampaign_members": set(Role),
    "memberships_pricecampaign_publish": {OWNER},
    "memberships_pricecampaign_stop": set(),  # it is a draft
    "memberships_pricecampaign_take_in": {OWNER},
    "products_discount_export": set(Role),
    "products_discount_make_batch": {OWNER, FINANCE},
    "memberships_payment_give_back": {OWNER, FINANCE},
    "network_settings": set(Role),
    "products_product_change_price": {OWNER},
    "products_product_duplicate": {OWNER},
    "products_taxrate_set_rate": {OWNER, FINANCE},
    "products_taxrate_withdraw_rate": {OWNER, FINANCE},
    "sites_site_clone": {OWNER, SUPPORT},
    "sites_site_end_visit": set(),  # nobody visits it
    "sites_site_export": {OWNER, SUPPORT},
    "sites_site_make_starter": set(),  # it is one
    "sites_site_put_back": set(),  # it is in no bin
    "sites_site_put_into_bin": {OWNER, SUPPORT},
    "sites_site_restore": {OWNER, SUPPORT},
    "sites_site_try_again": set(),  # nothing of it failed
    "sites_site_visit": {OWNER, SUPPORT},
    "sites_sitejob_download": set(),  # its file is gone
    "staff_staffmember_end_work": {OWNER},
    "staff_staffmember_invite_again": {OWNER},
    "staff_staffmember_reset_second_factor": {OWNER},
}
ACTIONS = {
    ("hooks_message", "send_again"): {OWNER},
    ("legal_legaltext", "delete_selected"): {OWNER},
    ("memberships_campaignmember", "let_keep"): {OWNER},
    ("memberships_campaignmember", "let_move"): {OWNER},
    ("memberships_inboundevent", "replay"): {OWNER, FINANCE},
    ("memberships_notice", "send_again"): {OWNER, SUPPORT},
    ("products_discount", "delete_selected"): {OWNER},
    ("products_discount", "offer_again"): {OWNER, FINANCE},
    ("products_discount", "offer_no_more"): {OWNER, FINANCE},
    ("products_plangroup", "delete_selected"): {OWNER},
    ("products_taxrate", "delete_selected"): {OWNER},
    ("sites_domainclaim", "free"): {OWNER, SUPPORT},
    ("sites_overlimitpolicy", "delete_selected"): {OWNER},
    ("sites_site", "make_canaries"): {OWNER, SUPPORT},
    ("sites_site", "make_others"): {OWNER, SUPPORT},
    ("sites_starter", "delete_selected"): {OWNER},
    ("tokens_apitoken", "revoke"): {OWNER},
}
OPENS_NOTHING = {403, 404, 405}


@pytest.fixture
def rows(catalogue, gateway_double, colleague, settings):
    """A row of every kind; the gateway is asked by the page that compares."""
    settings.ROOT_URLCONF = URLCONF
    a_row_of_everything(plan=catalogue.premium, owner=colleague(name="Aad"))


def expected(role: str, names) -> set[str]:
    """The addresses that are open to `role`."""
    kinds = set(desks())
    seen = {kind for kind in kinds if role and (kind not in KEYS or role in SEES_KEYS)}
    rows = {kind for kind in kinds if first_row(kind) != "0"}
    opens = {f"{kind}_changelist" for kind in seen} | {
        f"{kind}_add" for kind, by in ADDED_BY.items() if role in by
    }
    opens |= {f"{kind}_{page}" for kind in seen & rows for page in ("change", "history")}
    opens |= {f"{kind}_delete" for kind, by in DELETED_BY.items() if role in by}
    opens |= {name for name, roles in PAGES.items() if role in roles} | EVERYBODYS
    return opens & set(names)


def walked() -> dict[str, str]:
    return {name: path for name, path in addresses().items() if name not in NOT_WALKED}


@pytest.mark.parametrize("role", WHO, ids=lambda role: str(role) or "nobody")
def test_a_role_opens_what_is_its_own_and_nothing_else(rows, colleague, role):
    user, paths = colleague(role), walked()
    answers = {name: status(path, user=user) for name, path in paths.items()}
    opened = {name for name, status in answers.items() if status not in OPENS_NOTHING}
    assert opened == expected(role, paths)
    assert [name for name, status in answers.items() if status >= 500] == []


@pytest.mark.parametrize("role", WHO, ids=lambda role: str(role) or "nobody")
def test_what_a_role_may_not_open_it_cannot_send_either(rows, colleague, role):
    user, paths = colleague(role), walked()
    closed = set(paths) - expected(role, paths)
    before = everything()
    answers = {name: status(paths[name], user=user, sent={"post": "yes", "_save": ""}) for name in closed}
    assert {name: status for name, status in answers.items() if status not in OPENS_NOTHING} == {}
    assert everything() == before


def test_every_page_of_its_own_says_whose_it_is(db):
    """Whoever adds a page to the desk decides who may open it, here and in `config.roles`."""
    usual = {
        f"{kind}_{page}" for kind in desks() for page in ("changelist", "change", "history", "add", "delete")
    }
    assert set(walked()) - usual - EVERYBODYS == set(PAGES)


@pytest.mark.parametrize("role", WHO, ids=lambda role: str(role) or "nobody")
def test_a_role_is_offered_the_actions_that_are_its_own(colleague, rf: RequestFactory, role):
    request = rf.get("/admin/")
    request.user = colleague(role)
    offered = {(kind, name) for kind, desk in desks().items() for name in desk.get_actions(request)}
    assert offered == {action for action, roles in ACTIONS.items() if role in roles}


@pytest.mark.parametrize("role", Role)
def test_a_row_can_be_saved_by_whose_it_is(colleague, rf: RequestFactory, role):
    request = rf.get("/admin/")
    request.user = colleague(role)
    changes = {kind for kind, desk in desks().items() if desk.has_change_permission(request)}
    assert changes - {"auth_group"} == {kind for kind, roles in CHANGED_BY.items() if role in roles}


def test_read_only_sees_everything_and_whatever_it_presses_nothing_changes(rows, at_desk):
    browser, paths = at_desk(READ_ONLY), walked()
    before = everything()
    for name, path in paths.items():
        if name not in {"password_change", "memberships_membership_rehearse"}:
            browser.post(path, {"_save": "", "post": "yes", "is_active": ""})
    for kind, desk in desks().items():
        for action in ("delete_selected", *(desk.actions or ())):
            row = first_row(kind)
            browser.post(
                paths[f"{kind}_changelist"], {"action": action, "_selected_action": row, "post": "yes"}
            )
    assert everything() == before


def test_without_a_sign_in_no_address_of_the_desk_answers(rows):
    visitor = Client(SERVER_NAME="localhost")
    answers = {visitor.get(path).status_code for name, path in walked().items()}
    assert answers == {302}


def test_support_ends_a_membership_without_giving_money_back(rows, at_desk):
    page = reverse("admin:memberships_membership_cancel", args=[first_row("memberships_membership")])
    offered = {role: "refund" in at_desk(role).get(page).context["form"].fields for role in (OWNER, SUPPORT)}
    assert offered == {OWNER: True, SUPPORT: False}


# The groups


def test_the_roles_are_the_same_however_often_they_are_settled(db):
    settle_roles()
    first = {role.name: set(role.permissions.all()) for role in Group.objects.all()}
    settle_roles()
    assert {role.name: set(role.permissions.all()) for role in Group.objects.all()} == first
    assert set(first) == {"Owner", "Support", "Finance", "Read-only"}


def test_a_role_gets_back_what_it_lost_and_loses_what_it_was_given(db):
    settle_roles()
    support = Group.objects.get(name=SUPPORT)
    whole = set(support.permissions.all())
    support.permissions.set(Permission.objects.filter(codename="add_refund"))
    settle_roles()
    assert set(support.permissions.all()) == whole


def test_a_role_that_a_network_made_for_itself_is_left_alone(db):
    shop = Group.objects.create(name="Shop")
    shop.permissions.set(Permission.objects.filter(codename="add_product"))
    settle_roles()
    assert [each.codename for each in shop.permissions.all()] == ["add_product"]


def test_an_owner_may_do_everything_that_is_the_networks(colleague):
    owner: User = colleague(OWNER)
    every = {f"{each.content_type.app_label}.{each.codename}" for each in network_permissions()}
    assert owner.get_all_permissions() == every
    assert "sites.care_for_sites" in every
    assert not {name for name in every if name.startswith(("content.", "wagtail", "account.", "mfa."))}


def test_every_permission_that_a_role_is_given_exists(db):
    every = {f"{each.content_type.app_label}.{each.codename}" for each in network_permissions()}
    given = set().union(*(grants.may for grants in GRANTS.values()))
    assert given <= every
