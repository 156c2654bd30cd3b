"""Products that contradict themselves are refused at the field, and nothing is half saved."""

import pytest

from products.models import Price, Product
from tests.integration.products.product_page import posted
from tests.integration.products.test_product_admin import ADD, page_of, wrong


@pytest.fixture
def basic(make_product) -> Product:
    return make_product("basic", price=3000)


def test_what_is_active_has_a_price(desk):
    answer = desk.post(ADD, posted(is_active="on"))
    assert wrong(answer) == {}
    (prices,) = answer.context["inline_admin_formsets"]
    assert prices.formset.non_form_errors() == [
        "What is active has a price. Add one, or make the product inactive."
    ]
    assert answer.context["first_wrong_tab"] == "prices"
    assert not Product.objects.exists()


def test_the_last_price_of_what_is_active_stays(desk, basic):
    price = basic.prices.get()
    row = {"id": price.pk, "amount": "30.00", "DELETE": "on"}
    answer = desk.post(page_of(basic), posted(basic, prices=[row]))
    assert answer.context["first_wrong_tab"] == "prices"
    assert Price.objects.get().superseded_at is None
    sent = posted(basic, prices=[row])
    del sent["is_active"]
    assert desk.post(page_of(basic), sent).status_code == 302
    assert Price.objects.get().superseded_at is not None


def test_an_active_package_goes_with_a_plan(desk, basic):
    typed = posted(code="disk", name="Disk", prices=[{"amount": "5.00"}])
    answer = desk.post(f"{ADD}?type=package", typed)
    assert wrong(answer) == {
        "partners": ["Choose a plan that it goes with, or nobody can buy it while it is active."]
    }
    assert not Product.objects.filter(code="disk").exists()
    assert desk.post(f"{ADD}?type=package", typed | {"partners": [basic.pk]}).status_code == 302


def test_a_product_in_use_is_not_deleted_and_is_archived_instead(desk, basic):
    assert desk.post(page_of(basic).replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
    sent = posted(basic)
    del sent["is_active"]
    desk.post(page_of(basic), sent)
    basic.refresh_from_db()
    assert basic.is_active is False
