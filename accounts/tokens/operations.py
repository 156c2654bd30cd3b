"""Make, find and revoke API tokens."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from accounts.models import User
from accounts.tokens.models import ApiToken, Scope

MARK = "sw_"  # so that people, and scanners of published code, know one when they see it
SHOWN = len(MARK) + 6
MOST_TOKENS = 20
REMEMBERED_EVERY = timedelta(minutes=1)


class TokenMadeBefore(Exception):
    """The form was sent twice. The secret was shown the first time and is not known any more."""


class TooManyTokens(Exception):
    """The user has as many usable tokens as one may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made, with its secret: the only time that it is known."""

    token: ApiToken
    secret: str


def make_token(
    *, user: User, uid: UUID, name: str, scopes: Collection[Scope], expires_at: datetime | None, now: datetime
) -> NewToken:
    """Make a token for `user`, once per `uid`. Raises TokenMadeBefore or TooManyTokens."""
    if ApiToken.objects.filter(uid=uid).exists():
        raise TokenMadeBefore
    if ApiToken.objects.owned_by(user).usable(at=now).count() >= MOST_TOKENS:
        raise TooManyTokens
    secret = MARK + secrets.token_urlsafe(32)
    token, is_new = ApiToken.objects.get_or_create(
        uid=uid,
        defaults={
            "user": user,
            "name": name,
            "prefix": secret[:SHOWN],
            "digest": _digest(secret),
            "scopes": sorted(scopes),
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    if not is_new:
        raise TokenMadeBefore
    return NewToken(token=token, secret=secret)


def token_of(*, secret: str, now: datetime) -> ApiToken | None:
    """The usable token with this secret and its user, or None: one query, and one more a minute to note its use."""
    token = ApiToken.objects.usable(at=now).select_related("user").filter(digest=_digest(secret)).first()
    if token is not None and (token.last_used_at is None or now - token.last_used_at >= REMEMBERED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(*, token: ApiToken, now: datetime) -> bool:
    """Make `token` useless from now on. False if it was revoked before."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now))


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
