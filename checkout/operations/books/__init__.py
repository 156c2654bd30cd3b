"""Whether the books contradict themselves: what `manage.py check_books` says. Each check is one statement over all
rows, so that the books of a hundred thousand memberships need no more memory than those of ten."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from checkout.operations.books import figures, invoices, memberships, orders, payments, sites, wallets
from checkout.operations.books.check import Check, Finding

CHECKS: tuple[Check, ...] = (
    *orders.CHECKS, *payments.CHECKS, *invoices.CHECKS, *wallets.CHECKS, *memberships.CHECKS,
    *sites.CHECKS, *figures.CHECKS,
)  # fmt: skip
WORK_IS_DONE_WITHIN = timedelta(minutes=2)  # what is younger may still be on its way
A_SWEEP_LATER = timedelta(hours=1)  # by now every sweep has run, and more than once


def what_is_wrong(*, now: datetime) -> Iterator[Finding]:
    """Everything that contradicts itself, as it is found. Reads only."""
    for check in CHECKS:
        yield from check.findings(
            recent=now - WORK_IS_DONE_WITHIN,
            long_ago=now - A_SWEEP_LATER,
            tax_included=settings.PRICES_INCLUDE_TAX,
            zone=settings.TIME_ZONE,
        )
    yield from sites.what_is_wrong(now=now)


__all__ = ["Check", "Finding", "what_is_wrong"]
