"""What Prometheus reads of the business itself. Asked of the database at every scrape, so that any process knows it."""

import math

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import Gauge

from checkout.models import Order


def paid_not_applied() -> float:
    """How many orders are paid and not applied; not a number while the database is away."""
    try:
        return Order.objects.paid_not_applied(at=timezone.now()).count()
    except DatabaseError:
        return math.nan


Gauge(
    "sitewright_paid_not_applied",
    "Orders paid more than two minutes ago and not applied. Anything above 0 is an alarm.",
).set_function(paid_not_applied)
