"""Whether somebody of the staff has what the network asks of them."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.network.live import network


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Whether `user` must set one up before they can work here. One query, where the network asks for one."""
    return bool(network.staff_need_second_factor and user.is_staff and not is_mfa_enabled(user))


def works_here(user: User) -> bool:
    """Whether `user` is of the staff, and safely so."""
    return user.is_staff and not lacks_second_factor(user)
