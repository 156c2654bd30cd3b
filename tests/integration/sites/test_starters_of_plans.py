"""The starter sites that a plan offers: at the desk, and wherever people choose one."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from memberships.operations.entitlements import plans_of
from products.limits import Limits
from products.models import Product
from sites.models import Site, Starter
from sites.operations import ask_for_starter, create_site
from sites.operations.begin import starters_for
from tests.integration.products.product_page import posted
from tests.plugins.sites import LIMITS, NOW, member


@pytest.fixture
def membership(db):
    return member("garden", limits=LIMITS)


@pytest.fixture
def plan(membership) -> Product:
    return membership.items.get().product


@pytest.fixture
def other(db) -> Product:
    return Product.objects.create(code="other", name="Other")


@pytest.fixture
def garden(site_a: Site) -> Starter:
    return Starter.objects.create(site=site_a, name="Garden", is_default=True)


@pytest.fixture
def shop(site_b: Site) -> Starter:
    return Starter.objects.create(site=site_b, name="Shop")


def offered(plan: Product) -> list[Starter]:
    return starters_for(Limits(LIMITS), plans=[plan.pk])


def page_of(plan: Product) -> str:
    return reverse("admin:products_product_change", args=[plan.pk], urlconf=settings.PUBLIC_SCHEMA_URLCONF)


def test_a_plan_that_names_none_offers_all(plan, garden, shop):
    assert offered(plan) == [garden, shop]


def test_a_plan_that_names_some_offers_those_and_others_are_not_touched(plan, other, garden, shop):
    plan.starters.set([shop])
    assert (offered(plan), offered(other)) == ([shop], [garden, shop])


def test_it_takes_one_query_also_when_the_plan_is_asked_for(
    plan, membership, garden, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert starters_for(Limits(LIMITS), plans=plans_of(membership.pk)) == [garden]


def test_a_new_site_begins_only_as_what_its_plan_offers(plan, membership, garden, shop):
    plan.starters.set([shop])
    with pytest.raises(ValidationError) as refused:
        create_site(membership=membership, name="Garden", slug="garden", starter=garden, now=NOW)
    assert refused.value.message_dict == {
        "starter": ["This starter site is not offered with your plan. Choose another."]
    }
    site = create_site(membership=membership, name="Garden", slug="garden", now=NOW)
    assert site.starter is None, "the default one is not of this plan"
    assert (
        create_site(membership=membership, name="Shop", slug="corner-shop", starter=shop, now=NOW).starter
        == shop
    )


def test_a_site_changes_only_to_what_its_plan_offers(site_a, site_b, shop):
    plan = site_a.membership.items.get(product__type="plan").product
    plan.starters.set([Starter.objects.create(site=site_a, name="Garden")])
    with pytest.raises(ValidationError, match="not offered with your plan"):
        ask_for_starter(site=site_a, starter=shop, now=NOW)
    plan.starters.set([shop])
    assert ask_for_starter(site=site_a, starter=shop, now=NOW).starter == shop


# At the desk


def test_the_tab_is_on_plans_only_and_ticks_what_they_name(desk: Client, plan, garden, shop):
    plan.starters.set([shop])
    answer = desk.get(page_of(plan))
    assert [str(tab["title"]) for tab in answer.context["tab_list"][0]["items"]] == [
        *("General", "Prices", "Up & Downgrades", "Limits", "Taxes", "Site templates"),
    ]
    assert answer.context["adminform"].form["starters"].value() == [shop.pk]
    package = Product.objects.create(code="disk", name="Disk", type="package")
    assert "starters" not in desk.get(page_of(package)).context["adminform"].form.fields


def test_saving_the_tab_says_what_the_plan_offers(desk: Client, plan, garden, shop):
    assert desk.post(page_of(plan), posted(plan, starters=[garden.pk])).status_code == 302
    assert offered(plan) == [garden]
    desk.post(page_of(plan), posted(plan))
    assert offered(plan) == [garden, shop]


def test_a_starter_that_there_is_not_is_refused_at_the_field(desk: Client, plan, garden):
    answer = desk.post(page_of(plan), posted(plan, starters=["999"]))
    assert answer.context["adminform"].form.errors == {
        "starters": ["Select a valid choice. 999 is not one of the available choices."]
    }
    assert answer.context["first_wrong_tab"] == "site-templates"
