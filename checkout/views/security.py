"""How somebody's account is kept safe, as far as a list can say it."""

from datetime import datetime
from typing import Any

from allauth.mfa.utils import is_mfa_enabled

from accounts.models import User
from accounts.sessions import places_signed_in


def security_of(user: User, *, now: datetime) -> dict[str, Any]:
    """What `pages/account/security.html` shows. Two queries."""
    return {"second_factor": is_mfa_enabled(user), "places_signed_in": places_signed_in(user, now=now)}
