"""Codes are short and worth money, so nobody may try them out without end."""

from datetime import datetime
from hashlib import sha256

from django.core.cache import cache

from checkout.operations.quote_limit import one_more

MOST_AN_HOUR = 20
HOUR = 3600


def may_try_codes(*, customer_id: int, now: datetime) -> bool:
    """Whether the customer has tried fewer unknown codes in this hour than one may. Without Redis nobody has."""
    tried: int = cache.get(_key(customer_id, now), 0)
    return tried < MOST_AN_HOUR


def count_unknown_code(*, code: str, customer_id: int, now: datetime) -> None:
    """Count a code that does not exist; once, since a page that is filled in sends it again and again."""
    key, spelled = _key(customer_id, now), sha256(code.strip().upper().encode()).hexdigest()
    if cache.add(f"{key}:{spelled}", 1, timeout=HOUR):
        one_more(key, seconds=HOUR)


def _key(customer_id: int, now: datetime) -> str:
    return f"codes:{customer_id}:{int(now.timestamp()) // HOUR}"
