"""An invitation takes a place at once; the mail with the link follows after the commit."""

import logging
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.letters import Letter, letter_from
from accounts.network.live import network
from products.limits import Kind
from sites import addresses, entitlements
from sites.models import Role, Site, SiteMember
from sites.models.member import INVITATION_LIFETIME
from sites.operations.enter import hash_of
from sites.signals import person_invited

MOST_A_DAY: Final = 50  # of one membership, so that nobody is written to through us without end
BETWEEN_MAILS: Final = timedelta(minutes=10)
TRIED_FOR: Final = timedelta(days=2)
log = logging.getLogger(__name__)


class InvitationRefused(Exception):
    """Nobody was invited. `code` is one of `own` (the owner's own address), `present` (already invited or here),
    `closed` (the site is read-only or not ready), `too_many` (for today) and `too_soon` (after the last mail)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def invite(*, site: Site, email: str, role: Role, now: datetime) -> SiteMember:
    """Take a place of the limit `users` in `site` for who reads `email`. Raises InvitationRefused, and LimitReached
    when there is no place left."""
    email = email.strip().lower()
    if site.state != Site.State.READY or site.access != Site.Access.OPEN:
        raise InvitationRefused("closed")
    if email == site.membership.customer.user.email:
        raise InvitationRefused("own")
    site.membership.lock()  # two invitations at once are counted one after the other
    if SiteMember.objects.of(site).filter(email=email).exists():
        raise InvitationRefused("present")
    today = SiteMember.objects.filter(
        site__membership=site.membership, invited_at__gt=now - timedelta(days=1)
    )
    if today.count() >= MOST_A_DAY:
        raise InvitationRefused("too_many")
    entitlements.claim_in_network(Kind.USERS, holder=site, now=now)
    member = SiteMember.objects.create(site=site, email=email, role=role, invited_at=now)
    _tell(member)
    return member


@transaction.atomic
def invite_again(*, member: SiteMember, now: datetime) -> None:
    """Send another mail, with another link; the one before leads nowhere from then on. Raises InvitationRefused."""
    locked = SiteMember.objects.select_for_update(of=("self",)).waiting().filter(pk=member.pk).first()
    if locked is None or (locked.sent_at is not None and now < locked.sent_at + BETWEEN_MAILS):
        raise InvitationRefused("too_soon")
    locked.sent_at, locked.token_hash, locked.invited_at = None, "", now
    locked.save(update_fields=["sent_at", "token_hash", "invited_at"])
    _tell(locked)


@transaction.atomic
def send_invitation(*, member_id: int, now: datetime) -> bool:
    """Send the mail, in the inviter's language. False when it was sent, is being sent, or could not be sent: a sweep
    tries again, with a new link, for two days."""
    member = (
        SiteMember.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("site__membership__customer__user")
        .waiting()
        .filter(pk=member_id, sent_at=None)
        .first()
    )
    if member is None:
        return False
    token = secrets.token_urlsafe(32)
    try:
        _message(member, _letter(member, token)).send()
    except OSError as error:  # what a mail server says is one, too
        log.warning("invitation %s: not sent: %s", member.pk, error)
        return False
    member.token_hash, member.sent_at = hash_of(token), now
    member.save(update_fields=["token_hash", "sent_at"])
    return True


def unsent_invitations(*, now: datetime) -> list[int]:
    """Invitations whose mail was lost on the way, or not taken by a mail server."""
    unsent = SiteMember.objects.waiting().filter(sent_at=None, invited_at__gt=now - TRIED_FOR)
    return list(unsent.values_list("pk", flat=True))


def _tell(member: SiteMember) -> None:
    transaction.on_commit(partial(person_invited.send_robust, SiteMember, member_id=member.pk))


def _letter(member: SiteMember, token: str) -> Letter:
    owner = member.site.membership.customer.user
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        content = {
            "network_name": network.network_name,
            "name": "",
            "inviter": str(owner),
            "site": member.site.name,
            "host": member.site.host,
            "role": member.role,
            "days": INVITATION_LIFETIME.days,
            "action_url": addresses.invitation_url(token),
            "action_label": _("Accept the invitation"),
        }
        return letter_from("mail/invitation", content)


def _message(member: SiteMember, letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[member.email],
        headers={"Auto-Submitted": "auto-generated"},  # so that nobody's absence is told to us
    )
    message.attach_alternative(letter.html, "text/html")
    return message
