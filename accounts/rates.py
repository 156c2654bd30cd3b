"""How often a page may be asked for: the rates of `settings.ACCOUNT_RATE_LIMITS`, counted by allauth."""

from allauth.core.internal import ratelimit  # its public function does not count what is only looked at
from django.http import HttpRequest


def is_too_often(request: HttpRequest, *, action: str) -> bool:
    """Whether `request`, of whatever method, is one more than `action` allows; it counts."""
    return not ratelimit.consume(request, app="allauth.account", action=action, limit_get=True)
