"""Where somebody is signed in on the network."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.models import User


def places_signed_in(user: User, *, now: datetime) -> int:
    """In how many browsers `user` is signed in, as far as their sessions still count. One query."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    signed_in: int = UserSession.objects.filter(user=user, session_key__in=alive).count()
    return signed_in
