"""A product made like another one."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from products.limits import Kind
from products.models import Product
from products.operations.limits import change_limits
from products.operations.prices import revise_price
from tests.integration.products.test_product_admin import page_of, said


@pytest.fixture
def premium(make_product, high_end) -> Product:
    plan = make_product("premium", group=high_end, rank=20, price=3000, is_recommended=True)
    change_limits(product=plan, amounts={Kind.POSTS: 100, Kind.DISK: None})
    plan.addons.set([make_product("disk", type="package")])
    revise_price(price=plan.prices.get(), amount=3500, setup_fee=900, trial_days=14, now=timezone.now())
    return plan


def ask_of(product: Product) -> str:
    return page_of(product).replace("/change/", "/duplicate/")


def test_a_copy_costs_allows_and_goes_with_the_same_and_is_not_sold(desk, premium, high_end):
    answer = desk.post(ask_of(premium), {"name": "Premium 2027", "code": "premium-2027"})
    copy = Product.objects.get(code="premium-2027")
    assert answer["Location"] == page_of(copy)
    assert said(answer) == ["The copy is not on sale yet: look it through, then make it active."]
    assert (copy.name, copy.type, copy.group, copy.rank) == ("Premium 2027", "plan", high_end, 20)
    assert (copy.is_active, copy.is_recommended) == (False, False)
    assert list(copy.prices.values_list("amount", "setup_fee", "trial_days")) == [(3500, 900, 14)]
    assert sorted(copy.limits.values_list("kind", "amount")) == [("disk", None), ("posts", 100)]
    assert list(copy.addons.values_list("code", flat=True)) == ["disk"]
    assert premium.prices.count() == 2


def test_a_package_is_available_with_the_same_plans(desk, premium):
    package = Product.objects.get(code="disk")
    desk.post(ask_of(package), {"name": "More disk", "code": "more-disk"})
    assert list(Product.objects.get(code="more-disk").available_with.all()) == [premium]


def test_the_page_proposes_a_name_and_a_code_that_is_free(desk, premium):
    first = desk.get(ask_of(premium)).context["form"].initial
    assert first == {"name": "Premium (copy)", "code": "premium-copy"}
    desk.post(ask_of(premium), first)
    assert desk.get(ask_of(premium)).context["form"].initial["code"] == "premium-copy-2"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name": "", "code": "new"}, {"name": ["This field is required."]}),
        ({"name": "New", "code": "premium"}, {"code": ["There is a product of this code already."]}),
        (
            {"name": "New", "code": "not a code"},
            {"code": ["Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."]},
        ),
    ],
    ids=["no_name", "taken", "no_code"],
)
def test_a_wrong_name_or_code_is_refused_at_its_field(desk, premium, typed, errors):
    answer = desk.post(ask_of(premium), typed)
    assert (answer.status_code, dict(answer.context["form"].errors)) == (422, errors)
    assert Product.objects.count() == 2


def test_it_needs_the_permission_to_add_products(desk, staff, premium):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_product", "change_product"]))
    assert desk.get(ask_of(premium)).status_code == 403
    assert "Duplicate" not in desk.get(page_of(premium)).content.decode()
