"""What the accounts do when somebody signs in, or has chosen a new password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User

NOWHERE = object()


@receiver(user_logged_in)
def remember_where(sender: object, *, request: HttpRequest, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    """Keep when, from where and with what somebody signed in on the network, also where no form of allauth's was used.

    A site has sessions of its own, which its schema keeps.
    """
    if getattr(request, "tenant", NOWHERE) is None:  # as sites.middleware says of the network's hosts
        UserSession.objects.create_from_request(request)


@receiver(password_reset)
def confirm_the_address(sender: object, *, request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    """The way to a new password led through a mail: who chose it reads what is sent to their address."""
    waiting = EmailAddress.objects.filter(user_id=user.pk, email=user.email, verified=False).first()
    if waiting is not None:
        get_adapter().confirm_email(request, waiting)
