"""From a quote to an order and its payment by API, in real time: the gateway's pages live there."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tokens.models import Scope
from checkout.models import Order, Quote
from memberships.models import Attempt, Invoice, Membership, Payment, PaymentMethod
from products.models import Price
from tests.integration.api.conftest import Program, just_now, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(world, catalogue):
    """On Premium (30.00) since just now, card saved: all of it is credited."""
    return world.signs_up("alice", catalogue.premium, now=just_now())


@pytest.fixture
def wanted(catalogue):
    """Business: 90.00, less 30.00 for Premium."""
    return {"plan": catalogue.business.uid, "interval": {"unit": "month"}}


@pytest.fixture
def quote(program, alice, wanted):
    return program.post(f"/memberships/{alice.uid}/quotes", wanted).json()


@pytest.fixture
def card(program, alice):
    """The identifier of Alice's saved card."""
    return program.get(f"/memberships/{alice.uid}").json()["cards"][0]["id"]


def attempt_of(order) -> Attempt:
    return Attempt.objects.filter(payment__order__uid=order["id"]).latest("number")


def test_an_order_without_a_card_says_where_to_pay(program, alice, quote):
    answer = program.post("/orders", {"quote": quote["id"]})
    order = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/orders/{order['id']}"
    assert order == {
        "id": order["id"],
        "quote": quote["id"],
        "membership": str(alice.uid),
        "state": "open",
        "kind": "upgrade",
        "title": "Upgrade to Business",
        "currency": "EUR",
        "amount": quote["due_now"],
        "payment": {
            "state": "open",
            "amount": 6000,
            "reference": Payment.objects.get(state="open").reference,
            "refusal": None,
        },
        "payment_url": attempt_of(order).url,
        "invoice": None,
        "created_at": order["created_at"],
        "expires_at": order["expires_at"],
        "settled_at": None,
    }
    assert order["payment_url"].startswith("http://127.0.0.1:")


def test_the_customer_comes_back_from_the_gateway_to_the_page_of_the_order(program, quote):
    order = program.post("/orders", {"quote": quote["id"]}).json()
    assert attempt_of(order).return_url == f"http://localhost:8000/orders/{order['id']}/"


def test_what_was_paid_on_the_page_is_found_without_a_webhook(program, quote, world):
    order = program.post("/orders", {"quote": quote["id"]}).json()
    world.gateway.pay(attempt_of(order).gateway_ref, card="4242424242424242")
    found = program.get(f"/orders/{order['id']}").json()
    assert (found["state"], found["title"]) == ("fulfilled", "Upgraded Premium → Business")
    assert (found["payment"]["state"], found["payment_url"]) == ("paid", None)
    assert found["invoice"] == Invoice.objects.latest("id").number


def test_a_saved_card_pays_at_once(program, alice, quote, card):
    order = program.post("/orders", {"quote": quote["id"], "card": card}).json()
    assert (order["state"], order["payment"]["state"], order["payment_url"]) == ("fulfilled", "paid", None)
    plan = program.get(f"/memberships/{alice.uid}").json()["plan"]
    assert plan["code"] == "business"


def test_a_declined_card_leaves_the_order_open_for_another(program, quote, card, world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000000341")
    declined = program.post("/orders", {"quote": quote["id"], "card": card})
    assert declined.status_code == 201
    assert (declined.json()["state"], declined.json()["payment_url"]) == ("open", None)
    assert declined.json()["payment"]["refusal"] == "Your card was declined."
    again = program.post("/orders", {"quote": quote["id"]})
    assert again.status_code == 200
    assert again.json()["payment_url"].startswith("http://127.0.0.1:")
    assert Attempt.objects.filter(payment__order__uid=again.json()["id"]).count() == 2


def test_a_card_that_the_bank_asks_about_leads_to_the_bank(program, quote, card, world, alice):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000002760003184")
    order = program.post("/orders", {"quote": quote["id"], "card": card}).json()
    assert (order["state"], order["payment"]["state"]) == ("open", "open")
    assert order["payment_url"] == attempt_of(order).url
    assert order["payment_url"] != ""


def test_the_same_quote_again_answers_the_same_order_with_200(program, quote):
    first = program.post("/orders", {"quote": quote["id"]})
    second = program.post("/orders", {"quote": quote["id"]})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first["Location"] == second["Location"]
    assert Attempt.objects.filter(payment__order__uid=first.json()["id"]).count() == 1


def test_a_paid_order_is_answered_as_it_is_and_nothing_is_charged_again(program, quote, card):
    first = program.post("/orders", {"quote": quote["id"], "card": card}).json()
    second = program.post("/orders", {"quote": quote["id"], "card": card})
    assert (second.status_code, second.json()) == (200, first)
    assert Payment.objects.filter(amount=6000).count() == 1


def test_a_change_with_nothing_due_takes_effect_without_a_payment(program, alice, catalogue):
    wanted = {"plan": catalogue.free.uid, "interval": {"unit": "month"}}
    quote = program.post(f"/memberships/{alice.uid}/quotes", wanted).json()
    answer = program.post("/orders", {"quote": quote["id"]})
    order = answer.json()
    assert (answer.status_code, order["state"], order["kind"]) == (201, "fulfilled", "downgrade")
    assert (order["amount"], order["payment"], order["payment_url"], order["invoice"]) == (
        0,
        None,
        None,
        None,
    )
    change = program.get(f"/memberships/{alice.uid}").json()["scheduled_change"]
    assert (change["kind"], [item["product"]["code"] for item in change["items"]]) == ("downgrade", ["free"])
    assert change["effective_at"] == quote["effective_at"]


def test_an_expired_quote_charges_nobody_and_shows_the_old_figures_beside_the_new(program, quote):
    Quote.objects.filter(uid=quote["id"]).update(
        expires_at=timezone.now(), as_of=timezone.now() - timedelta(1)
    )
    answer = program.post("/orders", {"quote": quote["id"]})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["reason"]) == (409, "quote_stale", "expired")
    assert problem["detail"] == "The price had run out; it holds for 15 minutes."
    assert problem["quote"]["id"] == quote["id"]
    assert problem["fresh"]["id"] != quote["id"]
    assert problem["fresh"]["due_now"] == 6000
    assert not Order.objects.filter(quote__uid=quote["id"]).exists()


def test_the_fresh_quote_of_a_stale_one_can_be_ordered(program, alice, quote, catalogue):
    Price.objects.filter(product=catalogue.business, interval_unit="month").update(
        superseded_at=timezone.now()
    )
    Price.objects.create(product=catalogue.business, currency="EUR", interval_unit="month", amount=9900)
    problem = program.post("/orders", {"quote": quote["id"]}).json()
    assert (problem["reason"], problem["quote"]["due_now"]) == ("price_changed", 6000)
    assert problem["fresh"]["due_now"] == 6900
    order = program.post("/orders", {"quote": problem["fresh"]["id"]})
    assert (order.status_code, order.json()["amount"]) == (201, 6900)


def test_a_choice_that_cannot_be_had_any_more_has_no_fresh_quote(program, quote, catalogue):
    catalogue.business.is_active = False
    catalogue.business.save()
    problem = program.post("/orders", {"quote": quote["id"]}).json()
    assert (problem["reason"], problem["fresh"]) == ("plan_not_offered", None)


def test_while_an_order_is_open_another_is_refused_by_its_name(program, alice, quote, catalogue):
    order = program.post("/orders", {"quote": quote["id"]}).json()
    yearly = {"plan": catalogue.business.uid, "interval": {"unit": "year"}}
    other = program.post(f"/memberships/{alice.uid}/quotes", yearly).json()
    answer = program.post("/orders", {"quote": other["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "another_order_is_open")
    assert answer.json()["order"] == order["id"]
    assert program.get(f"/memberships/{alice.uid}").json()["open_order"] == order["id"]


def test_a_quote_that_changes_nothing_cannot_be_ordered(program, alice, catalogue):
    same = {"plan": catalogue.premium.uid, "interval": {"unit": "month"}}
    quote = program.post(f"/memberships/{alice.uid}/quotes", same).json()
    answer = program.post("/orders", {"quote": quote["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_confirm")
    assert answer.json()["detail"] == "This is what you have now, so nothing changes."


def test_who_has_a_bill_open_is_told_so_instead_of_ordering(program, alice, wanted):
    alice.move(Membership.State.PAST_DUE, now=timezone.now())
    quote = program.post(f"/memberships/{alice.uid}/quotes", wanted).json()
    answer = program.post("/orders", {"quote": quote["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_confirm")
    assert answer.json()["detail"] == "There is an open invoice. Pay or cancel it first."


def test_a_quote_of_somebody_else_is_not_found(program, world, catalogue, wanted):
    bob = world.signs_up("bob", catalogue.premium, now=just_now())
    quote = world.quote(bob, catalogue.business, now=just_now())
    answer = program.post("/orders", {"quote": quote.uid})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] == [("quote", "not_found")]
    assert answer.json() == program.post("/orders", {"quote": uuid.uuid4()}).json()
    assert not Order.objects.filter(quote=quote).exists()


def test_a_card_of_somebody_else_is_refused_before_anything_is_ordered(program, quote, world, catalogue):
    bob = world.signs_up("bob", catalogue.premium, now=just_now())
    answer = program.post("/orders", {"quote": quote["id"], "card": world.card_of(bob).uid})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")
    assert answer.json()["errors"] == [
        {"path": "card", "code": "unknown_card", "message": "You have no such saved card."}
    ]
    assert not Order.objects.filter(quote__uid=quote["id"]).exists()


def test_an_order_of_somebody_else_is_not_found(program, world, catalogue):
    bob = world.signs_up("bob", catalogue.premium, now=just_now())
    order = world.orders(bob, catalogue.business, now=just_now())
    answer = program.get(f"/orders/{order.uid}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_gateway_that_does_not_answer_costs_only_time(program, quote, gateway_double):
    gateway_double.control(fail_next={"kind": "cut_before", "times": 20})
    answer = program.post("/orders", {"quote": quote["id"]})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "gateway_unavailable")
    assert (answer["Retry-After"], problem["order"]) == ("5", str(Order.objects.get(state="open").uid))
    assert program.get(f"/orders/{problem['order']}").json()["state"] == "open"
    gateway_double.control(fail_next=None)
    again = program.post("/orders", {"quote": quote["id"]})
    assert (again.status_code, again.json()["id"]) == (200, problem["order"])
    assert again.json()["payment_url"].startswith("http://127.0.0.1:")


def test_a_card_that_the_gateway_does_not_know_is_said_so_and_the_order_stays(program, quote, card):
    PaymentMethod.objects.filter(uid=card).update(gateway_ref="pm_of_nobody")
    answer = program.post("/orders", {"quote": quote["id"], "card": card})
    assert (answer.status_code, answer.json()["code"]) == (502, "gateway_refused")
    assert answer.json()["order"] == str(Order.objects.get(state="open").uid)


def test_a_token_that_may_only_quote_orders_nothing(alice, quote):
    planner = Program(token_for(alice.customer.user, scopes=[Scope.QUOTES_WRITE], now=timezone.now()).secret)
    answer = planner.post("/orders", {"quote": quote["id"]})
    assert (answer.status_code, answer.json()["scope"]) == (403, "orders:write")
    assert not Order.objects.filter(quote__uid=quote["id"]).exists()


def test_who_may_order_may_see_the_order_too(alice, quote):
    buyer = Program(token_for(alice.customer.user, scopes=[Scope.ORDERS_WRITE], now=timezone.now()).secret)
    order = buyer.post("/orders", {"quote": quote["id"]}).json()
    assert buyer.get(f"/orders/{order['id']}").json()["id"] == order["id"]


def test_a_settled_order_takes_four_queries(program, quote, card, django_assert_num_queries):
    order = program.post("/orders", {"quote": quote["id"], "card": card}).json()
    with django_assert_num_queries(4):
        assert program.get(f"/orders/{order['id']}").json() == order


def test_what_is_ordered_by_a_program_is_on_the_page_of_its_customer(program, alice, quote, client):
    order = program.post("/orders", {"quote": quote["id"]}).json()
    client.force_login(alice.customer.user)
    page = client.get(f"/orders/{order['id']}/", headers={"host": "localhost"})
    assert page.status_code == 200
    assert Membership.objects.get(pk=alice.pk).orders.filter(placed_by=alice.customer.user).count() == 2
