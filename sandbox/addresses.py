"""Addresses the double sends people to."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandbox import settings
from sandbox.refusals import Refusal


def check_return_address(url: str, *, param: str) -> None:
    """Raises Refusal unless it is a web address, on one of the hosts given at the start when some were."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal("Not a valid URL", code="url_invalid", param=param)
    if settings.RETURN_HOSTS and parts.hostname not in settings.RETURN_HOSTS:
        raise Refusal(f"Not a host to return to: {parts.hostname}", code="url_invalid", param=param)


def with_query(url: str, **added: str) -> str:
    """The address with these added to its query."""
    parts = urlsplit(url)
    return urlunsplit(
        parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *added.items()]))
    )
