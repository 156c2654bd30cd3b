"""The demo's own receiver of webhooks: it verifies what comes in, as anybody's would, and shows it."""

import hmac
import json
from datetime import UTC, datetime
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from checkout.hooks.models import Endpoint
from checkout.hooks.operations import make_endpoint
from checkout.hooks.signing import headers_of

SHOWN = 50
KEPT = "demo-webhooks"
NAME = "The demo's receiver"


def offer(*, owner: User, now: datetime) -> None:
    """Let the network tell this receiver everything, if it does not yet."""
    if not Endpoint.objects.filter(description=NAME).exists():
        make_endpoint(url=_url(), description=NAME, types=[], owner=owner, now=now)


def follow() -> None:
    """Tell this receiver where it is today, when the demo has another port."""
    Endpoint.objects.filter(description=NAME).update(url=_url())


@csrf_exempt  # a machine calls; its signature says that it may
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """POST takes a message in, GET shows the last ones."""
    received = cache.get(KEPT, [])
    if request.method == "GET":
        return render(request, "pages/demo_webhooks.html", {"received": received})
    if not _is_signed(request):
        return HttpResponse("The signature is wrong.", status=HTTPStatus.BAD_REQUEST)
    message = {
        "id": request.headers["webhook-id"],
        "at": timezone.now(),
        "type": json.loads(request.body)["type"],
        "body": json.dumps(json.loads(request.body), indent=2),
    }
    cache.set(KEPT, [message, *received][:SHOWN], timeout=None)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _is_signed(request: HttpRequest) -> bool:
    endpoint = Endpoint.objects.filter(url=_url()).first()
    moment = request.headers.get("webhook-timestamp", "")
    if endpoint is None or not moment.isdecimal():
        return False
    expected = headers_of(
        message_id=request.headers.get("webhook-id", ""),
        body=request.body,
        keys=[endpoint.secret],
        at=datetime.fromtimestamp(int(moment), tz=UTC),
    )["webhook-signature"]
    signatures = request.headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), each.encode()) for each in signatures)


def _url() -> str:
    return f"{settings.NETWORK_ORIGIN}{reverse('demo_webhooks', urlconf=settings.PUBLIC_SCHEMA_URLCONF)}"
