"""How often in a minute a user may make what stays: quotes and sites, which are rows, and card pages, which the
gateway keeps."""

from datetime import datetime

from django.core.cache import cache

from accounts.models import User

MOST_QUOTES_A_MINUTE = 60
MOST_CARD_PAGES_A_MINUTE = 10
MOST_SITES_A_MINUTE = 5
MOST_DOMAINS_A_MINUTE = 30
MINUTE = 60


class TooOften(Exception):
    """The user has done this as often in this minute as one may; `seconds` later there can be more."""

    def __init__(self, *, seconds: int) -> None:
        super().__init__(f"No more for {seconds} seconds.")
        self.seconds = seconds


class TooManyQuotes(TooOften):
    pass


def count_quote(*, user: User, now: datetime) -> None:
    """Count one more quote that `user` makes at `now`. Raises TooManyQuotes. Without Redis nothing is counted."""
    seconds = _seconds_to_wait("quotes", user, now, most=MOST_QUOTES_A_MINUTE)
    if seconds:
        raise TooManyQuotes(seconds=seconds)


def count_card_page(*, user: User, now: datetime) -> None:
    """Count one more page of the gateway that `user` asks for at `now`. Raises TooOften."""
    seconds = _seconds_to_wait("card-pages", user, now, most=MOST_CARD_PAGES_A_MINUTE)
    if seconds:
        raise TooOften(seconds=seconds)


def count_site(*, user: User, now: datetime) -> None:
    """Count one more site that `user` asks for at `now`, since one that is deleted makes room. Raises TooOften."""
    seconds = _seconds_to_wait("sites", user, now, most=MOST_SITES_A_MINUTE)
    if seconds:
        raise TooOften(seconds=seconds)


def count_domain(*, user: User, now: datetime) -> None:
    """Count one more domain that a program of `user`'s asks for at `now`. Raises TooOften."""
    seconds = _seconds_to_wait("domains", user, now, most=MOST_DOMAINS_A_MINUTE)
    if seconds:
        raise TooOften(seconds=seconds)


def _seconds_to_wait(what: str, user: User, now: datetime, *, most: int) -> int:
    """0 as long as there are not more than `most` in this minute; this one counts."""
    minute, second = divmod(int(now.timestamp()), MINUTE)
    count = one_more(f"{what}:{user.pk}:{minute}", seconds=2 * MINUTE)
    return MINUTE - second if count > most else 0


def one_more(key: str, *, seconds: int) -> int:
    """Count `key` up, and forget it after `seconds`. Answers how many there are now."""
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # Redis has just forgotten it
        return 1
