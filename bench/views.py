"""What our views are compared with: the least such a view can do, on the same server and middleware."""

import stripe
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from products.models import Product

TABLE = "CREATE TABLE bench_event (id bigserial PRIMARY KEY, payload jsonb NOT NULL)"


def plain(_request: HttpRequest) -> HttpResponse:
    """One query, one line of text."""
    product = Product.objects.order_by("pk")[0]
    return HttpResponse(product.name, content_type="text/plain")


@csrf_exempt
def webhook(request: HttpRequest) -> HttpResponse:
    """Verify the signature, insert a row, commit."""
    body = request.body.decode()
    secret = settings.STRIPE_WEBHOOK_SECRET
    stripe.WebhookSignature.verify_header(body, request.headers["Stripe-Signature"], secret, 300)
    with connection.cursor() as cursor:  # a statement outside a transaction is committed by itself
        cursor.execute("INSERT INTO bench_event (payload) VALUES (%s)", [body])
    return HttpResponse()
