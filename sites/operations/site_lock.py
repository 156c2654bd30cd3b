"""One at a time on a site's schema: migrating, exporting, restoring, erasing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

CLASS: Final = 5_817_003  # of pg_advisory_lock's two numbers the first; the site's id is the second


class SiteBusy(RuntimeError):
    """Somebody else works on this site's schema."""


@contextmanager
def alone_on(site_id: int) -> Iterator[None]:
    """Hold the site's schema against others who ask for it here. A process that dies lets go. Raises SiteBusy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [CLASS, site_id])
        if not cursor.fetchone()[0]:
            raise SiteBusy("Somebody else is at work on this site: it is migrated, exported or restored.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [CLASS, site_id])
