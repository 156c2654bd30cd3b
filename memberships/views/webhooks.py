"""Where the gateway tells us things. Verify, store, acknowledge; the work is done elsewhere."""

import structlog
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from memberships import tasks
from memberships.billing.stripe.signature import NotFromStripe, read_event
from memberships.models import InboundEvent

log = structlog.get_logger()


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Store a signed event once and answer 200; 400 for anything that Stripe did not sign, or that is no JSON to the
    database."""
    try:
        event = read_event(
            request.body, request.headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRET
        )
        event_id = InboundEvent.objects.store(
            source="stripe",
            external_id=event.id,
            kind=event.kind,
            object_id=event.object_id,
            payload=event.payload,
            received_at=timezone.now(),
        )
    except (NotFromStripe, DataError) as error:
        log.warning("webhook refused", reason=str(error))
        return HttpResponse(str(error), status=400, content_type="text/plain")
    if event_id is not None:
        tasks.handle_inbound_event.enqueue(event_id=event_id)
    return HttpResponse(status=200)
