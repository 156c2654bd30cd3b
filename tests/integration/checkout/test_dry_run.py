"""The dry run of a webhook: what handling it would do, told by its real handler, and nothing done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection

from checkout.models import Order
from memberships import tasks
from memberships.billing.choose import gateway, network_gateway
from memberships.billing.gateway import GatewayUnavailable
from memberships.models import Attempt, InboundEvent, Membership, Payment
from memberships.operations.collection import _ask
from memberships.operations.refunds import refund
from memberships.webhooks import inbox
from memberships.webhooks.dry_run import Change, DryRun, dry_run
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
SOON = MARCH_1 + timedelta(minutes=5)
DECLINED = "4000000000000002"


def event_of(kind: str, object_id: str) -> InboundEvent:
    return InboundEvent.objects.create(
        source="stripe", external_id=f"evt_{object_id}", kind=kind, object_id=object_id, payload={},
        received_at=MARCH_1,
    )  # fmt: skip


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.comes("alice", now=MARCH_1)


@pytest.fixture
def order(world: World, catalogue: Catalogue, alice: Membership) -> Order:
    return world.orders(alice, catalogue.premium, now=MARCH_1)


@pytest.fixture
def page_paid(world: World, order: Order) -> InboundEvent:
    """Alice has paid on the gateway's page; its webhook is here and not handled yet."""
    attempt = world.opens_the_page(order, now=MARCH_1)
    world.gateway.pay(attempt.gateway_ref)
    return event_of("checkout.session.completed", attempt.gateway_ref)


def everything() -> dict[str, list[Any]]:
    """Every row of every table of the network."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in {"memberships", "checkout", "products"} and model._meta.managed
    }


def test_it_tells_what_would_change_and_changes_nothing(page_paid, order, world, monkeypatch):
    told_by_mail: list[int] = []
    monkeypatch.setattr(tasks.deliver_notice, "enqueue", lambda *, notice_id: told_by_mail.append(notice_id))
    before = everything()
    told = dry_run(event=page_paid, now=SOON)
    assert everything() == before
    assert (told_by_mail, len(connection.run_on_commit)) == ([], 0)
    attempt = Attempt.objects.get()
    assert told.effect == f"attempt {attempt.uid} succeeded, payment {order.payment.uid}"
    assert (told.error, told.asked) == ("", ())
    assert [change for change in told.changes if change.kind == "payment"] == [
        Change(kind="payment", row="€30.00 (Open)", was="state: Open", becomes="state: Paid")
    ]
    new = {(change.kind, change.row) for change in told.changes if not change.was}
    assert ("invoice", "Started Premium, €30.00") in new
    assert ("notice", "Welcome") in new
    assert ("payment method", "Visa 4242") in {(kind, row.replace(" ••••", "")) for kind, row in new}


def test_what_it_told_then_happens(page_paid, order, world):
    told = dry_run(event=page_paid, now=SOON)
    inbox.handle(event_id=page_paid.pk, now=SOON)
    assert InboundEvent.objects.get().effect == told.effect
    assert dry_run(event=page_paid, now=SOON).changes == ()


def happened(world) -> dict:
    """What the gateway has done. How often it tried to tell is left out: it tries again while the test runs."""
    state = world.gateway.state()
    return {name: state[name] for name in ("charges", "refunds", "events")}


def test_it_never_charges_a_card(world, catalogue, alice, order):
    """A charge that was prepared and never confirmed: replaying confirms it, a dry run only says so."""
    order = world.pays(order, now=MARCH_1)
    card = world.card_of(alice)
    upgrade = world.orders(alice, catalogue.business, now=SOON)
    attempt = upgrade.payment.attempts.create(
        number=1, method=Attempt.Method.SAVED_CARD, card_ref=card.gateway_ref, started_at=SOON
    )
    attempt.gateway_ref = _ask(attempt).ref
    attempt.save()
    before = happened(world)
    told = dry_run(event=event_of("payment_intent.requires_action", attempt.gateway_ref), now=SOON)
    assert (told.asked, told.error, told.changes) == (("charge",), "", ())
    assert happened(world) == before
    assert gateway().look_up(attempt.gateway_ref).captured == 0


def test_a_refund_that_the_bank_sends_back_would_go_to_the_wallet(world, alice, order):
    world.pays(order, now=MARCH_1)
    payment = Payment.objects.get()
    world.gateway.change_card(world.card_of(alice).gateway_ref, card="4000000000005126")
    back = refund(payment=payment, amount=1000, reason="r", actor=None, now=SOON)
    told = dry_run(event=event_of("refund.updated", back.gateway_ref), now=SOON)
    assert told.effect == f"refund {back.uid} {back.state}"
    assert told.changes == ()


@pytest.mark.parametrize(
    ("kind", "ref"),
    [("payment_intent.succeeded", "pi_unknown"), ("customer.created", "cus_1"), ("refund.updated", "")],
)
def test_an_event_of_others_would_do_nothing(db, kind, ref):
    assert dry_run(event=event_of(kind, ref), now=SOON) == DryRun(effect="", error="", asked=(), changes=())


def test_a_gateway_that_does_not_answer_is_said(page_paid, monkeypatch):
    def is_silent(_ref):
        raise GatewayUnavailable("timed out")

    monkeypatch.setattr(network_gateway(), "look_up", is_silent)
    told = dry_run(event=page_paid, now=SOON)
    assert told.error == "GatewayUnavailable: timed out"
    assert (told.effect, told.changes) == ("", ())


def test_a_handler_that_breaks_is_said(page_paid, monkeypatch):
    def breaks(**_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("memberships.webhooks.stripe.advance", breaks)
    assert dry_run(event=page_paid, now=SOON).error == "ZeroDivisionError: by zero"


# Its page


def page_of(event: InboundEvent) -> str:
    return f"/admin/memberships/inboundevent/{event.pk}/dry-run/"


def test_the_page_shows_it_and_its_button_replays(desk, staff, page_paid, monkeypatch):
    queued: list[int] = []
    monkeypatch.setattr(tasks.handle_inbound_event, "enqueue", lambda *, event_id: queued.append(event_id))
    InboundEvent.objects.update(state="failed", error="cut")
    shown = text_of(desk.get(page_of(page_paid)))
    assert "Started Premium, €30.00" in shown
    assert "state: Open state: Paid" in shown
    assert "Nothing of this has happened, and nobody was told." in shown
    assert (InboundEvent.objects.get().state, queued) == ("failed", [])

    answer = desk.post(page_of(page_paid), {"go": "on"})
    assert answer["Location"] == f"/admin/memberships/inboundevent/{page_paid.pk}/change/"
    assert (InboundEvent.objects.get().state, queued) == ("received", [page_paid.pk])
    entry = LogEntry.objects.get()
    assert (entry.user, entry.change_message, entry.object_id) == (staff, "replayed", str(page_paid.pk))


def test_the_page_needs_the_permission_to_replay(desk, staff, page_paid):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename="view_inboundevent"))
    assert desk.get(page_of(page_paid)).status_code == 403
    assert desk.post(page_of(page_paid), {"go": "on"}).status_code == 403
    assert "Dry run" not in desk.get("/admin/memberships/inboundevent/").content.decode()


def test_the_list_says_what_came_of_an_event_by_the_beginnings_of_long_names(desk):
    event = event_of("refund.updated", "re_1")
    effect = "attempt fb6cdff8-b316-4ebf-b159-e019991ee855 succeeded"
    InboundEvent.objects.filter(pk=event.pk).update(state="handled", effect=effect)
    shown = desk.get("/admin/memberships/inboundevent/").content.decode()
    assert "attempt fb6cdff8… succeeded" in shown
    assert effect not in shown
    assert effect in desk.get(f"/admin/memberships/inboundevent/{event.pk}/change/").content.decode()


def test_events_are_found_by_kind_and_by_what_needs_a_look(desk):
    found = {
        "waiting": event_of("refund.updated", "re_1"),
        "given_up": event_of("refund.created", "re_2"),
        "again": event_of("refund.failed", "re_3"),
    }
    InboundEvent.objects.filter(pk=found["given_up"].pk).update(state="failed", attempts=10)
    InboundEvent.objects.filter(pk=found["again"].pk).update(state="handled", attempts=2)
    shown = {
        look: [
            row.pk
            for row in desk.get("/admin/memberships/inboundevent/", {"look": look}).context["cl"].queryset
        ]
        for look in found
    }
    assert shown["waiting"] == [found["waiting"].pk]
    assert shown["given_up"] == [found["given_up"].pk]
    assert sorted(shown["again"]) == [found["given_up"].pk, found["again"].pk]
    (row,) = desk.get("/admin/memberships/inboundevent/", {"kind": "refund.failed"}).context["cl"].queryset
    assert row == found["again"]
