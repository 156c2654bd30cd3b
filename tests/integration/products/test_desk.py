"""The network admin: who gets in, under which policy, what can be seen and what not be changed."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from checkout.models import Order, Quote
from memberships import tasks
from memberships.models import (
    Customer,
    InboundEvent,
    Invoice,
    Membership,
    Notice,
    Payment,
    Refund,
    WalletEntry,
)
from sites.models import Domain, Site
from tests.integration.products.desk_rows import START, full_membership, give

ROWS = (
    *(Customer, Invoice, Membership, Notice, Order, Payment, Quote, Refund, WalletEntry),
    *(InboundEvent, Site, Domain),
)
READ_ONLY = tuple(model for model in ROWS if model is not Customer)


def list_of(model) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def page_of(row) -> str:
    return f"{list_of(type(row))}{row.pk}/change/"


def name_of(model) -> str:
    return str(model._meta.model_name)


@pytest.fixture
def premium(make_product, high_end):
    return make_product("premium", group=high_end, price=3000)


@pytest.fixture
def members(premium):
    """Make the customers with the given numbers."""
    return lambda *numbers: [full_membership(number, plan=premium) for number in numbers]


# Getting in


def test_a_visitor_is_sent_to_the_networks_own_sign_in(db):
    answer = Client(SERVER_NAME="localhost").get("/admin/products/product/", follow=True)
    assert answer.redirect_chain[-1][0] == "/auth/login/?next=%2Fadmin%2Fproducts%2Fproduct%2F"


def test_a_customer_does_not_get_in(db):
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_user(email="kim@example.com"))
    assert client.get("/admin/", follow=True).status_code == 403


def test_an_admin_who_left_does_not_get_in(desk, staff):
    staff.is_active = False
    staff.save()
    assert desk.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/auth/login/")


def test_the_admin_is_on_the_networks_host_only(desk):
    assert desk.get("/admin/", SERVER_NAME="elsewhere.example").status_code == 404


# Policy


def policy_of(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


def test_the_admin_runs_under_a_policy_of_its_own(desk):
    policy = policy_of(desk.get("/admin/"))
    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_every_other_page_keeps_the_strict_policy(desk):
    policy = policy_of(desk.get("/auth/login/", follow=True))
    assert policy["default-src"] == "'self'"
    assert not {"script-src", "style-src"} & policy.keys()
    assert "unsafe" not in str(policy)


def test_admin_pages_hold_no_inline_script(desk, members):
    (membership,) = members(1)
    for address in ("/admin/", "/admin/products/product/add/", page_of(membership)):
        page = desk.get(address).content.decode()
        scripts = [tag.partition(">")[0] for tag in page.split("<script")[1:]]
        assert scripts
        assert [tag for tag in scripts if "src=" not in tag and "application/json" not in tag] == []
        assert "onclick=" not in page


# Looking


def test_the_first_page_counts_what_needs_a_look(desk, members):
    members(1)
    InboundEvent.objects.update(state="failed")
    answer = desk.get("/admin/")
    counts = {str(entry["title"]): entry["rows"].count() for entry in answer.context["attention"]}
    assert counts == {
        "Paid and not applied": 0,
        "Orders to hold against the gateway": 0,
        "Webhook events that failed": 1,
        "Memberships with an overdue payment": 0,
        "Paid and not ready": 0,
        "Sites that need attention": 0,
        "Sites in maintenance": 0,
        "Webhook endpoints that take nothing": 0,
    }


def test_every_entry_of_the_side_bar_leads_to_a_page(desk, members, settings):
    settings.ROOT_URLCONF = settings.PUBLIC_SCHEMA_URLCONF  # outside a request, links are made by this one
    members(1)
    groups = desk.get("/admin/").context["sidebar_navigation"]
    links = [str(item["link"]) for group in groups for item in group["items"]]
    assert len(links) == 35
    assert {link: desk.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_desk_shows_the_networks_rows_only(db):
    assert get_resolver(
        "config.urls_network"
    ).url_patterns  # what is not for the desk is taken off as it is laid
    shown = {model._meta.label for model in admin.site._registry}
    assert shown == {
        *(
            "accounts.User",
            "auth.Group",
            "staff.StaffMember",
            "staff.StaffAction",
            "products.Product",
            "products.PlanGroup",
            "products.TaxRate",
        ),
        *("products.Discount", "sites.OverLimitPolicy", "sites.Starter", "tokens.ApiToken"),
        *("imports.ImportJob", "imports.ImportRow"),
        *("memberships.PriceCampaign", "memberships.CampaignMember"),
        *("sites.DomainClaim", "sites.RetiredSchema", "sites.SiteJob", "checkout.SignUp"),
        *("hooks.Endpoint", "hooks.Message", "legal.LegalText", "legal.Acceptance"),
        *(model._meta.label for model in ROWS),
    }


@pytest.mark.parametrize("model", ROWS, ids=name_of)
def test_every_row_has_a_page(desk, members, model):
    members(1)
    assert desk.get(page_of(model.objects.get())).status_code == 200


@pytest.mark.parametrize("model", ROWS, ids=name_of)
def test_every_list_can_be_searched_by_the_customer_or_a_reference(desk, members, model):
    members(1)
    found = {InboundEvent: "evt_1", Domain: "site1"}.get(model, "customer1@example.com")
    for word, count in ((found, 1), ("nobody@example.org", 0)):
        assert len(desk.get(list_of(model), {"q": word}).context["cl"].result_list) == count


def test_a_memberships_page_tells_the_whole_story(desk, members, django_assert_num_queries):
    (membership,) = members(1)
    desk.get(page_of(membership))
    with django_assert_num_queries(31):
        page = desk.get(page_of(membership)).content.decode()
    for said in ("Company 1", "€30.00 per month", "€2.50", "€36.30", "Pending → Active", "2026-00001"):
        assert said in page
    assert "Site 1: 12" in page  # posts, beside what is allowed
    assert "Site 1" in page


def test_a_long_story_takes_no_more_queries(desk, members, django_assert_num_queries):
    (membership,) = members(1)
    owner = membership.customer.user
    for number in range(5):
        give(membership, reference=f"again-{number}")
        membership.transitions.create(kind="kept_plan", at=START, actor=owner)
        membership.payments.create(amount=1, currency="EUR", purpose="More", created_at=START)
        Site.objects.create(name="More", slug=f"more-{number}", membership=membership, created_at=START)
    desk.get(page_of(membership))
    with django_assert_num_queries(31):
        desk.get(page_of(membership))


def test_an_event_is_shown_as_text_never_as_html(desk, members):
    members(1)
    page = desk.get(page_of(InboundEvent.objects.get())).content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold</b>" not in page


# Not changing


@pytest.mark.parametrize("model", READ_ONLY, ids=name_of)
def test_rows_of_record_cannot_be_added_changed_or_deleted(desk, members, model):
    members(1)
    row = model.objects.get()
    before = model.objects.values().get()
    assert desk.get(f"{list_of(model)}add/").status_code == 403
    assert desk.post(f"{list_of(model)}add/", {}).status_code == 403
    assert desk.post(page_of(row), {"amount": "1", "state": "failed", "_save": ""}).status_code == 403
    assert desk.post(f"{list_of(model)}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(list_of(model), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model.objects.values().get() == before


def test_a_customers_billing_details_can_be_corrected_and_nothing_else(desk, members):
    members(1)
    customer = Customer.objects.get()
    typed = {"company": "New name", "address": "", "country": "BE", "vat_number": "", "gateway_ref": "cus_x"}
    counts = ("TOTAL_FORMS", "INITIAL_FORMS")
    rows = [f"{name}-{count}" for name in ("memberships", "payment_methods") for count in counts]
    assert desk.post(page_of(customer), typed | dict.fromkeys(rows, 0)).status_code == 302
    customer.refresh_from_db()
    assert (customer.company, customer.country, customer.gateway_ref) == ("New name", "BE", "cus_1")
    assert desk.post(f"{list_of(Customer)}{customer.pk}/delete/", {"post": "yes"}).status_code == 403


# Replay


@pytest.fixture
def queued(monkeypatch):
    events: list[int] = []
    monkeypatch.setattr(tasks.handle_inbound_event, "enqueue", lambda *, event_id: events.append(event_id))
    return events


def test_replay_queues_the_chosen_events_again(desk, members, queued):
    members(1, 2)
    event = InboundEvent.objects.get(external_id="evt_1")
    InboundEvent.objects.filter(pk=event.pk).update(state="failed", error="cut", attempts=3)
    answer = desk.post(list_of(InboundEvent), {"action": "replay", "_selected_action": event.pk})
    assert answer.status_code == 302
    assert queued == [event.pk]
    states = InboundEvent.objects.order_by("pk").values_list("state", "error", "attempts")
    assert list(states) == [("received", "", 3), ("handled", "", 1)]


def test_replay_needs_the_permission_to_change_events(desk, staff, members, queued):
    members(1)
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_inboundevent"]))
    event = InboundEvent.objects.get()
    assert "Replay" not in desk.get(list_of(InboundEvent)).content.decode()
    assert "Replay" not in desk.get(page_of(event)).content.decode()
    desk.post(list_of(InboundEvent), {"action": "replay", "_selected_action": event.pk})
    assert queued == []
    assert InboundEvent.objects.get().state == "handled"


def test_staff_see_only_what_their_role_lets_them(desk, staff, members):
    members(1)
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_product"]))
    answer = desk.get("/admin/")
    entries = [entry for group in answer.context["sidebar_navigation"] for entry in group["items"]]
    shown = [str(entry["title"]) for entry in entries if entry["has_permission"]]
    assert shown == ["Overview", "Products"]
    assert answer.context["attention"] == []
    assert desk.get(list_of(Payment)).status_code == 403
    assert desk.get("/admin/products/product/").status_code == 200
    assert desk.get("/admin/products/product/add/").status_code == 403
