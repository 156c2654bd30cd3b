"""Sending events to webhook endpoints: in order, signed, again and again until they are taken."""

import hashlib
import hmac
import http.client
import json
import logging
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Count

from sandbox import events, sessions, store
from sandbox.models import Delivery, Resource
from sandbox.store import Call
from sandbox.switches import switches

logger = logging.getLogger(__name__)

TIMEOUT = 10.0  # seconds an endpoint has to answer
FIRST_RETRY = 0.5  # seconds; doubled for each further one
LONGEST_WAIT = 60.0
MOST_ATTEMPTS = 16
IDLE = 1.0  # seconds between looks for sessions whose time has come


def sign(payload: bytes, *, secret: str, at: int) -> str:
    """The `Stripe-Signature` header of a payload."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def wait_after(attempts: int) -> float:
    """Seconds until the next try after this many failed ones."""
    return float(min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_WAIT))


class Worker(threading.Thread):
    """The one sender. What it has to do stands in rows, so a restart forgets nothing."""

    def __init__(self) -> None:
        super().__init__(name="deliveries", daemon=True)
        self._woken = threading.Event()
        self._ending = threading.Event()
        self._looked_at = 0.0
        self.sending = threading.Lock()  # held while a delivery is under way

    def wake(self) -> None:
        """Something may be due."""
        self._woken.set()

    def stop(self, *, patience: float) -> None:
        """Ends after the delivery under way, or after `patience` seconds; the next start repeats it."""
        self._ending.set()
        self._woken.set()
        self.join(patience)

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                pause = self._turn()
            except Exception:  # whatever goes wrong with one turn, the next must come
                logger.exception("deliveries: a turn failed")
                pause = IDLE
            self._woken.wait(pause)
            self._woken.clear()
        connection.close()

    def _turn(self) -> float:
        """Does what is due; returns the seconds until something may be."""
        call = Call(at=time.time())
        if call.at - self._looked_at >= IDLE:
            self._looked_at = call.at
            if sessions.overdue(now=call.now).exists():
                with store.writing():
                    sessions.end_overdue(call)
        while not self._ending.is_set() and not switches.paused:
            delivery = self._next(due_by=time.time())
            if delivery is None:
                break
            self._send(delivery)
        following = self._next(due_by=None)
        if following is None or switches.paused:
            return IDLE
        return max(0.0, min(following.due_at - time.time(), IDLE))

    def _next(self, *, due_by: float | None) -> Delivery | None:
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
        if due_by is None:
            return waiting.order_by("due_at").first()
        order = ("-pk",) if switches.reorder else ("due_at", "pk")
        return waiting.filter(due_at__lte=due_by).order_by(*order).first()

    def flush(self) -> int:
        """Makes every waiting delivery now, paused or not, each once; returns how many were taken."""
        taken = 0
        order = "-pk" if switches.reorder else "pk"
        for delivery in Delivery.objects.filter(state=Delivery.State.WAITING).order_by(order):
            taken += self._send(delivery)
        return taken

    def _send(self, delivery: Delivery) -> bool:
        """Makes one delivery and writes down what became of it."""
        with self.sending:
            delivery = Delivery.objects.filter(pk=delivery.pk).first() or delivery
            if delivery.pk is None or delivery.state != Delivery.State.WAITING:
                return False  # made meanwhile
            outcome, taken = self._post(delivery)
            with store.writing():
                delivery.attempts += 1
                delivery.last_outcome = outcome
                if taken:
                    delivery.state = Delivery.State.DELIVERED
                elif delivery.attempts >= MOST_ATTEMPTS:
                    delivery.state = Delivery.State.FAILED
                else:
                    delivery.due_at = time.time() + wait_after(delivery.attempts)
                # a reset may have taken the row away meanwhile
                Delivery.objects.filter(pk=delivery.pk).update(
                    attempts=delivery.attempts,
                    last_outcome=delivery.last_outcome,
                    state=delivery.state,
                    due_at=delivery.due_at,
                )
        return taken

    def _post(self, delivery: Delivery) -> tuple[str, bool]:
        endpoint = Resource.objects.filter(ref=delivery.endpoint_ref).first()
        event = Resource.objects.filter(ref=delivery.event_ref).first()
        if endpoint is None or event is None:
            return "nobody to tell any more", False
        payload = json.dumps(events.shown(event), indent=2).encode()
        signature = sign(payload, secret=endpoint.hidden["secret"], at=int(time.time()))
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
        try:
            status = _post(endpoint.body["url"], payload, headers)
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"[:200], False
        return str(status), http.client.OK <= status < http.client.MULTIPLE_CHOICES


def _post(url: str, payload: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; redirects are not followed."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    target = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        target.request(
            "POST", path, body=payload, headers={"User-Agent": "Stripe/1.0 (gateway double)", **headers}
        )
        answered = target.getresponse()
        answered.read()
        return answered.status
    finally:
        target.close()


def counted() -> dict[str, Any]:
    """How many deliveries are in each state."""
    rows = Delivery.objects.values("state").annotate(number=Count("pk"))
    return dict.fromkeys(Delivery.State.values, 0) | {row["state"]: row["number"] for row in rows}


worker = Worker()
