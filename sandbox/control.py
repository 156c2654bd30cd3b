"""The switches over HTTP: `/control/`. JSON in, JSON out."""

import contextlib
import functools
import json
import time
from collections.abc import Callable
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import deliveries, paying, refunds, sessions, store, switches, webhook_endpoints
from sandbox.cards import CARDS
from sandbox.models import Delivery, KeptAnswer, Resource
from sandbox.refusals import CardRefused, NoSuchResource
from sandbox.store import Call

Given = dict[str, Any]


def _json(view: Callable[..., Given]) -> Callable[..., JsonResponse]:
    """Hands the JSON object sent to the view and answers what it returns; 400, 404 for what makes no sense.

    Only `application/json` is read, which no web page may send to another host unasked.
    """

    @functools.wraps(view)
    def answered(request: HttpRequest, **refs: str) -> JsonResponse:
        try:
            return JsonResponse(view(_sent(request), **refs))
        except switches.BadSetting as error:
            return JsonResponse({"error": str(error)}, status=400)
        except NoSuchResource as error:
            return JsonResponse({"error": str(error)}, status=404)
        finally:
            deliveries.worker.wake()

    return answered


def _sent(request: HttpRequest) -> Given:
    if request.method == "GET":
        return {}
    if request.content_type != "application/json":
        raise switches.BadSetting("send application/json")
    try:
        given = json.loads(request.body or b"{}")
    except ValueError as error:
        raise switches.BadSetting(f"not JSON: {error}") from error
    if not isinstance(given, dict):
        raise switches.BadSetting("send a JSON object")
    return given


def _one_of(given: Given, name: str, allowed: tuple[str, ...], *, default: str | None = None) -> str:
    value = given.get(name, default)
    if value not in allowed:
        raise switches.BadSetting(f"{name} is one of {', '.join(allowed)}")
    return str(value)


@require_http_methods(["GET", "POST"])
@_json
def state(given: Given) -> Given:
    """GET: settings and counters. POST: settings to change; answers the same."""
    if "webhook_url" in given:
        _aim(given.pop("webhook_url"))
    switches.change(given)
    return _state()


def _aim(url: object) -> None:
    """Points the standing endpoint somewhere else."""
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise switches.BadSetting("webhook_url is a web address")
    with store.writing():
        standing = store.find("webhook_endpoint", webhook_endpoints.STANDING)
        standing.body["url"] = url
        store.save(standing)


def _state() -> Given:
    succeeded = Resource.objects.filter(kind="charge", body__status="succeeded")
    by_intent = succeeded.values("payment_intent").annotate(number=Count("pk"))
    return {
        "settings": switches.state(),
        "charges": {
            "succeeded": succeeded.count(),
            "failed": Resource.objects.filter(kind="charge", body__status="failed").count(),
            "by_payment_intent": {row["payment_intent"]: row["number"] for row in by_intent},
        },
        "refunds": Resource.objects.filter(kind="refund").count(),
        "events": Resource.objects.filter(kind="event").count(),
        "deliveries": deliveries.counted()
        | {"attempts": Delivery.objects.aggregate(total=Sum("attempts"))["total"] or 0},
    }


@require_POST
@_json
def reset(_given: Given) -> Given:
    """Forgets every object, answer, delivery and setting; the standing endpoint stays."""
    switches.reset()
    with deliveries.worker.sending, store.writing():
        Delivery.objects.all().delete()
        KeptAnswer.objects.all().delete()
        Resource.objects.exclude(ref=webhook_endpoints.STANDING).delete()
    return _state()


@require_POST
@_json
def flush(_given: Given) -> Given:
    """Makes every waiting delivery now, paused or not, and answers when they are made."""
    return {"taken": deliveries.worker.flush()} | _state()


@require_GET
@_json
def list_deliveries(_given: Given) -> Given:
    """The last hundred deliveries, newest first."""
    rows = Delivery.objects.order_by("-pk")[:100].values(
        "event_ref", "event_type", "endpoint_ref", "state", "attempts", "last_outcome"
    )
    return {"deliveries": list(rows)}


@require_POST
@_json
def pay(given: Given, *, ref: str) -> Given:
    """Pays a session as its page would. `card`: a number. `bank`: `approve`, `fail` or `ask`, if it asks."""
    bank = _one_of(given, "bank", ("approve", "fail", "ask"), default="ask")
    number = str(given.get("card", "4242424242424242"))
    call = Call(at=time.time())
    with store.writing():
        session = store.find("checkout.session", ref)
        if session.body["status"] == "open" and session.body["expires_at"] <= call.now:
            sessions.end(call, session)
        if session.body["status"] != "open":
            return {"outcome": session.body["status"], "message": "", "session": session.body}
        outcome, message = _pay(call, session, number=number, bank=bank)
        return {
            "outcome": outcome,
            "message": message,
            "session": store.find("checkout.session", ref).body,
        }


def _pay(call: Call, session: Resource, *, number: str, bank: str) -> tuple[str, str]:
    """What became of it and what the bank said."""
    try:
        onward = paying.pay(call, session, number=number)
        if onward.startswith("/confirm/"):
            intent = paying.intent_of(session)
            if bank == "ask" or intent is None:
                return "requires_action", ""
            paying.answer_bank(call, intent, approved=bank == "approve")
    except CardRefused as refused:
        return "declined", str(refused)
    return "paid", ""


@require_POST
@_json
def answer_bank(given: Given, *, ref: str) -> Given:
    """Answers the bank's question about an intent: `answer` is `approve` or `fail`."""
    approved = _one_of(given, "answer", ("approve", "fail")) == "approve"
    kind = "setup_intent" if ref.startswith("seti_") else "payment_intent"
    with store.writing():
        with contextlib.suppress(CardRefused):  # the intent says so
            paying.answer_bank(Call(at=time.time()), store.find(kind, ref), approved=approved)
        return {"status": store.find(kind, ref).body["status"]}


@require_POST
@_json
def settle_refund(_given: Given, *, ref: str) -> Given:
    """Some time passes, and the bank has its last word on a refund."""
    with store.writing():
        refunds.settle(Call(at=time.time()), store.find("refund", ref))
        return {"status": store.find("refund", ref).body["status"]}


@require_POST
@_json
def change_card(given: Given, *, ref: str) -> Given:
    """Lets a saved card behave like another test card from now on: `card` is that one's number."""
    number = _one_of(given, "card", tuple(CARDS))
    with store.writing():
        method = store.find("payment_method", ref)
        method.hidden["number"] = number
        store.save(method)
    return {"payment_method": ref, "card": number}
