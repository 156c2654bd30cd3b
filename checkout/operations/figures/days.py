"""Sums of the days that are over, so that a year's figures need not be added up from a million lines each time.

Documents are written once and never change, so a day that is over keeps its sum. Which documents are in the sums, their
number says; where it is another, or a day has ended, the sums are made anew.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from checkout.models import InvoicedDay, InvoicedUntil
from memberships.models import Invoice

AFTER_MIDNIGHT: Final = timedelta(hours=1)  # what was begun before midnight is committed by then
LOCK: Final = 5_817_006  # of pg_advisory_xact_lock: one adds up at a time


def of_documents(*, until: str) -> str:
    """SQL for what the documents before the instant `until`, an expression, come to by day in %(zone)s."""
    return f"""
        SELECT (issued_at AT TIME ZONE %(zone)s)::date AS day, currency, NULL::bigint AS product_id, count(*) AS count,
               sum(net)::bigint AS net
        FROM memberships_invoice WHERE issued_at < {until} GROUP BY 1, 2
        UNION ALL
        SELECT (i.issued_at AT TIME ZONE %(zone)s)::date, i.currency, l.product_id, count(*), sum(l.net)::bigint
        FROM memberships_invoiceline l JOIN memberships_invoice i ON i.id = l.invoice_id
        WHERE i.issued_at < {until} GROUP BY 1, 2, 3
    """  # noqa: S608 -- callers give constants


def midnight(day: date) -> datetime:
    """When `day` begins in the network's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def local_day(at: datetime) -> date:
    """Which day it is at `at` in the network's time zone."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def summed_until() -> date | None:
    """The days before this one are summed; None before they ever were. One statement."""
    return InvoicedUntil.objects.values_list("day", flat=True).first()


@transaction.atomic
def sum_days(*, now: datetime) -> bool:
    """Bring the sums up to the last day that is over. False when they were."""
    day = local_day(now - AFTER_MIDNIGHT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    until = midnight(day)
    documents = Invoice.objects.filter(issued_at__lt=until).count()
    if InvoicedUntil.objects.filter(day=day, documents=documents).exists():
        return False
    InvoicedDay.objects.all().delete()
    InvoicedUntil.objects.all().delete()
    with connection.cursor() as cursor:
        columns = "(day, currency, product_id, count, net)"
        sums = f"INSERT INTO checkout_invoicedday {columns} {of_documents(until='%(until)s')}"
        cursor.execute(sums, {"zone": settings.TIME_ZONE, "until": until})
    InvoicedUntil.objects.create(day=day, documents=documents)
    return True
