"""How allauth behaves on the network."""

import logging
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.middleware import speak_the_language_of
from accounts.models import User
from accounts.network.live import network
from accounts.sign_in_mails import MAILS, message_of

log = logging.getLogger(__name__)


class ConfirmationStage(EmailVerificationStage):  # type: ignore[misc]  # allauth ships no types
    """Whether an address must be confirmed before its owner is let in, as the network has it now."""

    def handle(self) -> Any:
        self.login.email_verification = network.email_confirmation
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature
        """Accounts are made by the sign-up journey with a plan, never by a bare form."""
        return False

    def get_login_stages(self) -> list[str]:
        """With our own in the place of the library's, which reads the environment's setting alone."""
        stages: list[str] = super().get_login_stages()
        return [
            f"{__name__}.ConfirmationStage" if stage.endswith(".EmailVerificationStage") else stage
            for stage in stages
        ]

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """In our words and our frame, where we have any."""
        words = MAILS.get(template_prefix)
        if words is None:
            return cast("EmailMessage", super().render_mail(template_prefix, email, context, headers))
        user = context.get("user") or self.request.user
        return message_of(
            words,
            to=email,
            facts=context,
            user=user if isinstance(user, User) else None,
            from_email=self.get_from_email(),
        )

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 -- allauth's signature
        """The account of a form, with the person's name, in the language that they read it in."""
        user = super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name", "").strip()
        user.language = get_language() or ""
        if commit:
            user.save()
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Not when the address has become that of another account since the mail was sent."""
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False
        return bool(super().confirm_email(request, email_address))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not take the page with it: the mail can be asked for again."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:
            log.exception("no mail server took %s", template_prefix)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Greet people in their own language: they came as somebody unknown."""
        super().login(request, user)
        speak_the_language_of(user, request)
