"""The double's API as stripe-python sees it: keys, errors, lists, expansion, idempotency."""

import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.conftest import API_VERSION, a_card, a_session, client_of


def asked(
    sandbox, path: str, data: dict[str, str] | None = None, *, headers: dict[str, str] | None = None
) -> Any:
    """A request by hand: status, headers, body as bytes."""
    request = urllib.request.Request(
        sandbox.base_url + path,
        data=None if data is None else urllib.parse.urlencode(data).encode(),
        headers={"Authorization": f"Bearer {sandbox.api_key}", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request) as answered:
            return answered.status, answered.headers, answered.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize("key", ["sk_test_other", "sk_live_sandbox"])
def test_a_wrong_key_is_401(sandbox, key):
    with pytest.raises(stripe.AuthenticationError) as refused:
        client_of(sandbox, api_key=key).v1.customers.list()
    assert refused.value.http_status == 401


def test_no_key_is_401(sandbox):
    status, _, body = asked(sandbox, "/v1/customers", headers={"Authorization": ""})
    assert (status, b"You did not provide an API key." in body) == (401, True)


def test_the_version_is_echoed_and_another_one_refused(sandbox):
    status, headers, _ = asked(sandbox, "/v1/customers", headers={"Stripe-Version": API_VERSION})
    assert (status, headers["Stripe-Version"]) == (200, API_VERSION)
    assert asked(sandbox, "/v1/customers", headers={"Stripe-Version": "2019-01-01"})[0] == 400


def test_an_unknown_address_is_404(sandbox):
    assert asked(sandbox, "/v1/subscriptions")[0] == 404


def test_another_host_is_refused(sandbox):
    assert asked(sandbox, "/v1/customers", headers={"Host": "stripe.example"})[0] == 400


def test_an_unknown_parameter_is_refused_by_name(client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create({"colour": "red"})
    assert (refused.value.code, refused.value.param, refused.value.http_status) == (
        "parameter_unknown",
        "colour",
        400,
    )


def test_an_unknown_id_is_404_in_the_address_and_400_in_a_parameter(client):
    with pytest.raises(stripe.InvalidRequestError) as in_address:
        client.v1.customers.retrieve("cus_nobody")
    assert (in_address.value.code, in_address.value.param, in_address.value.http_status) == (
        "resource_missing",
        "id",
        404,
    )
    with pytest.raises(stripe.InvalidRequestError) as in_parameter:
        client.v1.payment_intents.create({"amount": 500, "currency": "eur", "customer": "cus_nobody"})
    assert (in_parameter.value.code, in_parameter.value.param, in_parameter.value.http_status) == (
        "resource_missing",
        "customer",
        400,
    )


def test_a_refused_request_leaves_nothing_behind(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": 500, "currency": "eur", "payment_method": "pm_nobody"})
    assert client.v1.payment_intents.list().data == []
    assert client.v1.events.list().data == []


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (0, "eur", "parameter_invalid_integer"),
        (100_000_000, "eur", "amount_too_large"),
        (500, "xxx", None),
        (299, "sek", "amount_too_small"),
    ],
)
def test_amounts_stripe_would_not_take_are_refused(client, amount, currency, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert refused.value.code == code


def test_a_customer_is_updated_and_the_event_tells_the_former_values(client):
    customer = client.v1.customers.create({"email": "old@shop.example", "metadata": {"a": "1", "b": "2"}})
    changed = client.v1.customers.update(
        customer.id, {"email": "new@shop.example", "metadata": {"b": "", "c": "3"}}
    )
    assert (changed.email, changed.metadata and changed.metadata.to_dict()) == (
        "new@shop.example",
        {"a": "1", "c": "3"},
    )
    event = client.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.to_dict()["data"]["previous_attributes"] == {
        "email": "old@shop.example",
        "metadata": {"a": "1", "b": "2"},
    }


def test_lists_come_newest_first_in_pages(client):
    made = [client.v1.customers.create({"email": f"{n}@shop.example"}).id for n in range(5)]
    first = client.v1.customers.list({"limit": 2})
    assert ([each.id for each in first.data], first.has_more) == ([made[4], made[3]], True)
    second = client.v1.customers.list({"limit": 2, "starting_after": made[3]})
    assert ([each.id for each in second.data], second.has_more) == ([made[2], made[1]], True)
    last = client.v1.customers.list({"limit": 2, "starting_after": made[1]})
    assert ([each.id for each in last.data], last.has_more) == ([made[0]], False)
    back = client.v1.customers.list({"limit": 2, "ending_before": made[1]})
    assert ([each.id for each in back.data], back.has_more) == ([made[3], made[2]], True)
    assert [each.id for each in client.v1.customers.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    assert [each.id for each in client.v1.customers.list({"email": "3@shop.example"}).data] == [made[3]]


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_1_to_100_items(client, limit):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.list({"limit": limit})
    assert refused.value.param == "limit"


def test_events_are_found_by_type_and_time(client):
    customer = client.v1.customers.create({"email": "a@shop.example"})
    client.v1.customers.update(customer.id, {"name": "Alice"})
    now = int(time.time())
    assert [e.type for e in client.v1.events.list().data] == ["customer.updated", "customer.created"]
    assert [e.type for e in client.v1.events.list({"type": "customer.created"}).data] == ["customer.created"]
    assert [e.type for e in client.v1.events.list({"types": ["customer.created"]}).data] == [
        "customer.created"
    ]
    assert len(client.v1.events.list({"created": {"gte": now - 60, "lte": now + 60}}).data) == 2
    assert client.v1.events.list({"created": {"gt": now + 60}}).data == []
    event = client.v1.events.list().data[1]
    assert client.v1.events.retrieve(event.id).to_dict()["data"]["object"]["id"] == customer.id


def test_ids_are_expanded_on_demand_and_only_where_stripe_does(client, sandbox):
    customer = client.v1.customers.create({"email": "a@shop.example"}).id
    session = a_session(client, customer=customer)
    assert "line_items" not in session.to_dict()
    sandbox.pay(session.id)
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "payment_intent.customer", "line_items"]}
    ).to_dict()
    assert found["payment_intent"]["latest_charge"]["amount"] == 1250
    assert found["payment_intent"]["customer"]["id"] == customer
    assert found["customer"] == customer
    assert found["line_items"]["data"][0]["description"] == "Premium"
    listed = client.v1.payment_intents.list({"expand": ["data.latest_charge"]}).to_dict()
    assert listed["data"][0]["latest_charge"]["status"] == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match=r"cannot be expanded \(colour\)"):
        client.v1.customers.retrieve(customer, {"expand": ["colour"]})


def test_the_same_key_and_parameters_get_the_same_answer_once(sandbox):
    given = {"email": "a@shop.example"}
    first = asked(sandbox, "/v1/customers", given, headers={"Idempotency-Key": "k1"})
    second = asked(sandbox, "/v1/customers", given, headers={"Idempotency-Key": "k1"})
    assert (first[0], second[0]) == (200, 200)
    assert first[2] == second[2]
    assert first[1]["Idempotent-Replayed"] is None
    assert second[1]["Idempotent-Replayed"] == "true"
    assert second[1]["Original-Request"] == first[1]["Request-Id"]
    assert sandbox.state()["events"] == 1


def test_a_refusal_by_the_bank_is_replayed_too(client, sandbox):
    customer = client.v1.customers.create({}).id
    given: Any = {
        "amount": 500,
        "currency": "eur",
        "customer": customer,
        "payment_method": a_card(client, customer, "pm_card_chargeCustomerFail"),
        "confirm": True,
        "off_session": True,
    }
    refusals = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            client.v1.payment_intents.create(given, {"idempotency_key": "k2"})
        refusals.append(refused.value.json_body)
    assert refusals[0] == refusals[1]
    assert sandbox.state()["charges"]["failed"] == 1


def test_a_key_used_for_something_else_is_refused(client):
    client.v1.customers.create({"email": "a@shop.example"}, {"idempotency_key": "k3"})
    with pytest.raises(stripe.IdempotencyError) as other_parameters:
        client.v1.customers.create({"email": "b@shop.example"}, {"idempotency_key": "k3"})
    with pytest.raises(stripe.IdempotencyError) as other_endpoint:
        client.v1.setup_intents.create({}, {"idempotency_key": "k3"})
    assert (other_parameters.value.http_status, other_endpoint.value.http_status) == (400, 400)
    assert len(client.v1.customers.list().data) == 1


def test_a_request_refused_for_its_parameters_does_not_use_up_the_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"currency": "eur"}, {"idempotency_key": "k4"})
    assert (
        client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, {"idempotency_key": "k4"}).amount
        == 500
    )


def test_twenty_requests_at_once_with_one_key_charge_once(client, sandbox):
    customer = client.v1.customers.create({}).id
    given: Any = {
        "amount": 500,
        "currency": "eur",
        "customer": customer,
        "payment_method": a_card(client, customer),
        "confirm": True,
        "off_session": True,
    }
    together = threading.Barrier(20)

    def pay(_: int) -> str:
        together.wait()
        return client_of(sandbox).v1.payment_intents.create(given, {"idempotency_key": "k5"}).id

    with ThreadPoolExecutor(20) as pool:
        refs = set(pool.map(pay, range(20)))
    assert len(refs) == 1
    assert sandbox.state()["charges"] == {"succeeded": 1, "failed": 0, "by_payment_intent": {refs.pop(): 1}}


def test_many_writers_and_readers_at_once_never_find_the_database_locked(sandbox):
    def work(number: int) -> int:
        own = client_of(sandbox)
        for turn in range(5):
            own.v1.customers.create({"email": f"{number}.{turn}@shop.example"})
            own.v1.events.list({"limit": 5})
        return number

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == list(range(16))
    assert sandbox.state()["events"] == 80
