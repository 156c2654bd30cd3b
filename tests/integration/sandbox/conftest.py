"""A gateway double for these tests, and an endpoint that listens to it."""

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import stripe

from sandbox.testing import SandboxProcess

API_VERSION = "2026-10-28.endive"


@dataclass(slots=True)
class Listener:
    """What a webhook endpoint heard.

    `answers`: statuses to give, the last one again and again. `waits`: seconds before the first answer.
    """

    answers: list[int] = field(default_factory=lambda: [200])
    waits: float = 0.0
    heard: list[tuple[bytes, str]] = field(default_factory=list)
    url: str = ""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes, signature: str) -> int:
        with self.arrived:
            self.heard.append((body, signature))
            self.arrived.notify_all()
            status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            waits, self.waits = self.waits, 0.0
        time.sleep(waits)
        return status

    def wait_for(self, count: int, *, seconds: float = 10) -> list[dict[str, Any]]:
        """The events heard once there are this many of them."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.heard) >= count, seconds), self.types
            return self.events

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.heard]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


class _Handler(http.server.BaseHTTPRequestHandler):
    listener: ClassVar[Listener]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.listener.take(body, self.headers["Stripe-Signature"])
        with contextlib.suppress(OSError):  # whoever asked may be gone
            self.send_response(status)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()
    handler = type("Handler", (_Handler,), {"listener": heard})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    heard.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield heard
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def double() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(double: SandboxProcess, listener: Listener) -> Iterator[SandboxProcess]:
    """A double that remembers nothing of other tests and tells `listener`."""
    double.reset()
    double.control(webhook_url=listener.url)
    yield double
    double.reset()


def client_of(process: SandboxProcess, **options: Any) -> stripe.StripeClient:
    """Stripe's own client, as the product uses it; nothing is retried unless asked for."""
    settings = {"api_key": process.api_key, "max_network_retries": 0, **options}
    return stripe.StripeClient(
        **settings, base_addresses={"api": process.base_url}, stripe_version=API_VERSION
    )


@pytest.fixture
def client(sandbox: SandboxProcess) -> stripe.StripeClient:
    return client_of(sandbox)


def a_session(client: stripe.StripeClient, **changes: Any) -> stripe.checkout.Session:
    """An open Checkout Session over EUR 12.50 that keeps the card."""
    given: Any = {
        "mode": "payment",
        "success_url": "https://shop.example/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/basket",
        "line_items": [
            {
                "price_data": {"currency": "eur", "unit_amount": 1250, "product_data": {"name": "Premium"}},
                "quantity": 1,
            }
        ],
        "payment_intent_data": {"setup_future_usage": "off_session"},
        **changes,
    }
    wanted: Any = {name: value for name, value in given.items() if value is not None}
    return client.v1.checkout.sessions.create(wanted)


def a_card(client: stripe.StripeClient, customer: str, name: str = "pm_card_visa") -> str:
    """A saved card of this customer, by its name in Stripe's test mode."""
    return client.v1.payment_methods.attach(name, {"customer": customer}).id
