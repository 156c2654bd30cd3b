"""Saving another card on the gateway's page, and what the gateway says of cards afterwards."""

from datetime import UTC, datetime

import pytest
import stripe

from checkout.operations.pay import reconcile
from checkout.operations.renew import renew
from memberships import tasks
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import CardSetup, InboundEvent, Membership, PaymentMethod
from memberships.operations.card_setup import open_card_page, reconcile_card_setup
from memberships.operations.collection import collect
from memberships.webhooks import inbox

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
SAVED_THEN_DECLINED, ASKS = "4000000000000341", "4000002760003184"


@pytest.fixture
def alice(world, catalogue):
    """On Premium since 1 March, card saved."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def overdue(world, catalogue, alice):
    """A bill that Alice's card was declined for."""
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    order = world.orders(alice, catalogue.business, now=APRIL_1 - (APRIL_1 - MARCH_1) / 2)
    collect(payment=order.payment, card=world.card_of(alice), return_url="", now=MARCH_1)
    alice.move(Membership.State.PAST_DUE, now=APRIL_1)
    return order.payment


@pytest.fixture
def stripe_client(world):
    return stripe.StripeClient(world.gateway.api_key, base_addresses={"api": world.gateway.base_url})


def opens(membership: Membership) -> CardSetup:
    return open_card_page(
        customer=membership.customer, return_url=lambda uid: f"http://localhost/{uid}/", now=APRIL_1
    )


def told(kind: str, object_id: str) -> InboundEvent:
    event = InboundEvent.objects.create(
        source="stripe", external_id=f"evt_{InboundEvent.objects.count()}", kind=kind, object_id=object_id, payload={},
        received_at=APRIL_1,
    )  # fmt: skip
    return inbox.handle(event_id=event.pk, now=APRIL_1)


def cards(membership: Membership) -> list[tuple[str, bool]]:
    return [(card.gateway_ref, card.is_default) for card in membership.customer.payment_methods.all()]


def test_a_card_saved_on_the_page_is_the_default_from_then_on(world, alice):
    before = world.card_of(alice)
    setup = opens(alice)
    assert setup.url.startswith(world.gateway.base_url)
    assert reconcile_card_setup(setup=setup, now=APRIL_1).state == "open"
    world.gateway.pay(setup.gateway_ref)
    assert told("checkout.session.completed", setup.gateway_ref).effect == f"card setup {setup.uid} done"
    setup.refresh_from_db()
    assert (setup.state, setup.finished_at, world.gateway.state()["charges"]["succeeded"]) == (
        "done",
        APRIL_1,
        1,
    )
    assert cards(alice) == [(world.card_of(alice).gateway_ref, True), (before.gateway_ref, False)]


def test_a_saved_card_is_charged_at_once_for_what_is_overdue(world, alice, overdue):
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    for _ in range(3):
        reconcile_card_setup(setup=setup, now=APRIL_1)
    overdue.refresh_from_db()
    assert (overdue.state, [attempt.state for attempt in overdue.attempts.all()]) == (
        "paid",
        ["failed", "succeeded"],
    )
    assert overdue.attempts.last().card_ref == world.card_of(alice).gateway_ref


def test_a_saved_card_that_is_declined_is_tried_once_however_often_it_is_told_of(world, alice, overdue):
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref, card=SAVED_THEN_DECLINED)
    for _ in range(3):
        CardSetup.objects.update(
            state="open", finished_at=None
        )  # as if a process had died before the last step
        setup.refresh_from_db()
        reconcile_card_setup(setup=setup, now=APRIL_1)
    assert [attempt.state for attempt in overdue.attempts.all()] == ["failed", "failed"]


def test_a_charge_to_the_new_card_whose_answer_was_lost_is_finished_by_the_sweep(world, alice, overdue):
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    world.gateway.control(fail_next={"kind": "timeout_after", "path": "/v1/payment_intents/*/confirm"})
    assert reconcile_card_setup(setup=setup, now=APRIL_1).state == "done"
    tasks.reconcile_one_payment(payment_id=overdue.pk)
    overdue.refresh_from_db()
    assert (overdue.state, world.gateway.state()["charges"]["succeeded"]) == ("paid", 2)


def test_who_saves_another_card_after_the_bank_asked_for_them_is_not_told_that_the_first_one_failed(
    world, alice, django_capture_on_commit_callbacks
):
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=ASKS)
    with django_capture_on_commit_callbacks(execute=True):
        renew(membership_id=alice.pk, now=APRIL_1)
    assert world.fresh(alice).state == "past_due"
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    with django_capture_on_commit_callbacks(execute=True):
        reconcile_card_setup(setup=setup, now=APRIL_1)
    told_of = list(alice.notices.order_by("id").values_list("kind", flat=True))
    assert (world.fresh(alice).state, told_of[1:]) == ("active", ["action_needed", "renewed"])


def test_what_is_not_overdue_is_not_charged_to_a_new_card(world, catalogue, alice):
    order = world.orders(alice, catalogue.business, now=MARCH_1)
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    reconcile_card_setup(setup=setup, now=APRIL_1)
    assert (reconcile(order=order, now=APRIL_1).state, order.payment.attempts.count()) == ("open", 0)


def test_a_page_that_expired_is_closed_and_changes_nothing(world, alice, stripe_client):
    before = cards(alice)
    setup = opens(alice)
    stripe_client.v1.checkout.sessions.expire(setup.gateway_ref)
    told("checkout.session.expired", setup.gateway_ref)
    setup.refresh_from_db()
    assert (setup.state, cards(alice)) == ("closed", before)


def test_a_page_whose_address_was_lost_is_closed_by_the_sweep_and_another_can_be_opened(world, alice):
    world.gateway.control(fail_next={"kind": "timeout_after", "path": "/v1/checkout/sessions"})
    with pytest.raises(GatewayUnavailable):
        opens(alice)
    lost = CardSetup.objects.get()
    tasks.reconcile_one_card_setup(setup_id=lost.pk)
    lost.refresh_from_db()
    assert (lost.state, opens(alice).state) == ("closed", "open")


def test_the_sweep_saves_a_card_whose_webhook_never_came(world, alice, monkeypatch):
    monkeypatch.setattr(tasks.reconcile_one_card_setup, "enqueue", tasks.reconcile_one_card_setup)
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    assert (tasks.sweep_card_setups(), tasks.sweep_card_setups()) == (1, 0)
    setup.refresh_from_db()
    assert (setup.state, PaymentMethod.objects.filter(customer=alice.customer).count()) == ("done", 2)


def test_a_customer_whom_the_gateway_has_deleted_saves_a_card_all_the_same(world, alice, stripe_client):
    alice.customer.refresh_from_db()
    stripe_client.v1.customers.delete(alice.customer.gateway_ref)
    setup = opens(alice)
    world.gateway.pay(setup.gateway_ref)
    reconcile_card_setup(setup=setup, now=APRIL_1)
    assert cards(alice) == [(world.card_of(alice).gateway_ref, True)]


def test_a_card_that_its_bank_renewed_is_shown_as_it_is_now(world, alice, stripe_client):
    card = world.card_of(alice)
    stripe_client.v1.payment_methods.update(card.gateway_ref, {"card": {"exp_month": 3, "exp_year": 2042}})
    assert told("payment_method.automatically_updated", card.gateway_ref).effect == "card up to date"
    card.refresh_from_db()
    assert (card.exp_month, card.exp_year, card.is_default) == (3, 2042, True)


def test_a_card_that_was_taken_away_at_the_gateway_is_forgotten(world, alice, stripe_client):
    ref = world.card_of(alice).gateway_ref
    stripe_client.v1.payment_methods.detach(ref)
    assert told("payment_method.detached", ref).effect == "card forgotten"
    assert (cards(alice), told("payment_method.detached", ref).state) == ([], "ignored")


def test_a_card_of_nobody_causes_no_call_to_the_gateway(world, alice):
    asked = world.gateway.state()["settings"]["requests"]
    assert told("payment_method.updated", "pm_of_nobody").state == "ignored"
    assert world.gateway.state()["settings"]["requests"] == asked
