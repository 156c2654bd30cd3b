"""From the network into a site's dashboard, by a pass that works once, for one site, for a minute."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django_tenants.utils import get_public_schema_name, schema_context

from accounts.models import User
from sites.content import roles
from sites.models import HandOver, OwnerVisit, Role, Site
from sites.postgresql.base import current_schema

LIFETIME: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who enters: the same `uid` in the network and in every site. Staff who visit do so in `visit`."""

    uid: uuid.UUID
    email: str
    name: str
    language: str
    role: Role = Role.OWNER
    visit: OwnerVisit | None = None


def hand_over(
    *, site: Site, user: Any, now: datetime, role: Role = Role.OWNER, visit: OwnerVisit | None = None
) -> str:
    """Make a pass into `site` for `user`, who was authorised by the caller to be `role` in it, for good or for a
    `visit`. Returns the token; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    HandOver.objects.create(
        token_hash=hash_of(token),
        site=site,
        user_uid=user.uid,
        email=user.email,
        name=user.name,
        language=user.language,
        role=role,
        visit=visit,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    return token


def accept_hand_over(*, token: str, site_id: int, now: datetime) -> Person | None:
    """Use up the pass and say who it is for; None when it is not valid for this site now, or was used.

    This is the one door through which a site's request touches the network's tables: it marks one row and
    reads it.
    """
    with schema_context(get_public_schema_name()):
        passes = HandOver.objects.filter(
            token_hash=hash_of(token), site_id=site_id, used_at=None, created_at__lte=now, expires_at__gt=now
        )
        if not passes.update(
            used_at=now
        ):  # one statement: of two requests with the same token one finds it unused
            return None
        found = HandOver.objects.select_related("visit").get(token_hash=hash_of(token))
    return Person(
        uid=found.user_uid,
        email=found.email,
        name=found.name,
        language=found.language,
        role=Role(found.role),
        visit=found.visit,
    )


def admit(person: Person, *, now: datetime) -> User:
    """A person as a user of the current site, made or brought up to date, with what their role may do and nothing else.

    Their place in the limit of users was taken when they were invited; an owner's is never refused. An e-mail address
    that someone else in the site holds passes to them, whose address the network has verified.
    """
    if current_schema() == get_public_schema_name():
        raise RuntimeError("People are admitted to a site, never to the network.")
    email = person.email.lower()
    user = User.objects.filter(uid=person.uid).first() or User.objects.filter(email=email).first()
    if user is None:
        user = User(uid=person.uid, date_joined=now)
        user.set_unusable_password()
    for other in User.objects.filter(email=email).exclude(pk=user.pk):
        other.email = f"{other.uid}@passed-on.invalid"
        other.save(update_fields=["email"])
    user.uid = person.uid
    user.email = email
    user.name = person.name
    user.language = person.language
    roles.place(user, person.role)
    return user


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
