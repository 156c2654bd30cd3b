"""The mails of signing in, in our words and in the frame of all our mails. The library decides which is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.letters import letter_from
from accounts.models import User
from accounts.network.live import network

Text = Any  # translated when it is read
ACCOUNT_PAGE: Final = _("Open your Account page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a mail says. Texts are filled in from the library's facts. `leads_to` names the fact that is the address
    behind the button; without it the button leads to the Account page. A warning tells who was behind a change."""

    subject: Text
    says: Sequence[Text]
    button: Text = ACCOUNT_PAGE
    leads_to: str = ""
    is_warning: bool = False


MAILS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "account/email/email_confirmation": (
            confirmation := Words(
                subject=_("Confirm your e-mail address"),
                says=(
                    _("Somebody, we hope it was you, has given us %(email)s as their address."),
                    _("Confirm that mail to it reaches you. If it was not you, do nothing: we forget it."),
                ),
                button=_("Confirm this address"),
                leads_to="activate_url",
            )
        ),
        "account/email/email_confirmation_signup": confirmation,
        "account/email/password_reset_key": Words(
            subject=_("A new password"),
            says=(
                _("Somebody, we hope it was you, wants to choose a new password for your account."),
                _("The link works once. If it was not you, do nothing: your password stays as it is."),
            ),
            button=_("Choose a new password"),
            leads_to="password_reset_url",
        ),
        "account/email/unknown_account": Words(
            subject=_("There is no account with this address"),
            says=(
                _("Somebody, perhaps you, has asked for a new password for %(email)s."),
                _("No account here has this address. Perhaps you have used another one."),
            ),
            button=_("See our plans"),
            leads_to="signup_url",
        ),
        "account/email/account_already_exists": Words(
            subject=_("You have an account already"),
            says=(
                _("Somebody, perhaps you, wanted to make an account with %(email)s. It has one."),
                _("Sign in with it; if you do not know your password any more, choose a new one."),
            ),
            button=_("Choose a new password"),
            leads_to="password_reset_url",
        ),
        "account/email/password_changed": (
            changed := Words(
                subject=_("Your password was changed"),
                says=(_("From now on you sign in with the new password."),),
                is_warning=True,
            )
        ),
        "account/email/password_reset": changed,
        "account/email/password_set": changed,
        "account/email/email_changed": Words(
            subject=_("Your e-mail address was changed"),
            says=(_("You now sign in with %(to_email)s instead of %(from_email)s, and our mails go there."),),
            is_warning=True,
        ),
        "account/email/email_confirm": Words(
            subject=_("Your e-mail address is confirmed"),
            says=(_("Mail to this address reaches you: now we know."),),
            is_warning=True,
        ),
        "account/email/email_deleted": Words(
            subject=_("An e-mail address was removed"),
            says=(_("%(deleted_email)s does not belong to your account any more."),),
            is_warning=True,
        ),
        "mfa/email/totp_activated": Words(
            subject=_("The second factor is on"),
            says=(_("From now on signing in asks for a code from your app, too."),),
            is_warning=True,
        ),
        "mfa/email/totp_deactivated": Words(
            subject=_("The second factor is off"),
            says=(_("Signing in asks for nothing but your password again."),),
            is_warning=True,
        ),
        "mfa/email/recovery_codes_generated": Words(
            subject=_("You have new recovery codes"),
            says=(_("The ones you had before do not work any more."),),
            is_warning=True,
        ),
    }
)


def message_of(
    words: Words, *, to: str, facts: Mapping[str, Any], user: User | None, from_email: str
) -> EmailMultiAlternatives:
    """The mail, in the language of `user` if they have one, else in the one that is active."""
    language = user.language if user and user.language else translation.get_language()
    with translation.override(language):
        letter = letter_from("mail/sign_in", _content(words, {**facts, "email": to}, user))
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        from_email=from_email,
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},  # so that nobody's absence is told to us
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _content(words: Words, facts: Mapping[str, Any], user: User | None) -> dict[str, Any]:
    return {
        "network_name": network.network_name,
        "name": user.name if user else "",
        "title": words.subject,
        "paragraphs": [str(text) % facts for text in words.says],
        "action_label": words.button,
        "action_url": facts.get(words.leads_to) or f"{settings.NETWORK_ORIGIN}{settings.LOGIN_REDIRECT_URL}",
        "warning": facts if words.is_warning else None,
        "reset_url": f"{settings.NETWORK_ORIGIN}{reverse('account_reset_password')}",
    }
