"""The API's description of itself: as OpenAPI for programs, as a page for people."""

import re

import pytest
from django.test import Client

from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
OPERATIONS = {
    "GET /api/v1/products": "products:read",
    "GET /api/v1/products/{product_id}": "products:read",
    "POST /api/v1/memberships/{membership_id}/cancellation": "memberships:write",
    "DELETE /api/v1/memberships/{membership_id}/scheduled-change": "memberships:write",
    "GET /api/v1/memberships/{membership_id}/usage": "usage:read",
    "POST /api/v1/memberships/{membership_id}/sites": "sites:write",
    "GET /api/v1/orders": "orders:read",
    "GET /api/v1/invoices": "invoices:read",
    "GET /api/v1/invoices/{invoice_id}": "invoices:read",
    "GET /api/v1/sites": "sites:read",
    "GET /api/v1/sites/{site_id}": "sites:read",
    "POST /api/v1/sites/{site_id}/domains": "domains:write",
    "GET /api/v1/domains": "domains:read",
    "GET /api/v1/domains/{domain_id}": "domains:read",
    "DELETE /api/v1/domains/{domain_id}": "domains:write",
    "POST /api/v1/domains/{domain_id}/check": "domains:write",
    "GET /api/v1/memberships": "memberships:read",
    "GET /api/v1/memberships/{membership_id}": "memberships:read",
    "GET /api/v1/memberships/{membership_id}/offers": "memberships:read",
    "POST /api/v1/memberships/{membership_id}/quotes": "quotes:write",
    "GET /api/v1/quotes/{quote_id}": "quotes:write",
    "POST /api/v1/orders": "orders:write",
    "GET /api/v1/orders/{order_id}": "orders:read",
}


@pytest.fixture
def visitor():
    return Client(headers={"host": "localhost"})


@pytest.fixture
def schema(visitor):
    return visitor.get("/api/v1/openapi.json").json()


@pytest.fixture
def operations(schema):
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_is_there_without_a_token_and_takes_no_query(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = visitor.get("/api/v1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.json()["servers"] == [{"url": "http://localhost:8000"}]


def test_every_operation_names_the_scope_that_its_token_needs(schema, operations):
    assert {name: operation["security"] for name, operation in operations.items()} == {
        name: [{"Bearer": [scope]}] for name, scope in OPERATIONS.items()
    }
    assert schema["components"]["securitySchemes"]["Bearer"]["scheme"] == "bearer"


def test_every_problem_is_described_as_one(operations):
    for operation in operations.values():
        problems = {
            int(status): answer for status, answer in operation["responses"].items() if int(status) >= 400
        }
        assert {401, 403} <= problems.keys()
        assert all([*answer["content"]] == ["application/problem+json"] for answer in problems.values())
        assert "WWW-Authenticate" in problems[401]["headers"]


def test_operations_with_a_body_say_what_may_be_wrong_with_it(operations):
    for operation in operations.values():
        has_a_body = "requestBody" in operation
        assert has_a_body == ({"400", "413", "422"} <= operation["responses"].keys())


def test_placing_an_order_says_everything_that_may_come_of_it(operations):
    order = operations["POST /api/v1/orders"]["responses"]
    assert sorted(map(int, order)) == [200, 201, 400, 401, 403, 404, 409, 413, 422, 429, 502, 503]
    assert order["409"]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/OrderConflict")
    assert [*order["201"]["headers"]] == ["Location"]
    assert [*order["503"]["headers"]] == ["Retry-After"]


def test_every_operation_and_field_that_needs_it_is_described(schema, operations):
    assert all(operation["description"] and operation["summary"] for operation in operations.values())
    bodies = ("Wanted", "Confirmation", "Cancellation", "NewSite", "NewDomain")
    assert all(schema["components"]["schemas"][body]["examples"] for body in bodies)
    assert all(schema["components"]["schemas"][body]["additionalProperties"] is False for body in bodies)


def test_the_page_shows_all_of_it_to_anybody_without_a_script_of_others(visitor, schema, operations):
    answer = visitor.get("/api/v1/docs")
    page, shown = answer.content.decode(), text_of(answer)
    assert answer.status_code == 200
    assert all(name in shown for name in OPERATIONS)
    said = [" ".join(operation["description"].replace("`", "").split()) for operation in operations.values()]
    assert [description for description in said if description not in shown] == []
    assert 'curl -H "Authorization: Bearer $TOKEN" http://localhost:8000/api/v1/memberships' in shown
    ids, links = set(re.findall(r'id="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
    assert links - ids == set()
    shapes = {name for name, shape in schema["components"]["schemas"].items() if "properties" in shape}
    assert shapes <= ids
    assert "month | year" in shown
    assert "`" not in shown
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
