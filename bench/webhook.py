"""A webhook acknowledged: verified, stored once, queued; beside the least a view can do that keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Final

from django.db import connection
from django.utils import timezone

from bench.client import Client
from bench.measure import Figure, Goal, Line, Row
from bench.servers import Servers
from bench.views import TABLE
from memberships.models import InboundEvent
from tests.factories.catalogue import MONTH, product
from tests.factories.events import signature_of
from tests.factories.world import World

OURS: Final = "/webhooks/stripe/"
MINIMAL: Final = "/bench/webhook/"
ALTERNATIVE: Final = "verify, insert, commit"
SENDERS: Final = 4
PAIRS: Final = 10  # of blocks, ours and theirs in turn
SECONDS: Final = 1.0  # a block
LEAST_THROUGHPUT: Final = 0.8
MOST_TIMES_SLOWER: Final = 3
MOST_STATEMENTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The milliseconds that each answer took, and the seconds of all of them together."""

    answers: list[float]
    seconds: float

    @property
    def throughput(self) -> float:
        return len(self.answers) / self.seconds


class Events:
    """Signed webhooks, each with an id of its own, with a body as Stripe's for a paid Checkout Session."""

    def __init__(self, servers: Servers, session: dict[str, object]) -> None:
        self._secret = servers.gateway.webhook_secret
        self._numbers = count(1)
        self.session = session

    def __iter__(self) -> Iterator[tuple[bytes, dict[str, str]]]:
        while True:
            yield signed_event(f"evt_bench_{next(self._numbers)}", self.session, self._secret)


def signed_event(event_id: str, session: dict[str, object], secret: str) -> tuple[bytes, dict[str, str]]:
    """The body and the headers with which Stripe says that `session` is paid."""
    event = {
        "id": event_id, "object": "event", "api_version": "2026-10-28.endive", "livemode": False,
        "type": "checkout.session.completed", "data": {"object": session},
    }  # fmt: skip
    body = json.dumps(event, indent=2).encode()  # Stripe indents
    return body, {"Stripe-Signature": signature_of(body, secret)}


def measure(servers: Servers) -> Figure:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    events = Events(servers, _paid_session(servers))
    for path in (OURS, MINIMAL):
        _block(servers, path, events, seconds=1.0)  # warms up
    stored = InboundEvent.objects.count()
    ours, minimal = [], []
    for _ in range(PAIRS):
        ours.append(_block(servers, OURS, events, seconds=SECONDS))
        minimal.append(_block(servers, MINIMAL, events, seconds=SECONDS))
    answered = sum(len(block.answers) for block in ours)
    assert InboundEvent.objects.count() - stored == answered, "every acknowledged event is stored"
    body, _headers = next(iter(events))
    return Figure(
        title="A webhook verified, stored once, queued and acknowledged",
        settings=[
            f"{SENDERS} senders at once, {PAIRS} pairs of blocks of {SECONDS:g} s; {len(body)} bytes an event",
            "one server, one middleware; fsync on; no worker runs, so that only the answer counts",
        ],
        rows=[
            Row(
                ours=Line(what="acknowledged", unit="/s", blocks=[[block.throughput] for block in ours]),
                theirs=Line(what=ALTERNATIVE, unit="/s", blocks=[[block.throughput] for block in minimal]),
                goal=Goal(least=LEAST_THROUGHPUT),
            ),
            Row(
                ours=Line(what="until the answer", unit="ms", blocks=[block.answers for block in ours]),
                theirs=Line(what=ALTERNATIVE, unit="ms", blocks=[block.answers for block in minimal]),
                goal=Goal(percent=99, most=MOST_TIMES_SLOWER),
            ),
            *_statements(servers, events),
        ],
    )


def _paid_session(servers: Servers) -> dict[str, object]:
    """A Checkout Session of the gateway double, paid by a customer of ours."""
    world = World(servers.gateway)
    now = timezone.now()
    free, paid = (
        product("webhook-free", prices={MONTH: 0}),
        product("webhook-paid", rank=20, prices={MONTH: 900}),
    )
    attempt = world.opens_the_page(
        world.orders(world.signs_up("webhook", free, now=now), paid, now=now), now=now
    )
    session: dict[str, object] = servers.gateway.pay(attempt.gateway_ref)["session"]
    return session | {"id": "cs_test_of_nobody"}


def _block(servers: Servers, path: str, events: Events, *, seconds: float) -> Block:
    """Send as fast as the server answers."""
    started = perf_counter()

    def send() -> list[float]:
        client = Client(servers.web_port)
        answers = []
        for body, headers in events:
            if perf_counter() > started + seconds:
                break
            answers.append(client.post(path, body, headers) * 1000)
        client.close()
        return answers

    with ThreadPoolExecutor(SENDERS) as pool:
        sent = [future.result() for future in [pool.submit(send) for _ in range(SENDERS)]]
    return Block(answers=[answer for of_one in sent for answer in of_one], seconds=perf_counter() - started)


def _statements(servers: Servers, events: Events) -> Iterator[Row]:
    """What an event asks of PostgreSQL. A statement outside a transaction is one by itself."""
    client = Client(servers.web_port)
    body, headers = next(iter(events))
    for what, path in (("a new event", OURS), ("the same event again", OURS), ("the minimal view", MINIMAL)):
        with servers.statements() as seen:
            client.post(path, body, headers)
        new = what == "a new event"
        statements, commits = Line(what=f"SQL: {what}", blocks=[[len(seen.queries)]]), [[seen.commits]]
        yield Row(ours=statements, goal=Goal(most=MOST_STATEMENTS) if new else None)
        yield Row(ours=Line(what=f"commits: {what}", blocks=commits), goal=Goal(most=1) if new else None)
    client.close()
