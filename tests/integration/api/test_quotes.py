"""A quote by API: the same price, the same rules and the same sentences as on the page."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import User
from checkout.models import Quote
from checkout.operations import rate_limit
from memberships.models import Customer, Membership
from products.pricing.cli import answer as price_command
from tests.factories.catalogue import discount
from tests.integration.api.conftest import MARCH_1, MARCH_17, Program, refusals, token_for
from tests.integration.checkout.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_march")]
MONTH, YEAR = {"unit": "month", "count": 1}, {"unit": "year", "count": 1}
THE_PRICE = [
    *("kind", "effective", "effective_at", "message", "lines", "net", "tax", "total", "wallet_used"),
    *("wallet_added", "due_now", "period", "trial_end", "next_bill"),
]


@pytest.fixture
def ask(program, alice):
    """Ask for a quote of Alice's membership."""

    def asking(plan, interval=MONTH, **more):
        return program.post(
            f"/memberships/{alice.uid}/quotes", {"plan": plan.uid, "interval": interval, **more}
        )

    return asking


@pytest.fixture
def few(monkeypatch):
    """So many quotes a minute may be made, and no more."""
    monkeypatch.setattr(rate_limit, "MOST_QUOTES_A_MINUTE", 3)
    return 3


def test_a_quote_is_what_manage_py_price_writes_and_when_it_holds_and_why(ask, alice, catalogue):
    answer = ask(catalogue.business)
    quote = answer.json()
    stored = Quote.objects.get(uid=quote["id"])
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/quotes/{quote['id']}"
    assert [*quote][: len(THE_PRICE)] == THE_PRICE
    command = price_command(json.dumps(stored.scenario).encode(), explained=False)
    assert json.dumps({key: quote[key] for key in THE_PRICE}) == command.text
    assert {key: quote[key] for key in quote if key not in THE_PRICE} == {
        "id": str(stored.uid),
        "membership": str(alice.uid),
        "currency": "EUR",
        "code": None,
        "revision": 2,
        "as_of": "2026-03-17T00:00:00Z",
        "expires_at": "2026-03-17T00:15:00Z",
        "explanations": {
            "when": "Starts now.",
            "lines": [
                "Business: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026.",
                (
                    "Credit for unused time of Premium: €30.00 × 15/31 = €14.52 back, for the 15 of 31 days left"
                    " until 1 April 2026."
                ),
            ],
            "due_now": "Due today: €75.48.",
            "wallet": "",
            "next_bill": "Next bill on 17 April 2026: Business €90.00.",
        },
    }
    assert (quote["due_now"], quote["kind"]) == (7548, "upgrade")


def test_the_sentences_are_those_of_the_review_page(ask, alice, catalogue, client):
    quote = ask(catalogue.business).json()
    client.force_login(alice.customer.user)
    shown = text_of(client.get(f"/quotes/{quote['id']}/", headers={"host": "localhost"}))
    for sentence in quote["explanations"]["lines"]:
        assert sentence in shown
    assert "Pay €75.48 and upgrade" in shown


def test_a_quote_can_be_seen_again(program, ask, catalogue):
    quote = ask(catalogue.business).json()
    again = program.get(f"/quotes/{quote['id']}")
    assert (again.status_code, again.json()) == (200, quote)


def test_packages_come_with_their_quantities_and_a_service_is_bought_once(ask, catalogue):
    addons = [
        {"id": catalogue.disk.uid, "quantity": 3},
        {"id": catalogue.visits.uid},
        {"id": catalogue.design.uid},
    ]
    quote = ask(catalogue.premium, addons=addons).json()
    assert quote["kind"] == "addon"
    assert [(line["product"], line["quantity"], line["net"]) for line in quote["lines"]] == [
        ("extra-disk", 3, 581),
        ("unlimited-visits", 1, 242),
        ("site-design", 1, 45000),
    ]


def test_a_service_that_was_bought_before_is_bought_again_and_need_not_be_named(world, catalogue):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1, addons={catalogue.design: 1})
    bobs = Program(token_for(bob.customer.user).secret)
    wanted = {"plan": catalogue.premium.uid, "interval": MONTH}
    same = bobs.post(f"/memberships/{bob.uid}/quotes", wanted).json()
    assert (same["kind"], same["message"], same["due_now"]) == ("no_change", "no_change", None)
    once_more = {**wanted, "addons": [{"id": catalogue.design.uid}]}
    quote = bobs.post(f"/memberships/{bob.uid}/quotes", once_more).json()
    assert [(line["product"], line["quantity"], line["net"]) for line in quote["lines"]] == [
        ("site-design", 1, 45000)
    ]


def test_a_year_is_priced_as_a_year(ask, catalogue):
    quote = ask(catalogue.premium, YEAR).json()
    assert (quote["kind"], quote["total"], quote["period"]["end"]) == (
        "upgrade",
        28548,
        "2027-03-17T00:00:00Z",
    )


def test_a_discount_code_is_taken_off(ask, catalogue):
    discount("SPRING", percent="10", periods=1)
    quote = ask(catalogue.business, code=" spring ").json()
    assert (quote["code"], quote["lines"][0]["discount"], quote["due_now"]) == ("SPRING", 900, 6648)


def test_a_discount_code_that_does_not_apply_is_refused_at_its_field(ask, catalogue):
    answer = ask(catalogue.business, code="WINTER")
    assert refusals(answer) == [("code", "code_unknown")]
    assert answer.json()["errors"][0]["message"] == ("We do not know this code. Check how it is spelled.")
    assert not Quote.objects.filter(as_of=MARCH_17).exists()


def test_what_stays_the_same_is_quoted_as_no_change(ask, catalogue):
    quote = ask(catalogue.premium).json()
    assert (quote["kind"], quote["message"], quote["lines"], quote["total"]) == (
        *("no_change", "no_change", []),
        None,
    )
    assert quote["explanations"]["lines"] == []


def test_an_overdue_member_is_told_of_the_open_invoice(ask, alice, catalogue):
    alice.move(Membership.State.PAST_DUE, now=MARCH_17)
    quote = ask(catalogue.business).json()
    assert (quote["kind"], quote["message"], quote["due_now"]) == ("blocked", "open_invoice", None)


def test_a_member_without_a_plan_is_quoted_a_first_one(world, catalogue):
    customer = Customer.objects.create(user=world.person("vera"))
    pending = Membership.objects.create(customer=customer, currency="EUR", created_at=MARCH_1)
    wanted = {"plan": catalogue.basic.uid, "interval": MONTH}
    quote = Program(token_for(customer.user).secret).post(f"/memberships/{pending.uid}/quotes", wanted).json()
    assert (quote["kind"], quote["due_now"]) == ("new", 1200)


def test_the_sentences_are_in_the_language_of_the_tokens_user(ask, program, alice, catalogue):
    User.objects.filter(pk=alice.customer.user_id).update(language="nl")
    answer = ask(catalogue.business)
    assert answer["Content-Language"] == "nl"
    assert answer.json()["explanations"]["when"] == "Gaat nu in."
    refused = ask(catalogue.basic)
    assert refused["Content-Language"] == "nl"


def test_for_a_user_without_a_language_it_is_the_one_that_is_asked_for(alice, catalogue):
    dutch = Program(token_for(alice.customer.user).secret, accept_language="nl-BE,nl;q=0.8")
    wanted = {"plan": catalogue.business.uid, "interval": MONTH}
    answer = dutch.post(f"/memberships/{alice.uid}/quotes", wanted)
    assert answer.json()["explanations"]["when"] == "Gaat nu in."
    assert answer["Content-Language"] == "nl"


def test_a_plan_of_another_family_is_refused(ask, catalogue):
    assert refusals(ask(catalogue.basic)) == [("plan", "plan_not_offered")]


def test_a_period_that_a_plan_is_not_sold_for_is_refused(ask, catalogue):
    assert refusals(ask(catalogue.free, YEAR)) == [("interval", "no_price_for_period")]


def test_an_addon_that_does_not_go_with_the_plan_is_refused_where_it_stands(ask, catalogue):
    addons = [{"id": catalogue.disk.uid}, {"id": catalogue.basic.uid}]
    assert refusals(ask(catalogue.business, addons=addons)) == [("addons[1]", "addon_not_offered")]
    assert refusals(ask(catalogue.premium, YEAR, addons=addons[:1])) == [("addons[0]", "no_price_for_period")]


def test_too_many_of_a_service_bought_before_are_refused(world, catalogue):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1, addons={catalogue.design: 1})
    wanted = {
        "plan": catalogue.premium.uid,
        "interval": MONTH,
        "addons": [{"id": catalogue.design.uid, "quantity": 1000}],
    }
    answer = Program(token_for(bob.customer.user).secret).post(f"/memberships/{bob.uid}/quotes", wanted)
    assert refusals(answer) == [("addons[0]", "bad_quantity")]


def test_a_quote_of_somebody_else_is_not_found(program, bob, world, catalogue):
    quote = world.quote(bob, catalogue.business, now=MARCH_17)
    answer = program.get(f"/quotes/{quote.uid}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    wanted = {"plan": catalogue.business.uid, "interval": MONTH}
    answer = program.post(f"/memberships/{bob.uid}/quotes", wanted)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Quote.objects.filter(membership=bob, as_of=MARCH_17).count() == 1


def test_one_person_makes_so_many_quotes_a_minute_and_no_more(ask, alice, bob, catalogue, few):
    assert {ask(catalogue.business).status_code for _ in range(few)} == {201}
    with time_machine.travel(MARCH_17 + timedelta(seconds=45), tick=False):
        answer = ask(catalogue.business)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert answer["Retry-After"] == "15"
        wanted = {"plan": catalogue.business.uid, "interval": MONTH}
        bobs = Program(token_for(bob.customer.user).secret)
        assert bobs.post(f"/memberships/{bob.uid}/quotes", wanted).status_code == 201
    with time_machine.travel(MARCH_17 + timedelta(seconds=60), tick=False):
        assert ask(catalogue.business).status_code == 201
    assert Quote.objects.filter(user=alice.customer.user, as_of__gte=MARCH_17).count() == few + 1


def test_sixty_quotes_a_minute_are_enough_for_one_person():
    assert rate_limit.MOST_QUOTES_A_MINUTE == 60


def test_without_redis_nothing_is_counted_and_everybody_is_served(ask, catalogue, settings, few):
    nobody_listens = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {"default": nobody_listens, "network": nobody_listens}
    assert {ask(catalogue.business).status_code for _ in range(few + 1)} == {201}


def test_redis_may_forget_the_count_at_any_moment(alice, monkeypatch, few):
    monkeypatch.setattr(cache, "add", lambda *_, **__: True)  # and gone before it is counted up
    for _ in range(few + 1):
        rate_limit.count_quote(user=alice.customer.user, now=MARCH_17)


def test_pages_and_programs_of_a_person_count_together(ask, alice, catalogue, client, few):
    client.force_login(alice.customer.user)
    form = {"plan": catalogue.business.uid, "period": "month-1"}
    page = f"/account/{alice.uid}/change/"
    assert client.post(page, form, headers={"host": "localhost"}).status_code == 302
    for _ in range(few - 1):
        ask(catalogue.business)
    refused = client.post(page, form, headers={"host": "localhost"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "You have asked for this many times in a short while. Nothing was changed." in text_of(refused)


def test_a_stale_quote_that_is_confirmed_again_and_again_makes_no_more_quotes_than_that(
    program, ask, catalogue, few
):
    quote = ask(catalogue.business).json()
    with time_machine.travel(MARCH_17 + timedelta(hours=1), tick=False):
        for _ in range(few):
            assert program.post("/orders", {"quote": quote["id"]}).status_code == 409
        answer = program.post("/orders", {"quote": quote["id"]})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")


def test_a_new_quote_takes_eight_queries_and_an_old_one_three(
    ask, program, catalogue, django_assert_num_queries
):
    addons = [{"id": catalogue.disk.uid, "quantity": 2}, {"id": catalogue.visits.uid}]
    quote = ask(catalogue.business, addons=addons).json()
    with django_assert_num_queries(8):
        ask(catalogue.business, addons=addons)
    with django_assert_num_queries(3):
        program.get(f"/quotes/{quote['id']}")
