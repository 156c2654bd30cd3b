"""Who is not let in, what is not there, what is too large: always problem details, never a page."""

import json
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.tokens.models import ApiToken, Scope
from accounts.tokens.operations import revoke_token, token_of
from checkout.api import memberships
from tests.integration.api.conftest import MARCH_1, MARCH_17, Program, token_for

pytestmark = pytest.mark.django_db
SHAPE = ["title", "status", "code", "detail", "errors"]


@pytest.fixture
def alice(world, catalogue):
    """On Free, which costs no payment."""
    return world.signs_up("alice", catalogue.free, now=MARCH_1)


@pytest.fixture
def bob(world, catalogue):
    return world.signs_up("bob", catalogue.free, now=MARCH_1)


@pytest.fixture
def operations(alice):
    """A request for each operation, and the scope it takes."""
    nothing = uuid.uuid4()
    return [
        ("GET", "/memberships", Scope.MEMBERSHIPS_READ),
        ("GET", f"/memberships/{alice.uid}", Scope.MEMBERSHIPS_READ),
        ("GET", f"/memberships/{alice.uid}/offers", Scope.MEMBERSHIPS_READ),
        ("POST", f"/memberships/{alice.uid}/quotes", Scope.QUOTES_WRITE),
        ("GET", f"/quotes/{nothing}", Scope.QUOTES_WRITE),
        ("POST", "/orders", Scope.ORDERS_WRITE),
        ("GET", f"/orders/{nothing}", Scope.ORDERS_READ),
    ]


def send(program, method, path):
    return program.get(path) if method == "GET" else program.post(path, {})


def problem_of(answer):
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert [*problem][:5] == SHAPE
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    return problem


def test_without_a_token_nothing_is_answered(operations):
    for method, path, _scope in operations:
        answer = send(Program(), method, path)
        assert (answer.status_code, problem_of(answer)["code"]) == (401, "no_token")
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YWxpY2U6c2VjcmV0", "Bearer", "Token sw_x", "sw_x", "bearer"])
def test_what_is_no_bearer_token_is_none(header):
    answer = Client(headers={"host": "localhost", "authorization": header}).get("/api/v1/memberships")
    assert answer.status_code == 401
    assert problem_of(answer)["code"] in {"no_token", "invalid_token"}
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(alice, operations):
    """A page of somebody else's could make a browser ask, with its cookies; so they count for nothing."""
    browser = Program()
    browser.client.force_login(alice.customer.user)
    for method, path, _scope in operations:
        assert send(browser, method, path).status_code == 401


def test_an_unknown_token_opens_nothing(operations):
    for method, path, _scope in operations:
        answer = send(Program("sw_" + "A" * 43), method, path)
        assert (answer.status_code, problem_of(answer)["code"]) == (401, "invalid_token")
        assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_with_strange_letters_is_unknown():
    assert Program("sw_é\x7f" + "x" * 5000).get("/memberships").status_code == 401


def test_a_revoked_token_opens_nothing(alice):
    made = token_for(alice.customer.user)
    assert Program(made.secret).get("/memberships").status_code == 200
    revoke_token(token=made.token, now=MARCH_17)
    answer = Program(made.secret).get("/memberships")
    assert (answer.status_code, problem_of(answer)["code"]) == (401, "invalid_token")


def test_a_token_opens_until_it_expires(alice):
    made = token_for(alice.customer.user, expires_at=MARCH_17)
    with time_machine.travel(MARCH_17 - timedelta(microseconds=1), tick=False):
        assert Program(made.secret).get("/memberships").status_code == 200
    with time_machine.travel(MARCH_17, tick=False):
        assert Program(made.secret).get("/memberships").status_code == 401


def test_the_token_of_somebody_who_may_not_sign_in_opens_nothing(program, alice):
    User.objects.filter(pk=alice.customer.user_id).update(is_active=False)
    assert program.get("/memberships").status_code == 401


def test_the_prefix_of_a_token_is_not_the_token(alice):
    made = token_for(alice.customer.user)
    assert Program(made.token.prefix).get("/memberships").status_code == 401
    assert Program(made.token.digest).get("/memberships").status_code == 401


def test_a_token_may_do_what_its_scopes_say_and_nothing_else(alice, operations):
    for scope in Scope:
        program = Program(token_for(alice.customer.user, scopes=[scope]).secret)
        for method, path, wanted in operations:
            answer = send(program, method, path)
            if scope in wanted.granted_by:
                assert answer.status_code in {200, 404, 422}
            else:
                problem = problem_of(answer)
                assert (problem["status"], problem["code"], problem["scope"]) == (
                    *(403, "missing_scope"),
                    wanted.value,
                )
                assert answer["WWW-Authenticate"] == (
                    f'Bearer error="insufficient_scope", scope="{wanted.value}"'
                )


def test_the_scope_is_asked_for_before_anything_is_looked_up(bob, alice):
    """Whether something exists is not told to a token that may not see it."""
    program = Program(token_for(alice.customer.user, scopes=[Scope.ORDERS_READ]).secret)
    for path in (f"/memberships/{bob.uid}", f"/memberships/{alice.uid}", "/memberships/x"):
        assert program.get(path).status_code == 403


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(alice, django_assert_num_queries):
    made = token_for(alice.customer.user)
    assert made.token.last_used_at is None
    with django_assert_num_queries(2):
        assert token_of(secret=made.secret, now=MARCH_17) == made.token
    with django_assert_num_queries(1):
        token_of(secret=made.secret, now=MARCH_17 + timedelta(seconds=59))
    assert ApiToken.objects.get(pk=made.token.pk).last_used_at == MARCH_17
    with django_assert_num_queries(2):
        token_of(secret=made.secret, now=MARCH_17 + timedelta(seconds=60))


def test_the_secret_is_kept_nowhere(alice):
    made = token_for(alice.customer.user)
    row = json.dumps(ApiToken.objects.filter(pk=made.token.pk).values().get(), default=str)
    assert made.secret not in row
    assert made.secret[len("sw_") + 6 :] not in row
    assert len(made.secret) == len("sw_") + 43


@pytest.mark.parametrize(
    "path", ["/memberships/", "/nothing", "/", "/quotes", f"/orders/{uuid.UUID(int=7)}/pay"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_is_none_is_a_problem_and_no_page(program, path, method):
    answer = getattr(program.client, method)(f"/api/v1{path}")
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("identifier", ["x", "1", "%00", "0" * 31, "membership'--"])
def test_an_identifier_that_cannot_be_one_is_not_found(program, identifier):
    answer = program.get(f"/memberships/{identifier}")
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options", "trace"])
def test_a_method_that_an_address_does_not_know_is_named_with_those_it_does(program, alice, method):
    answer = getattr(program.client, method)(f"/api/v1/memberships/{alice.uid}")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    if method != "head":
        assert problem_of(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"plan=premium", b"\xff\xfe", b"[" * 10_000, b'{"plan": ' + b"9" * 5000 + b"}", b"NaN,"],
    ids=["empty", "cut", "form", "not utf-8", "deep", "long number", "no json"],
)
def test_a_body_that_is_not_json_is_said_so(program, body):
    answer = program.post("/orders", body)
    problem = problem_of(answer)
    if body:
        assert (problem["status"], problem["code"]) == (400, "not_json")
    else:
        assert [(e["path"], e["code"]) for e in problem["errors"]] == [("", "missing_key")]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"quote"', b"7", b"true"])
def test_a_body_that_is_no_object_is_said_so(program, body):
    answer = program.post("/orders", body)
    assert [(e["path"], e["code"]) for e in problem_of(answer)["errors"]] == [("", "wrong_type")]


def test_a_body_has_sixteen_kilobytes_at_most(program):
    spaces = b" " * (16 * 1024 - 2)
    assert program.post("/orders", b"{" + spaces + b"}").status_code == 422
    answer = program.post("/orders", b"{" + spaces + b" }")
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "too_large")


def test_a_strange_query_is_refused_where_it_is_strange(program, alice):
    for name, value in (("limit", 0), ("limit", "x"), ("after", "x")):
        answer = program.get("/memberships", **{name: value})
        assert [error["path"] for error in problem_of(answer)["errors"]] == [f"query.{name}"]
    assert program.get(f"/memberships/{alice.uid}/offers", plan="x").status_code == 422


def test_refusals_are_in_the_language_that_is_asked_for_before_anybody_is_known():
    answer = Program(accept_language="nl").get("/memberships")
    assert (answer.status_code, answer["Content-Language"]) == (401, "nl")


def test_what_breaks_is_a_problem_too_and_is_reported(program, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(memberships, "visible", broken)
    program.client.raise_request_exception = False
    answer = program.get("/memberships")
    assert (answer.status_code, problem_of(answer)["code"]) == (500, "broken")
    assert "foresaw" not in answer.content.decode()
    program.client.raise_request_exception = True
    with pytest.raises(RuntimeError, match="nobody foresaw this"):
        program.get("/memberships")


def test_no_answer_is_kept_by_anybody_on_the_way(program, operations):
    for method, path, _scope in operations:
        assert "no-store" in send(program, method, path)["Cache-Control"]
    assert "no-store" in Program().get("/memberships")["Cache-Control"]


def test_nothing_is_asked_of_a_form_token(alice):
    """A program has no page to take one from; and cookies open nothing."""
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    strict.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token_for(alice.customer.user).secret}"
    answer = strict.post("/api/v1/orders", {}, content_type="application/json")
    assert answer.status_code == 422
    assert strict.post("/api/v1/nowhere").status_code == 404


def test_each_request_is_logged_with_its_token_and_without_its_secret(program, alice, caplog):
    caplog.set_level("INFO", logger="checkout.api.v1")
    program.get(f"/memberships/{uuid.uuid4()}")
    said = next(record.msg for record in caplog.records if record.name == "checkout.api.v1")
    token = ApiToken.objects.get(user=alice.customer.user)
    assert (said["event"], said["api_token"], said["user_id"]) == (
        *("api request", str(token.uid)),
        alice.customer.user_id,
    )
    assert (said["method"], said["status"]) == ("GET", 404)
    secret = program.client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert secret not in str([record.msg for record in caplog.records])


def test_a_sites_host_knows_no_api(program, site_a, on_site):
    visitor = on_site(site_a)
    for path in ("/api/v1/memberships", "/api/v1/openapi.json", "/api/v1/docs", "/account/tokens/"):
        answer = visitor.get(
            path, headers={"authorization": program.client.defaults["HTTP_AUTHORIZATION"]}, follow=True
        )
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_sites_schema_has_no_tokens(site_a):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'tokens_apitoken'"
        )
        assert cursor.fetchall() == [("public",)]
