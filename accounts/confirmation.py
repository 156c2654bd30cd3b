"""Whether somebody has shown that the mail to their address reaches them.

Accounts of the sign-up have a row for it at allauth; one that staff made has none, and counts as confirmed.
"""

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User


def confirmed_users() -> QuerySet[User]:
    """Everybody whose address is confirmed."""
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(Exists(addresses.filter(verified=True)) | ~Exists(addresses))


def is_confirmed(user: User) -> bool:
    """One query."""
    return confirmed_users().filter(pk=user.pk).exists()
