"""Several workers at the same messages, and effects while somebody changes an endpoint."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from checkout.hooks.models import Delivery, Endpoint, Message
from checkout.hooks.operations import deliver, deliver_due, disable, make_endpoint
from memberships.models import Customer, Membership
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def endpoint(staff, receiver) -> Endpoint:
    return make_endpoint(url=receiver.url, description="", types=[], owner=staff, now=timezone.now())


@pytest.fixture
def membership(staff) -> Membership:
    return Membership.objects.create(
        customer=Customer.objects.create(user=staff), currency="EUR", created_at=timezone.now()
    )


def waiting(endpoint: Endpoint) -> Message:
    now = timezone.now()
    return Message.objects.create(
        endpoint=endpoint, type="site.ready", data={}, occurred_at=now, next_try_at=now
    )


def test_workers_that_come_at_once_send_each_message_once(endpoint, receiver):
    messages = [waiting(endpoint) for _ in range(8)]
    at_once(4, lambda _n: deliver_due(endpoint_id=endpoint.pk, clock=timezone.now))
    deliver_due(endpoint_id=endpoint.pk, clock=timezone.now)
    assert sorted(got.headers["webhook-id"] for got in receiver.received) == sorted(
        message.name for message in messages
    )


def test_one_message_is_sent_by_one_of_many(endpoint, receiver):
    message = waiting(endpoint)
    answers = at_once(6, lambda _n: deliver(message_id=message.pk, now=timezone.now()))
    assert sum(answer is not None for answer in answers) == 1
    assert (len(receiver.received), Delivery.objects.count()) == (1, 1)


def test_an_effect_does_not_wait_for_who_is_changing_the_endpoint(endpoint, membership):
    other = connection.copy()
    try:
        with transaction.atomic():
            disable(endpoint=endpoint, now=timezone.now())
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                cursor.execute(
                    "INSERT INTO memberships_transition"
                    " (membership_id, kind, came_from, went_to, at, reference, reason)"
                    " VALUES (%s, 'active', '', '', now(), '', '')",
                    [membership.pk],
                )
        assert [message.type for message in Message.objects.all()] == ["membership.activated"]
    finally:
        other.close()


def test_a_message_that_was_written_while_its_endpoint_was_disabled_waits_unsent(endpoint, receiver):
    message = waiting(endpoint)
    Endpoint.objects.update(state="disabled", disabled_at=timezone.now())
    assert deliver(message_id=message.pk, now=timezone.now()) is None
    assert receiver.received == []
