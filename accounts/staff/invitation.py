"""The mail that lets a new colleague in."""

from typing import Any, Final

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.network.live import network
from accounts.sign_in_mails import Words, message_of
from accounts.staff.models import StaffMember, role_label

WITHOUT_PASSWORD: Final = Words(
    subject=_("Your way into the network admin"),
    says=(
        _("You were asked to work at the network admin of %(network_name)s. Your role there: %(role)s."),
        _(
            "Choose a password. The link works once; when it is too old, ask for a new password where one signs in."
        ),
    ),
    button=_("Choose a password"),
    leads_to="way_in",
)
WITH_PASSWORD: Final = Words(
    subject=_("Your way into the network admin"),
    says=(
        _("You were asked to work at the network admin of %(network_name)s. Your role there: %(role)s."),
        _("You sign in with the password that you have."),
    ),
    button=_("Open the network admin"),
    leads_to="way_in",
)


def invite(member: StaffMember) -> None:
    """Write to `member`, with a link to where they choose a password if they have none. Raises OSError when no mail
    server takes it."""
    words = WITH_PASSWORD if member.has_usable_password() else WITHOUT_PASSWORD
    facts: dict[str, Any] = {
        "network_name": network.network_name,
        "role": ", ".join(role_label(group) for group in member.groups.all()),
        "way_in": f"{settings.NETWORK_ORIGIN}{_way_in(member)}",
    }
    message_of(
        words, to=member.email, facts=facts, user=member, from_email=settings.DEFAULT_FROM_EMAIL
    ).send()


def _way_in(member: StaffMember) -> str:
    if member.has_usable_password():
        return reverse("admin:index", urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(member)
    names = {"uidb36": user_pk_to_url_str(member), "key": key}
    return reverse("account_reset_password_from_key", kwargs=names, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
