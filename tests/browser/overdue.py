"""Run inside a stack's environment: the card of a customer is declined from now on, and their membership is renewed."""

import json
import sys
import urllib.request

import django

django.setup()

from django.conf import settings  # noqa: E402 -- Django is set up first
from django.utils import timezone  # noqa: E402 -- Django is set up first

from checkout.operations.renew import renew  # noqa: E402 -- Django is set up first
from memberships.models import PaymentMethod  # noqa: E402 -- Django is set up first

card = PaymentMethod.objects.get(customer__user__email=f"{sys.argv[1]}@demo.example", is_default=True)
request = urllib.request.Request(
    f"{settings.STRIPE_API_BASE}/control/payment_methods/{card.gateway_ref}",
    data=json.dumps({"card": "4000000000000341"}).encode(),
    headers={"Content-Type": "application/json"},
)
urllib.request.urlopen(request, timeout=30).close()
renew(membership_id=card.customer.memberships.get().pk, now=timezone.now())
