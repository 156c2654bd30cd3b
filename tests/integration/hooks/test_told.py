"""What happens is written down for every endpoint that wants to know, in the effect's own transaction."""

import re

import pytest
from django.db import connection, transaction

from checkout.hooks.events import EVENTS
from checkout.hooks.models import Endpoint, Message
from checkout.hooks.operations import disable, enable, make_endpoint
from checkout.models import Order
from checkout.operations.rehearsal import rehearse
from memberships.billing.rehearsal import CardBehaviour
from memberships.models import Attempt, Invoice, Membership, Payment, Refund, Transition
from memberships.operations.keep_plan import keep_plan
from memberships.operations.refunds import refund
from sites.models import DomainClaim, Site
from sites.operations.create import create_site
from sites.operations.recycle import recycle_site
from tests.integration.hooks.conftest import MARCH_1, told

pytestmark = pytest.mark.django_db
MARCH_17 = MARCH_1.replace(day=17)


def facts(endpoint: Endpoint, type: str) -> list[dict]:  # noqa: A002 -- the model's own word
    return [message.data for message in Message.objects.filter(endpoint=endpoint, type=type).order_by("id")]


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """She joined before anybody wanted to know."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


def test_somebody_joins_and_pays(endpoint, world, catalogue):
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1)
    assert sorted(told(endpoint)) == [
        "invoice.issued",
        "membership.activated",
        "membership.changed",
        "order.fulfilled",
        "order.placed",
        "payment.opened",
        "payment.paid",
    ]
    order, invoice, payment = Order.objects.get(), Invoice.objects.get(), Payment.objects.get()
    hers = str(alice.uid)
    assert facts(endpoint, "membership.changed") == [{"id": hers, "change": "new"}]
    assert facts(endpoint, "membership.activated") == [{"id": hers, "change": "active"}]
    assert facts(endpoint, "order.fulfilled") == [{"id": str(order.uid), "membership": hers}]
    assert facts(endpoint, "invoice.issued") == [{"id": str(invoice.uid), "membership": hers}]
    assert facts(endpoint, "payment.paid") == [{"id": str(payment.uid), "membership": hers}]
    assert set(
        Message.objects.filter(type__startswith="order").values_list("occurred_at", "next_try_at")
    ) == {(MARCH_1, MARCH_1)}


def test_a_downgrade_is_planned_and_taken_back(alice, endpoint, world, catalogue):
    world.orders(alice, catalogue.free, now=MARCH_17)
    keep_plan(membership=alice, actor=None, now=MARCH_17)
    assert [row["change"] for row in facts(endpoint, "membership.changed")] == ["downgrade", "kept_plan"]


def test_a_period_is_renewed(alice, endpoint, world):
    world.a_day(MARCH_1.replace(month=4, minute=1))
    assert facts(endpoint, "membership.renewed") == [{"id": str(alice.uid), "change": "renewal"}]
    assert "membership.changed" not in told(endpoint)


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("trialing", "membership.trialing"),
        ("active", "membership.activated"),
        ("past_due", "membership.past_due"),
        ("expired", "membership.expired"),
        ("cancelled", "membership.cancelled"),
        ("something_new", "membership.changed"),
    ],
)
def test_every_move_of_a_membership_is_told(alice, endpoint, kind, event):
    Transition.objects.bulk_create([Transition(membership=alice, kind=kind, at=MARCH_17)])
    assert facts(endpoint, event) == [{"id": str(alice.uid), "change": kind}]
    assert told(endpoint) == [event]


def test_a_repair_of_ours_is_nobodys_business(alice, endpoint):
    Transition.objects.create(membership=alice, kind="repaired", at=MARCH_17)
    assert told(endpoint) == []


@pytest.mark.parametrize("state", ["credited", "expired", "cancelled", "undone"])
def test_every_end_of_an_order_is_told_once(alice, endpoint, state):
    order = alice.orders.get()
    undone_at = MARCH_17 if state == "undone" else None
    for _twice in range(2):
        Order.objects.filter(pk=order.pk).update(state=state, settled_at=MARCH_17, undone_at=undone_at)
    assert facts(endpoint, f"order.{state}") == [{"id": str(order.uid), "membership": str(alice.uid)}]
    assert told(endpoint) == [f"order.{state}"]
    assert Message.objects.get().occurred_at == MARCH_17


def test_money_that_does_not_come_is_told(alice, endpoint, world, catalogue):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    attempt = world.opens_the_page(order, now=MARCH_17)
    Attempt.objects.filter(pk=attempt.pk).update(state="failed", finished_at=MARCH_17)
    Payment.objects.filter(pk=order.payment_id).update(state="closed", settled_at=MARCH_17)
    its = {"id": str(order.payment.uid), "membership": str(alice.uid)}
    assert told(endpoint) == ["payment.opened", "order.placed", "payment.failed", "payment.closed"]
    assert facts(endpoint, "payment.failed") == facts(endpoint, "payment.closed") == [its]


def test_money_that_goes_back_is_told_with_its_credit_note(alice, endpoint):
    given = refund(payment=alice.payments.get(), amount=1000, reason="Sorry", actor=None, now=MARCH_17)
    assert sorted(told(endpoint)) == ["credit_note.issued", "refund.succeeded"]
    assert facts(endpoint, "refund.succeeded") == [{"id": str(given.uid), "membership": str(alice.uid)}]


def test_a_refund_that_the_bank_sends_back_is_told(alice, endpoint):
    refund(payment=alice.payments.get(), amount=1000, reason="Sorry", actor=None, now=MARCH_17)
    Refund.objects.update(state="failed")
    assert told(endpoint)[-1] == "refund.failed"


def test_the_life_of_a_site_is_told(alice, endpoint):
    site = create_site(membership=alice, name="Alice", slug="alice", now=MARCH_1)
    Site.objects.filter(pk=site.pk).update(state="failed")
    Site.objects.filter(pk=site.pk).update(state="ready", ready_at=MARCH_1)
    Site.objects.filter(pk=site.pk).update(name="Alice again")
    recycle_site(site_id=site.pk, now=MARCH_17)
    Site.objects.filter(pk=site.pk).delete()
    assert told(endpoint) == ["site.created", "site.failed", "site.ready", "site.recycled", "site.erased"]
    its = {"id": str(site.uid), "membership": str(alice.uid)}
    assert list(Message.objects.values_list("data", flat=True)) == [its] * 5


@pytest.fixture
def claim(alice) -> DomainClaim:
    site = create_site(membership=alice, name="Alice", slug="alice", now=MARCH_1)
    return DomainClaim.objects.create(
        membership=alice, site=site, domain="alice.example", created_at=MARCH_1, proven_at=MARCH_1
    )


def test_the_life_of_a_domain_is_told(endpoint, claim):
    for state in ("proven", "active", "parked", "active"):
        DomainClaim.objects.filter(pk=claim.pk).update(state=state)
    DomainClaim.objects.filter(pk=claim.pk).update(state="resting", rests_until=MARCH_17)
    claim.delete()
    of_domains = [event for event in told(endpoint) if event.startswith("domain")]
    assert of_domains == [
        "domain.claimed",
        "domain.proven",
        "domain.activated",
        "domain.parked",
        "domain.activated",
        "domain.released",
    ]
    its = {"id": str(claim.uid), "membership": str(claim.membership.uid)}
    assert facts(endpoint, "domain.activated") == [its, its]


def test_a_claim_that_is_given_up_before_it_is_proven_is_released(endpoint, claim):
    claim.delete()
    assert told(endpoint)[-1] == "domain.released"


def test_what_is_rolled_back_is_told_to_nobody(alice, endpoint):
    with transaction.atomic():
        alice.move(Membership.State.CANCELLED, now=MARCH_17)
        assert told(endpoint) == ["membership.cancelled"]
        transaction.set_rollback(True)
    assert told(endpoint) == []


def test_a_rehearsal_is_told_to_nobody(alice, endpoint):
    until = MARCH_17.replace(month=5)
    rows = rehearse(membership=alice, until=until, card=CardBehaviour.WORKS, now=MARCH_17).rows
    assert rows != ()
    assert told(endpoint) == []


def test_each_endpoint_is_told_of_its_own_types(alice, endpoint, staff):
    money = make_endpoint(
        url=endpoint.url, description="", types=["payment.paid", "order.cancelled"], owner=staff, now=MARCH_1
    )
    alice.orders.update(state="cancelled")
    alice.move(Membership.State.CANCELLED, now=MARCH_17)
    assert told(endpoint) == ["order.cancelled", "membership.cancelled"]
    assert told(money) == ["order.cancelled"]
    assert Message.objects.values("uid").distinct().count() == 3


def test_a_disabled_endpoint_is_told_nothing_until_it_is_enabled(alice, endpoint):
    disable(endpoint=endpoint, now=MARCH_1)
    alice.orders.update(state="cancelled")
    enable(endpoint=endpoint)
    alice.orders.update(state="expired")
    assert told(endpoint) == ["order.expired"]


def test_the_database_tells_every_type_that_an_endpoint_can_choose_and_no_other(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'tells%%'")
        written = "".join(trigger for (trigger,) in cursor.fetchall())
    assert set(re.findall(r"an_effect_is_told_to_endpoints\('([^']+)'", written)) == set(EVENTS)
