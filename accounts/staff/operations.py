"""Deciding who works for the network, and as what."""

from datetime import datetime
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.confirmation import is_confirmed
from accounts.models import User
from accounts.staff.models import Role, StaffMember
from accounts.staff.signals import may_do_less
from accounts.tokens.models import ApiToken


class LastOwner(Exception):
    """The network would have nobody left who may do everything."""


class OwnAccount(Exception):
    """Nobody decides about their own role."""


class WorksHere(Exception):
    """The address is that of a colleague already."""


@transaction.atomic
def engage(*, email: str, name: str, role: Group, now: datetime) -> StaffMember:
    """Let whoever reads `email` work here as `role`, with the account they have or a new one without a password. Raises
    WorksHere."""
    user = User.objects.select_for_update().filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email, name=name, date_joined=now)
    elif user.is_staff:
        raise WorksHere
    elif not is_confirmed(user):
        _take_from_whoever_made_it(user, name=name, now=now)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.set([role])
    return StaffMember.objects.get(pk=user.pk)


@transaction.atomic
def change_role(*, member: StaffMember, role: Group, actor: User) -> None:
    """Raises OwnAccount, or LastOwner."""
    _decide(member, actor=actor, stays_owner=role.name == Role.OWNER)
    member.groups.set([role])
    if member.is_superuser:
        member.is_superuser = False  # made at the command line; from now on the role says what they may do
        member.save(update_fields=["is_superuser"])
    _tell_of_less()


@transaction.atomic
def dismiss(*, member: StaffMember, actor: User) -> None:
    """They do not work here any more; their account stays, as that of a customer. Raises OwnAccount, or LastOwner."""
    _decide(member, actor=actor, stays_owner=False)
    member.groups.clear()
    member.is_staff = member.is_superuser = False
    member.save(update_fields=["is_staff", "is_superuser"])
    _tell_of_less()


@transaction.atomic
def forget_second_factor(*, member: StaffMember, actor: User) -> None:
    """For somebody who lost their phone and their codes: they set one up anew. Raises OwnAccount."""
    if member.pk == actor.pk:
        raise OwnAccount
    Authenticator.objects.filter(user_id=member.pk).delete()


def _tell_of_less() -> None:
    transaction.on_commit(partial(may_do_less.send_robust, StaffMember))


def _take_from_whoever_made_it(user: User, *, name: str, now: datetime) -> None:
    """Nobody has shown that the account's address is theirs: anybody can have signed up with a colleague's. Its
    password, sessions, second factor, tokens and addresses on the way open nothing any more."""
    user.name = name
    user.set_unusable_password()
    user.save(update_fields=["name", "password"])
    Authenticator.objects.filter(user_id=user.pk).delete()
    EmailAddress.objects.filter(user_id=user.pk).delete()
    ApiToken.objects.owned_by(user).filter(revoked_at=None).update(revoked_at=now)


def _decide(member: StaffMember, *, actor: User, stays_owner: bool) -> None:
    """Lock the owners, so that two of them cannot dismiss each other at the same moment."""
    if member.pk == actor.pk:
        raise OwnAccount
    owners = set(StaffMember.objects.owners().values_list("pk", flat=True))
    locked = StaffMember.objects.select_for_update().filter(pk__in=owners).order_by("pk")
    owners = {each.pk for each in locked if each.is_active and each.is_staff and each.is_owner}
    if not stays_owner and owners == {member.pk}:
        raise LastOwner
