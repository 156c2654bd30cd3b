"""What a program sees of its customer's memberships, and what they can be changed to."""

import uuid

import pytest

from checkout.models import Order
from memberships.models import Customer, Membership
from tests.factories.world import YEARLY
from tests.integration.api.conftest import MARCH_1, MARCH_17, Program, token_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_march")]


def product(row):
    return {"id": str(row.uid), "code": row.code, "name": row.name, "type": row.type}


MONTH, YEAR = {"unit": "month", "count": 1}, {"unit": "year", "count": 1}
MARCH = {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}


def test_a_membership_says_what_is_had_and_paid_and_what_it_allows(program, alice, world, catalogue):
    card = world.card_of(alice)
    assert program.get(f"/memberships/{alice.uid}").json() == {
        "id": str(alice.uid),
        "state": "active",
        "plan": product(catalogue.premium),
        "currency": "EUR",
        "interval": MONTH,
        "period": MARCH,
        "revision": 2,
        "items": [
            {"product": product(catalogue.premium), "quantity": 1, "unit_price": 3000, "recurring": True}
        ],
        "trial_end": None,
        "wallet": 0,
        "limits": {
            "disk": 50_000_000,
            "no_footer_credit": None,
            "pages": 50,
            "posts": 100,
            "sites": 3,
            "users": 5,
            "visits": 50_000,
        },
        "scheduled_change": None,
        "open_order": None,
        "cards": [
            {
                "id": str(card.uid),
                "brand": "visa",
                "last4": "4242",
                "exp_month": card.exp_month,
                "exp_year": card.exp_year,
                "is_default": True,
            }
        ],
    }


def test_a_free_membership_has_no_period(world, catalogue):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_1)
    seen = Program(token_for(bob.customer.user).secret).get(f"/memberships/{bob.uid}").json()
    assert (seen["plan"]["code"], seen["period"], seen["cards"]) == ("free", None, [])


def test_packages_and_services_are_among_the_items(world, catalogue):
    bob = world.signs_up(
        "bob", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 2, catalogue.design: 1}
    )
    seen = Program(token_for(bob.customer.user).secret).get(f"/memberships/{bob.uid}").json()
    assert [
        (i["product"]["code"], i["quantity"], i["unit_price"], i["recurring"]) for i in seen["items"]
    ] == [
        ("premium", 1, 3000, True),
        ("extra-disk", 2, 400, True),
        ("site-design", 1, 45000, False),
    ]
    assert seen["limits"]["disk"] == 52_000_000


def test_a_scheduled_change_says_what_is_left_from_when(program, alice, world, catalogue):
    world.orders(alice, catalogue.free, now=MARCH_17)
    assert program.get(f"/memberships/{alice.uid}").json()["scheduled_change"] == {
        "kind": "downgrade",
        "effective_at": "2026-04-01T00:00:00Z",
        "interval": MONTH,
        "items": [{"product": product(catalogue.free), "quantity": 1}],
    }


def test_an_open_order_is_named(program, alice, world, catalogue):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    assert order.state == Order.State.OPEN
    assert program.get(f"/memberships/{alice.uid}").json()["open_order"] == str(order.uid)


def test_the_list_has_the_customers_own_memberships_and_no_others(program, alice, bob, catalogue):
    assert bob.pk
    assert program.get("/memberships").json() == {
        "data": [
            {
                "id": str(alice.uid),
                "state": "active",
                "plan": product(catalogue.premium),
                "currency": "EUR",
                "interval": MONTH,
                "period": MARCH,
            }
        ],
        "next": None,
    }


def test_a_long_list_goes_on_where_it_says(program, alice):
    second, third = (
        Membership.objects.create(customer=alice.customer, currency="EUR", created_at=MARCH_1)
        for _ in range(2)
    )
    first_page = program.get("/memberships", limit=2).json()
    assert [row["id"] for row in first_page["data"]] == [str(alice.uid), str(second.uid)]
    assert first_page["next"] == f"/api/v1/memberships?limit=2&after={second.uid}"
    last_page = program.client.get(first_page["next"]).json()
    assert ([row["id"] for row in last_page["data"]], last_page["next"]) == ([str(third.uid)], None)
    assert last_page["data"][0]["plan"] is None


def test_a_list_does_not_go_on_after_a_membership_of_somebody_else(program, bob):
    assert program.get("/memberships", after=bob.uid).json() == {"data": [], "next": None}


def test_somebody_who_is_no_customer_has_an_empty_list(world):
    token = token_for(world.person("vera"))
    assert Program(token.secret).get("/memberships").json() == {"data": [], "next": None}


@pytest.mark.parametrize("path", ["", "/offers"])
def test_a_membership_of_somebody_else_is_not_found(program, bob, path):
    answer = program.get(f"/memberships/{bob.uid}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.json() == program.get(f"/memberships/{uuid.uuid4()}{path}").json()


def test_the_offers_are_the_family_of_the_plan_with_prices_and_limits(program, alice, catalogue):
    offers = program.get(f"/memberships/{alice.uid}/offers").json()
    assert (offers["currency"], offers["prices_include_tax"]) == ("EUR", False)
    assert (offers["plan"], offers["intervals"]) == (str(catalogue.premium.uid), [MONTH, YEAR])
    assert [(plan["code"], plan["held"]) for plan in offers["plans"]] == [
        ("free", 0),
        ("premium", 1),
        ("business", 0),
    ]
    assert offers["plans"][1] == {
        **product(catalogue.premium),
        "description": "",
        "held": 1,
        "prices": [
            {"interval": MONTH, "amount": 3000, "setup_fee": 0, "trial_days": 0},
            {"interval": YEAR, "amount": 30000, "setup_fee": 0, "trial_days": 0},
        ],
        "not_offered": [],
        "limits": {
            "disk": 50_000_000,
            "no_footer_credit": None,
            "pages": 50,
            "posts": 100,
            "sites": 3,
            "users": 5,
            "visits": 50_000,
        },
    }


def test_an_offer_says_why_it_cannot_be_chosen_for_a_period(program, alice):
    free = program.get(f"/memberships/{alice.uid}/offers").json()["plans"][0]
    assert free["prices"] == [{"interval": MONTH, "amount": 0, "setup_fee": 0, "trial_days": 0}]
    assert free["not_offered"] == [
        {
            "interval": YEAR,
            "code": "no_price_for_period",
            "reason": "Free is not sold per year. Choose another billing period.",
        }
    ]


def test_the_addons_are_those_of_the_plan_that_is_asked_for(program, alice, catalogue):
    offers = program.get(f"/memberships/{alice.uid}/offers").json()
    assert [addon["code"] for addon in offers["addons"]] == ["extra-disk", "unlimited-visits", "site-design"]
    catalogue.business.addons.set([catalogue.visits])
    offers = program.get(f"/memberships/{alice.uid}/offers", plan=catalogue.business.uid).json()
    assert offers["plan"] == str(catalogue.business.uid)
    assert [addon["code"] for addon in offers["addons"]] == ["unlimited-visits"]


def test_what_is_bought_once_has_no_period(program, alice):
    design = program.get(f"/memberships/{alice.uid}/offers").json()["addons"][2]
    assert (design["type"], design["limits"], design["not_offered"]) == ("service", {}, [])
    assert design["prices"] == [{"interval": None, "amount": 45000, "setup_fee": 0, "trial_days": 0}]


def test_a_membership_without_a_plan_is_offered_the_family_of_the_plan_it_asks_for(world, catalogue):
    customer = Customer.objects.create(user=world.person("vera"))
    pending = Membership.objects.create(customer=customer, currency="EUR", created_at=MARCH_1)
    vera = Program(token_for(customer.user).secret)
    offers = vera.get(f"/memberships/{pending.uid}/offers", plan=catalogue.basic.uid).json()
    assert [plan["code"] for plan in offers["plans"]] == ["basic"]
    refused = vera.get(f"/memberships/{pending.uid}/offers")
    assert refused.status_code == 422
    assert [(error["path"], error["code"]) for error in refused.json()["errors"]] == [
        ("query.plan", "plan_not_offered")
    ]


def test_a_membership_takes_as_many_queries_however_much_it_holds(
    program, alice, world, catalogue, django_assert_num_queries
):
    program.get("/memberships")  # so that the token's use has just been noted
    with django_assert_num_queries(9):
        program.get(f"/memberships/{alice.uid}")
    full = world.signs_up(
        "bob", catalogue.premium, now=MARCH_1, addons={catalogue.visits: 1, catalogue.disk: 2}
    )
    bobs = Program(token_for(full.customer.user).secret)
    bobs.get("/memberships")
    with django_assert_num_queries(9):
        bobs.get(f"/memberships/{full.uid}")


def test_a_list_takes_three_queries_however_long_it_is(program, alice, django_assert_num_queries):
    program.get("/memberships")
    with django_assert_num_queries(3):
        program.get("/memberships")
    Membership.objects.create(customer=alice.customer, currency="EUR", created_at=MARCH_1)
    with django_assert_num_queries(3):
        program.get("/memberships")


def test_the_offers_take_seven_queries(program, alice, django_assert_num_queries):
    program.get("/memberships")
    with django_assert_num_queries(7):
        program.get(f"/memberships/{alice.uid}/offers")


def test_a_yearly_member_sees_the_year(world, catalogue):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1, interval=YEARLY)
    seen = Program(token_for(bob.customer.user).secret).get(f"/memberships/{bob.uid}").json()
    assert (seen["interval"], seen["period"]["end"]) == (YEAR, "2027-03-01T00:00:00Z")
