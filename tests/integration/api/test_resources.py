"""Products, orders, invoices, sites, domains and usage by API: one's own, a page at a time, and nothing of others."""

import uuid

import pytest
from django.contrib.auth.models import Permission

from accounts.tokens.models import Scope
from checkout.operations import rate_limit
from memberships.models import Invoice, Membership
from products.limits import Kind
from products.models import ProductLimit
from sites.models import DomainClaim, Site
from sites.operations.create import create_site
from sites.operations.domains import claim_domain
from tests.integration.api.conftest import MARCH_1, Program, refusals, token_for

pytestmark = pytest.mark.django_db
MONTH, YEAR = {"unit": "month", "count": 1}, {"unit": "year", "count": 1}
A_NAME = "www.alice.example.com"


@pytest.fixture(autouse=True)
def _domains_for_premium(catalogue):
    ProductLimit.objects.create(product=catalogue.premium, kind=Kind.DOMAINS, amount=1)


@pytest.fixture
def site(alice) -> Site:
    return create_site(membership=alice, name="Alice's", slug="alice", now=MARCH_1)


@pytest.fixture
def claim(site) -> DomainClaim:
    return claim_domain(site=site, typed=A_NAME, now=MARCH_1)


@pytest.fixture
def theirs(bob) -> dict[str, str]:
    """What Bob has, by the name of its address."""
    site = create_site(membership=bob, name="Bob's", slug="bob", now=MARCH_1)
    return {
        "memberships": str(bob.uid),
        "orders": str(bob.orders.get().uid),
        "invoices": str(bob.invoices.get().uid),
        "sites": str(site.uid),
        "domains": str(claim_domain(site=site, typed="www.bob.example.com", now=MARCH_1).uid),
    }


def described(site: Site) -> dict:
    return {
        "id": str(site.uid),
        "membership": str(site.membership.uid),
        "name": site.name,
        "address": site.slug,
        "url": f"http://{site.slug}.sites.localhost:8000/",
        "state": "provisioning",
        "access": "open",
        "created_at": "2026-03-01T00:00:00Z",
        "ready_at": None,
    }


def test_what_is_sold_is_listed_with_prices_limits_and_what_goes_with_it(program, catalogue):
    catalogue.basic.is_active = False
    catalogue.basic.save()
    answer = program.get("/products", type="plan").json()
    assert [product["code"] for product in answer["data"]] == ["free", "premium", "business"]
    assert (answer["next"], answer["prices_include_tax"]) == (None, False)
    premium = answer["data"][1]
    assert premium == program.get(f"/products/{catalogue.premium.uid}").json()
    assert (premium["group"], premium["rank"], premium["type"]) == ("High End", 2, "plan")
    assert premium["prices"] == [
        {"currency": "EUR", "interval": MONTH, "amount": 3000, "setup_fee": 0, "trial_days": 0},
        {"currency": "EUR", "interval": YEAR, "amount": 30000, "setup_fee": 0, "trial_days": 0},
    ]
    assert premium["limits"]["posts"] == 100
    assert premium["addons"] == [
        str(addon.uid) for addon in (catalogue.visits, catalogue.disk, catalogue.design)
    ]
    assert program.get(f"/products/{catalogue.basic.uid}").status_code == 404


def test_what_is_bought_once_has_no_interval(program, catalogue):
    (design,) = program.get("/products", type="service").json()["data"]
    assert design["prices"][0] | {"amount": 0} == {
        "currency": "EUR", "interval": None, "amount": 0, "setup_fee": 0, "trial_days": 0
    }  # fmt: skip


def test_orders_are_listed_and_narrowed(program, alice, world, catalogue, bob):
    second = world.orders(alice, catalogue.business, now=MARCH_1)
    listed = program.get("/orders").json()["data"]
    assert [(order["state"], order["amount"]) for order in listed] == [("fulfilled", 3000), ("open", 6000)]
    assert listed[0]["title"] == "Started Premium"
    assert [row["id"] for row in program.get("/orders", state="open").json()["data"]] == [str(second.uid)]
    assert program.get("/orders", membership=bob.uid).json() == {"data": [], "next": None}


def test_invoices_are_listed_and_shown_with_their_lines(program, alice, bob):
    invoice = Invoice.objects.get(membership=alice)
    (listed,) = program.get("/invoices").json()["data"]
    shown = program.get(f"/invoices/{invoice.uid}").json()
    assert listed.items() <= shown.items()
    assert (shown["number"], shown["type"], shown["total"], shown["due"]) == (
        invoice.number, "invoice", 3000, 3000
    )  # fmt: skip
    assert shown["payment"] == str(alice.payments.get().uid)
    assert [(line["product"], line["quantity"], line["net"]) for line in shown["lines"]] == [
        ("premium", 1, 3000)
    ]
    assert program.get("/invoices", type="credit_note").json()["data"] == []
    assert program.get("/invoices", issued_since="2026-03-01T00:00:00Z").json()["data"] == [listed]
    assert program.get("/invoices", issued_since="2026-03-01T00:00:01Z").json()["data"] == []


def test_a_list_goes_on_with_what_was_asked_for(program, alice, catalogue):
    sites = [create_site(membership=alice, name="A", slug=f"alice-{n}", now=MARCH_1) for n in range(3)]
    first = program.get("/sites", state="provisioning", limit=2).json()
    assert [row["id"] for row in first["data"]] == [str(site.uid) for site in sites[:2]]
    assert first["next"] == f"/api/v1/sites?state=provisioning&limit=2&after={sites[1].uid}"
    rest = program.client.get(first["next"]).json()
    assert ([row["id"] for row in rest["data"]], rest["next"]) == ([str(sites[2].uid)], None)


@pytest.mark.parametrize(
    ("path", "query", "fault"),
    [
        ("/orders", {"state": "lost"}, ("query.state", "bad_value")),
        ("/invoices", {"issued_since": "yesterday"}, ("query.issued_since", "bad_value")),
        ("/invoices", {"issued_since": "2026-03-01T00:00:00"}, ("query.issued_since", "bad_value")),
        ("/sites", {"limit": 0}, ("query.limit", "out_of_range")),
        ("/sites", {"limit": 101}, ("query.limit", "out_of_range")),
        ("/domains", {"after": "x"}, ("query.after", "bad_value")),
        ("/products", {"type": "cart"}, ("query.type", "bad_value")),
    ],
)
def test_a_filter_that_cannot_be_is_named(program, path, query, fault):
    assert refusals(program.get(path, **query)) == [fault]


def test_a_site_is_made_and_asked_for_until_it_is_ready(program, alice):
    wanted = {"name": "Alice's", "address": "alice"}
    made = program.post(f"/memberships/{alice.uid}/sites", wanted)
    site = Site.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/sites/{site.uid}")
    assert made.json() == program.get(f"/sites/{site.uid}").json()
    assert made.json() | {"created_at": "2026-03-01T00:00:00Z"} == described(site)


def test_the_same_site_asked_for_again_is_answered_and_not_made_twice(program, alice):
    wanted = {"name": "Alice's", "address": "alice"}
    first = program.post(f"/memberships/{alice.uid}/sites", wanted)
    again = program.post(f"/memberships/{alice.uid}/sites", wanted)
    assert (again.status_code, again.json()) == (200, first.json())
    assert Site.objects.count() == 1


def test_an_address_of_somebody_else_is_taken(program, alice, theirs):
    answer = program.post(f"/memberships/{alice.uid}/sites", {"name": "Mine", "address": "bob"})
    assert refusals(answer) == [("address", "refused")]


@pytest.mark.parametrize(
    ("wanted", "faults"),
    [
        ({}, [("name", "missing_key"), ("address", "missing_key")]),
        ({"name": "", "address": "a"}, [("name", "out_of_range")]),
        ({"name": "x" * 81, "address": "a"}, [("name", "out_of_range")]),
        ({"name": "A", "address": "Alice"}, [("address", "bad_value")]),
        ({"name": "A", "address": "www"}, [("address", "refused")]),
        ({"name": "A", "address": "alice", "owner": "bob"}, [("owner", "unknown_key")]),
    ],
    ids=["nothing", "no name", "long", "capital", "reserved", "more"],
)
def test_a_site_that_cannot_be_is_refused_at_its_keys(program, alice, wanted, faults):
    assert refusals(program.post(f"/memberships/{alice.uid}/sites", wanted)) == faults
    assert not Site.objects.exists()


def test_no_more_sites_than_the_membership_allows(program, alice):
    for n in range(3):
        create_site(membership=alice, name="A", slug=f"alice-{n}", now=MARCH_1)
    answer = program.post(f"/memberships/{alice.uid}/sites", {"name": "A", "address": "alice-9"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "limit_reached")
    assert (problem["limit"], problem["used"], problem["allowed"]) == ("sites", 3, 3)


def test_usage_stands_beside_what_is_allowed(program, alice, site):
    Site.objects.filter(pk=site.pk).update(usage={"posts": 7}, usage_at=MARCH_1)
    usage = program.get(f"/memberships/{alice.uid}/usage").json()
    assert usage["shared"] == [{"limit": "sites", "used": 1, "allowed": 3}]
    assert (usage["sites"][0]["site"], usage["sites"][0]["counted_at"]) == (
        str(site.uid), "2026-03-01T00:00:00Z"
    )  # fmt: skip
    assert usage["sites"][0]["usage"][0] == {"limit": "posts", "used": 7, "allowed": 100}


def test_a_domain_is_claimed_looked_up_and_given_up(program, site):
    claimed = program.post(f"/sites/{site.uid}/domains", {"domain": "WWW.Alice.Example.com"})
    claim = DomainClaim.objects.get()
    assert (claimed.status_code, claimed["Location"]) == (201, f"/api/v1/domains/{claim.uid}")
    assert claimed.json() == {
        "id": str(claim.uid),
        "site": str(site.uid),
        "domain": A_NAME,
        "state": "waiting",
        "proof": {"name": f"_sitewright.{A_NAME}", "value": f"sitewright={claim.token}"},
        "checked_at": None,
        "created_at": claimed.json()["created_at"],
        "active_at": None,
    }
    again = program.post(f"/sites/{site.uid}/domains", {"domain": A_NAME})
    assert (again.status_code, again.json()) == (200, claimed.json())
    assert program.post(f"/domains/{claim.uid}/check", {}).status_code == 200
    assert program.client.delete(f"/api/v1/domains/{claim.uid}").status_code == 200
    assert program.get("/domains").json()["data"] == []


def test_a_domain_that_was_proven_rests_when_it_is_given_up(program, claim):
    DomainClaim.objects.filter(pk=claim.pk).update(state="proven", proven_at=MARCH_1)
    for _twice in range(2):
        assert program.client.delete(f"/api/v1/domains/{claim.uid}").json()["state"] == "resting"


def test_a_domain_that_cannot_be_is_refused_at_its_key_and_one_too_many_by_its_limit(program, site, claim):
    answer = program.post(f"/sites/{site.uid}/domains", {"domain": "https://alice.example.com/"})
    assert refusals(answer) == [("domain", "refused")]
    full = program.post(f"/sites/{site.uid}/domains", {"domain": "blog.alice.example.com"})
    assert (full.status_code, full.json()["limit"], full.json()["allowed"]) == (409, "domains", 1)


def test_nobody_makes_things_without_end(program, alice, monkeypatch):
    monkeypatch.setattr(rate_limit, "MOST_SITES_A_MINUTE", 0)
    answer = program.post(f"/memberships/{alice.uid}/sites", {"name": "Alice's", "address": "alice"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(answer["Retry-After"]) <= 60


def test_a_membership_is_cancelled_once_and_kept_again(program, alice, in_march):
    asked = [program.post(f"/memberships/{alice.uid}/cancellation", {"reason": "Closed"}) for _ in range(2)]
    for answer in asked:
        assert answer.status_code == 200
        assert answer.json()["scheduled_change"]["kind"] == "cancellation"
        assert answer.json()["scheduled_change"]["effective_at"] == "2026-04-01T00:00:00Z"
    assert alice.scheduled_changes.count() == 1
    for _twice in range(2):
        kept = program.client.delete(f"/api/v1/memberships/{alice.uid}/scheduled-change")
        assert (kept.status_code, kept.json()["scheduled_change"]) == (200, None)


def test_what_has_ended_or_waits_for_money_cannot_be_cancelled(program, alice, world, catalogue):
    order = world.orders(alice, catalogue.business, now=MARCH_1)
    waits = program.post(f"/memberships/{alice.uid}/cancellation", {})
    assert (waits.status_code, waits.json()["code"]) == (409, "another_order_is_open")
    assert waits.json()["order"] == str(order.uid)
    order.delete()
    alice.move(Membership.State.CANCELLED, now=MARCH_1)
    ended = program.post(f"/memberships/{alice.uid}/cancellation", {})
    assert (ended.status_code, ended.json()["code"]) == (409, "membership_has_ended")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/memberships/{memberships}"),
        ("get", "/memberships/{memberships}/usage"),
        ("post", "/memberships/{memberships}/sites"),
        ("post", "/memberships/{memberships}/cancellation"),
        ("delete", "/memberships/{memberships}/scheduled-change"),
        ("get", "/orders/{orders}"),
        ("get", "/invoices/{invoices}"),
        ("get", "/sites/{sites}"),
        ("post", "/sites/{sites}/domains"),
        ("get", "/domains/{domains}"),
        ("post", "/domains/{domains}/check"),
        ("delete", "/domains/{domains}"),
    ],
)
def test_what_is_somebody_elses_is_not_found(program, theirs, method, path):
    bodies = {"sites": {"name": "Mine", "address": "mine"}, "domains": {"domain": A_NAME}}
    body = bodies.get(path.rpartition("/")[2], {})
    before = (DomainClaim.objects.count(), Site.objects.count())
    for ids in (theirs, dict.fromkeys(theirs, str(uuid.uuid4()))):
        url = f"/api/v1{path.format(**ids)}"
        sent = {"data": body, "content_type": "application/json"} if method == "post" else {}
        answer = getattr(program.client, method)(url, **sent)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (DomainClaim.objects.count(), Site.objects.count()) == before


@pytest.mark.parametrize("path", ["/orders", "/invoices", "/sites", "/domains", "/memberships"])
def test_lists_hold_nothing_of_others(program, theirs, path):
    listed = program.get(path)
    after_theirs = program.get(path, after=theirs[path.removeprefix("/")])
    assert theirs[path.removeprefix("/")] not in listed.content.decode()
    assert after_theirs.json() == {"data": [], "next": None}


@pytest.fixture
def clerk(world):
    """Staff who may see sites and memberships, with a token for everything."""
    user = world.person("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_site", "view_membership"]))
    return user


def test_staff_see_what_the_admin_lets_them_see_of_everybody(clerk, theirs):
    program = Program(token_for(clerk).secret)
    assert program.get(f"/sites/{theirs['sites']}").status_code == 200
    assert program.get(f"/memberships/{theirs['memberships']}").status_code == 200
    assert [row["id"] for row in program.get("/sites").json()["data"]] == [theirs["sites"]]
    assert program.get(f"/invoices/{theirs['invoices']}").status_code == 404
    assert program.get("/orders").json()["data"] == []


def test_staff_change_nothing_of_a_customer_by_api(clerk, theirs):
    program = Program(token_for(clerk).secret)
    assert program.post(f"/memberships/{theirs['memberships']}/cancellation", {}).status_code == 404
    assert program.post(f"/sites/{theirs['sites']}/domains", {"domain": A_NAME}).status_code == 404
    assert program.client.delete(f"/api/v1/domains/{theirs['domains']}").status_code == 404


def test_without_the_scope_or_without_being_staff_nobody_sees_others(clerk, alice, theirs):
    narrow = Program(token_for(clerk, scopes=[Scope.SITES_READ]).secret)
    assert narrow.get("/sites").json()["data"] == []
    customer = Program(token_for(alice.customer.user).secret)
    assert customer.get("/sites").json()["data"] == []


def test_a_scope_opens_its_resource_only(alice, site):
    program = Program(token_for(alice.customer.user, scopes=[Scope.DOMAINS_WRITE]).secret)
    assert program.get("/domains").status_code == 200
    assert program.get("/sites").json()["scope"] == "sites:read"
    refused = program.post(f"/memberships/{alice.uid}/sites", {"name": "A", "address": "a"})
    assert (refused.status_code, refused.json()["scope"]) == (403, "sites:write")


@pytest.mark.parametrize(
    ("path", "queries"), [("/products", 5), ("/orders", 2), ("/invoices", 2), ("/sites", 2)]
)
def test_a_list_takes_as_many_queries_however_long_it_is(
    program, alice, site, world, *, catalogue, path, queries, django_assert_num_queries
):
    program.get("/memberships")  # so that the token's use has just been noted
    with django_assert_num_queries(queries):
        program.get(path)
    create_site(membership=alice, name="A", slug="alice-2", now=MARCH_1)
    world.orders(alice, catalogue.business, now=MARCH_1)
    with django_assert_num_queries(queries):
        program.get(path)
