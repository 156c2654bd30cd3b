"""Codes are short and worth money, so nobody may try them out without end."""

from datetime import datetime
from hashlib import sha256

from django.core.cache import cache

from checkout.operations.rate_limit import one_more

MOST_AN_HOUR = 20
HOUR = 3600


def may_try_codes(*, asker: str, now: datetime) -> bool:
    """Whether `asker` has tried fewer unknown codes in this hour than one may. Without Redis nobody has."""
    tried: int = cache.get(_key(asker, now), 0)
    return tried < MOST_AN_HOUR


def count_unknown_code(*, code: str, asker: str, now: datetime) -> None:
    """Count a code that does not exist; once, since a page that is filled in sends it again and again."""
    key, spelled = _key(asker, now), sha256(code.strip().upper().encode()).hexdigest()
    if cache.add(f"{key}:{spelled}", 1, timeout=HOUR):
        one_more(key, seconds=HOUR)


def _key(asker: str, now: datetime) -> str:
    return f"codes:{asker}:{int(now.timestamp()) // HOUR}"
