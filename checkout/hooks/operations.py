"""Endpoints and their messages: made, sent, tried again, given up."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from checkout.hooks import signing
from checkout.hooks.events import TEST
from checkout.hooks.models import Delivery, Endpoint, Message
from checkout.hooks.retries import TRIED_FOR, pause_after
from checkout.hooks.sending import Answer, post

log = logging.getLogger(__name__)
LOCK: Final = 5_817_006  # of pg_try_advisory_lock's two numbers the first; the endpoint's id is the second
OLD_SECRET_VALID_FOR: Final = timedelta(hours=24)
OTHERS_WAIT: Final = timedelta(minutes=1)
KEPT_FOR: Final = timedelta(days=30)
MOST_AT_ONCE: Final = 20  # messages that a task sends before others have their turn
GONE, FAILING = "gone", "failing"  # why an endpoint was disabled, beside a person's doing it
State = Message.State


def make_endpoint(
    *, url: str, description: str, types: Sequence[str], owner: User, now: datetime
) -> Endpoint:
    """An endpoint that is told of what happens from now on. `url` has been checked by `addresses.parse`."""
    return Endpoint.objects.create(
        url=url,
        description=description,
        types=list(types),
        owner=owner,
        secret=signing.new_secret(),
        created_at=now,
    )


@transaction.atomic
def change_secret(*, endpoint: Endpoint, now: datetime) -> None:
    """Sign with a new secret, and for a day with the one until now too."""
    _lock(endpoint)
    endpoint.previous_secret, endpoint.secret = endpoint.secret, signing.new_secret()
    endpoint.previous_secret_until = now + OLD_SECRET_VALID_FOR
    endpoint.save(update_fields=["secret", "previous_secret", "previous_secret_until"])


@transaction.atomic
def enable(*, endpoint: Endpoint) -> bool:
    """Tell it of what happens from now on. False when it is enabled already."""
    _lock(endpoint)
    if endpoint.state == Endpoint.State.ENABLED:
        return False
    endpoint.state, endpoint.disabled_at, endpoint.disabled_because = Endpoint.State.ENABLED, None, ""
    endpoint.failing_since = endpoint.owner_told_at = None
    endpoint.save(
        update_fields=["state", "disabled_at", "disabled_because", "failing_since", "owner_told_at"]
    )
    return True


@transaction.atomic
def disable(*, endpoint: Endpoint, because: str = "", now: datetime) -> bool:
    """Tell it nothing any more, nor what waits. False when it is disabled already. With a reason of ours its owner is
    written to."""
    _lock(endpoint)
    if endpoint.state == Endpoint.State.DISABLED:
        return False
    endpoint.state, endpoint.disabled_at, endpoint.disabled_because = Endpoint.State.DISABLED, now, because
    endpoint.save(update_fields=["state", "disabled_at", "disabled_because"])
    endpoint.messages.filter(state=State.WAITING).update(state=State.GIVEN_UP, next_try_at=None)
    return True


def send_test(*, endpoint: Endpoint, now: datetime) -> Message:
    """Send a test message now, once, also to an endpoint that is disabled; its delivery says what came of it."""
    message = Message.objects.create(
        endpoint=endpoint,
        type=TEST,
        data={"id": str(endpoint.uid)},
        occurred_at=now,
        state=State.GIVEN_UP,  # until it is taken: it is not tried again
    )
    answer = _post(message, now=now)
    if answer.is_taken:
        message.state = State.TAKEN
        message.save(update_fields=["state"])
    return message


def send_again(*, messages: QuerySet[Message], now: datetime) -> list[int]:
    """Let `messages` be sent from the beginning, under the same identifiers. Answers the endpoints that have work; what
    waits already, what was a test, and what is for a disabled endpoint is left alone."""
    again = messages.filter(endpoint__state=Endpoint.State.ENABLED).exclude(state=State.WAITING)
    chosen = again.exclude(type=TEST).values_list("pk", "endpoint")
    rows = dict(chosen)
    Message.objects.filter(pk__in=rows).update(state=State.WAITING, tries=0, next_try_at=now)
    return sorted(set(rows.values()))


def endpoints_with_work(*, now: datetime) -> list[int]:
    return list(Endpoint.objects.with_work(at=now).values_list("pk", flat=True))


def deliver_due(*, endpoint_id: int, clock: Callable[[], datetime]) -> int:
    """Send what is due for an endpoint, the oldest first, until one is not taken: then the others wait a minute, so
    that a machine that is down holds no worker. Answers how many were tried. One process at a time works on one.
    """
    tried = 0
    with _alone_on(endpoint_id) as alone:
        if not alone:
            return 0
        due = Message.objects.due(at=clock()).filter(endpoint=endpoint_id).order_by("next_try_at", "id")
        for message_id in due.values_list("pk", flat=True)[:MOST_AT_ONCE]:
            answer = deliver(message_id=message_id, now=clock())
            tried += answer is not None
            if answer is not None and not answer.is_taken:
                now = clock()
                due.filter(next_try_at__lte=now).order_by().update(next_try_at=now + OTHERS_WAIT)
                break
    return tried


@transaction.atomic
def deliver(*, message_id: int, now: datetime) -> Answer | None:
    """Send a message that is due and write down what came of it. None when it is not due, or its endpoint disabled.

    Its row is locked meanwhile, so that it is sent once; a process that dies between sending and noting sends it again,
    under the same identifier.
    """
    message = (
        Message.objects.due(at=now)
        .select_related("endpoint")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(pk=message_id, endpoint__state=Endpoint.State.ENABLED)
        .first()
    )
    if message is None:
        return None
    answer = _post(message, now=now)
    if answer.is_taken:
        message.state, message.next_try_at = State.TAKEN, None
        message.save(update_fields=["state", "next_try_at"])
        Endpoint.objects.filter(pk=message.endpoint_id).exclude(failing_since=None).update(failing_since=None)
    else:
        _failed(message, answer, now=now)
    return answer


def forget_old(*, now: datetime) -> int:
    """Remove messages, and how they were delivered, that are settled and a month old. Answers how many rows went."""
    settled = Message.objects.filter(occurred_at__lte=now - KEPT_FOR).exclude(state=State.WAITING)
    return settled.delete()[0]


def _post(message: Message, *, now: datetime) -> Answer:
    body = message.body
    headers = signing.headers_of(
        message_id=message.name, body=body, keys=message.endpoint.keys(at=now), at=now
    )
    answer = post(url=message.endpoint.url, body=body, headers=headers)
    Delivery.objects.create(
        message=message,
        at=now,
        status=answer.status,
        milliseconds=answer.milliseconds,
        excerpt=answer.excerpt,
        error=answer.error,
    )
    return answer


def _failed(message: Message, answer: Answer, *, now: datetime) -> None:
    """Plan the next try, or give up; an endpoint that has taken nothing for as long as that lasts is disabled."""
    message.tries += 1
    pause = pause_after(message.tries)
    message.state = State.GIVEN_UP if pause is None else State.WAITING
    message.next_try_at = None if pause is None else now + pause
    message.save(update_fields=["state", "tries", "next_try_at"])
    endpoint = message.endpoint
    Endpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    if answer.is_gone:
        disable(endpoint=endpoint, because=GONE, now=now)
    elif (
        pause is None and Endpoint.objects.filter(pk=endpoint.pk, failing_since__lte=now - TRIED_FOR).exists()
    ):
        disable(endpoint=endpoint, because=FAILING, now=now)


def _lock(endpoint: Endpoint) -> None:
    """Re-read it under a lock that lets the triggers of effects write messages for it all the same."""
    endpoint.refresh_from_db(from_queryset=Endpoint.objects.select_for_update(of=("self",), no_key=True))


@contextmanager
def _alone_on(endpoint_id: int) -> Iterator[bool]:
    """Whether nobody else is sending to the endpoint. A process that dies lets go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, endpoint_id])
        (alone,) = cursor.fetchone() or (False,)
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, endpoint_id])
