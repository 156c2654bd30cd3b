"""Counting page views in Redis: one command for a counted view, no SQL, no cookie, and no page lost when
Redis is away.

The counts of all sites lie in one hash, `site:day` → number, until `rollup` moves them to rows.
"""

import re
from functools import cache
from typing import Final

import redis
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

OPEN: Final = "sitewright:visits:open"
NOT_PAGES: Final = ("/dashboard/", "/enter/", "/media/", "/static/", "/documents/")
BOTS: Final = re.compile(
    r"bot\b|crawl|spider|slurp|archiver|facebookexternalhit|preview|monitor|uptime|pingdom|lighthouse|headless"
    r"|curl/|wget/|python-|libwww|java/|go-http|okhttp|httpclient|scrapy|feed|rss",
    re.IGNORECASE,
)


@cache
def client() -> redis.Redis:
    """The connection to the counter. It gives up quickly: a view that is not counted is better than a page
    that waits."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0)
    )


def saw(*, request: HttpRequest, response: HttpResponseBase, site_id: int) -> None:
    """Count this answer when it is a page that a visitor read."""
    if not is_visit(request, response):
        return
    try:
        client().hincrby(OPEN, f"{site_id}:{timezone.now().date().isoformat()}", 1)
    except redis.RedisError:
        return


def is_visit(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this was a person reading a page: not a bot, not an editor, not an asset, not a browser
    guessing ahead."""
    agent = request.headers.get("User-Agent", "")
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return (
        request.method == "GET"
        and response.status_code == 200  # noqa: PLR2004 -- HTTP
        and response.headers.get("Content-Type", "").startswith("text/html")
        and not request.path.startswith(NOT_PAGES)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES  # only people who work on the site have one
        and "prefetch" not in purpose
        and bool(agent)
        and not BOTS.search(agent)
    )
