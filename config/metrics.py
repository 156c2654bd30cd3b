"""What Prometheus reads of the business itself. Asked of the database at every scrape, so that any process knows it."""

import math
from typing import Any

from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client import Gauge

from checkout.models import Order
from sites.models import Site


def paid_not_applied() -> float:
    """How many orders are paid and not applied; not a number while the database is away."""
    return _count(Order.objects.paid_not_applied(at=timezone.now()))


def paid_not_ready() -> float:
    """How many sites should be ready and are not; not a number while the database is away."""
    return _count(Site.objects.paid_not_ready(at=timezone.now()))


def _count(rows: QuerySet[Any]) -> float:
    try:
        return rows.count()
    except DatabaseError:
        return math.nan


Gauge(
    "sitewright_paid_not_applied",
    "Orders paid more than two minutes ago and not applied. Anything above 0 is an alarm.",
).set_function(paid_not_applied)

Gauge(
    "sitewright_paid_not_ready",
    "Sites ordered more than two minutes ago and not ready. Anything above 0 is an alarm.",
).set_function(paid_not_ready)
