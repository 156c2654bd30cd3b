"""Quotes are rows that stay, so nobody may make them without end."""

from datetime import datetime

from django.core.cache import cache

from accounts.models import User

MOST_A_MINUTE = 60
MINUTE = 60


class TooManyQuotes(Exception):
    """The user has made as many quotes in this minute as one may; `seconds` later there can be more."""

    def __init__(self, *, seconds: int) -> None:
        super().__init__(f"No more quotes for {seconds} seconds.")
        self.seconds = seconds


def count_quote(*, user: User, now: datetime) -> None:
    """Count one more quote that `user` makes at `now`. Raises TooManyQuotes. Without Redis nothing is counted."""
    minute, second = divmod(int(now.timestamp()), MINUTE)
    if one_more(f"quotes:{user.pk}:{minute}", seconds=2 * MINUTE) > MOST_A_MINUTE:
        raise TooManyQuotes(seconds=MINUTE - second)


def one_more(key: str, *, seconds: int) -> int:
    """Count `key` up, and forget it after `seconds`. Answers how many there are now."""
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # Redis has just forgotten it
        return 1
