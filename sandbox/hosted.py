"""The pages a person sees: paying, the bank's question, a receipt. They work without JavaScript."""

import time
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from sandbox import deliveries, paying, sessions, store
from sandbox.cards import CARDS
from sandbox.models import Delivery, Resource
from sandbox.refusals import CardRefused, NoSuchResource
from sandbox.store import Call

STYLESHEET = Path(__file__).parent / "assets" / "pay.css"
SIGNS = {"eur": "€", "usd": "$", "gbp": "£"}
INTENTS = {"pi": "payment_intent", "seti": "setup_intent"}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """For whoever wonders what answers here."""
    waiting = deliveries.counted()[Delivery.State.WAITING]
    counts = {
        "Customers": store.of_kind("customer").count(),
        "Payments": store.of_kind("charge").filter(body__status="succeeded").count(),
        "Refunds": store.of_kind("refund").count(),
        "Events": store.of_kind("event").count(),
        "Deliveries waiting": waiting,
    }
    return _guarded(render(request, "sandbox/home.html", {"counts": counts}))


@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, ref: str) -> HttpResponse:
    """The payment page of a Checkout Session; a POST tries a card."""
    with store.writing():  # one look and one try at a time: a second POST finds the first one's result
        try:
            session = store.find("checkout.session", ref)
        except NoSuchResource:
            return _notice(request, 404, title="No such payment", text="This address belongs to no payment.")
        call = Call(at=time.time())
        if session.body["status"] == "open" and session.body["expires_at"] <= call.now:
            sessions.end(call, session)
        if request.method == "POST" and session.body["status"] != "expired":
            try:
                response = _onward(paying.pay(call, session, number=_number(request)))
            except CardRefused as refused:
                response = _payment_page(request, session, refusal=str(refused))
        else:
            response = _payment_page(request, session, refusal=_last_refusal(session))
    deliveries.worker.wake()
    return response


def _onward(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _number(request: HttpRequest) -> str:
    return request.POST.get("number", "").strip() or request.POST.get("card", "")


def _last_refusal(session: Resource) -> str:
    """What the bank said to the last card tried in this session."""
    intent = paying.intent_of(session)
    if intent is None:
        return ""
    said = intent.body.get("last_payment_error") or intent.body.get("last_setup_error") or {}
    return str(said.get("message", ""))


def _payment_page(request: HttpRequest, session: Resource, *, refusal: str) -> HttpResponse:
    if session.body["status"] == "complete":
        return _notice(
            request,
            200,
            title="This is paid" if session.body["mode"] == "payment" else "This card is saved",
            text="There is nothing left to do here.",
            link=paying.success_address(session),
        )
    if session.body["status"] == "expired":
        return _notice(
            request,
            410,
            title="This payment page has expired",
            text="Nothing was charged. Go back and start again.",
            link=session.body["cancel_url"],
        )
    context = {
        "session": session.body,
        "lines": [
            line | {"money": money(line["amount_total"], line["currency"])}
            for line in session.hidden["lines"]
        ],
        "total": money(session.body["amount_total"] or 0, session.body["currency"]),
        "email": (session.body["customer_details"] or {}).get("email"),
        "cards": CARDS.values(),
        "refusal": refusal,
        "keeps_card": session.body["mode"] == "payment"
        and "setup_future_usage" in session.hidden["intent_data"],
    }
    return _guarded(render(request, "sandbox/pay.html", context))


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, ref: str) -> HttpResponse:
    """The bank's question to the holder of a card."""
    with store.writing():
        try:
            intent = store.find(INTENTS.get(ref.partition("_")[0], "payment_intent"), ref)
        except NoSuchResource:
            return _notice(request, 404, title="No such payment", text="This address belongs to no payment.")
        if request.method == "POST" and request.POST.get("answer") in ("approve", "fail"):
            try:
                paying.answer_bank(Call(at=time.time()), intent, approved=request.POST["answer"] == "approve")
            except CardRefused:
                intent.refresh_from_db()
        onward = paying.address_after_bank(intent)
    deliveries.worker.wake()
    if intent.body["status"] == "requires_action":
        response = render(request, "sandbox/confirm.html", {"total": _amount(intent), "intent": intent.body})
        return _guarded(response)
    if onward is None:
        return _notice(
            request, 200, title="Thank you", text="Your bank has your answer. You can close this page."
        )
    return _onward(onward)


def _amount(intent: Resource) -> str:
    return money(intent.body["amount"], intent.body["currency"]) if "amount" in intent.body else ""


@require_GET
def receipt(request: HttpRequest, ref: str) -> HttpResponse:
    """What was paid, and what went back."""
    try:
        charge = store.find("charge", ref).body
    except NoSuchResource:
        return _notice(request, 404, title="No such receipt", text="This address belongs to no payment.")
    context = {
        "charge": charge,
        "paid_on": time.strftime("%Y-%m-%d", time.gmtime(charge["created"])),
        "total": money(charge["amount"], charge["currency"]),
        "refunded": money(charge["amount_refunded"], charge["currency"]) if charge["amount_refunded"] else "",
    }
    return _guarded(render(request, "sandbox/receipt.html", context))


@require_GET
def stylesheet(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(STYLESHEET.read_bytes(), content_type="text/css; charset=utf-8")


def money(minor: int, currency: str) -> str:
    return f"{SIGNS.get(currency, currency.upper() + ' ')}{minor // 100:,}.{minor % 100:02}"


def _notice(
    request: HttpRequest, status: int, *, title: str, text: str, link: str | None = None
) -> HttpResponse:
    context = {"title": title, "text": text, "link": link}
    return _guarded(render(request, "sandbox/notice.html", context, status=status))


def _guarded(response: HttpResponse) -> HttpResponse:
    """No scripts, no framing. Forms may lead anywhere: after paying they go on to the shop."""
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response
