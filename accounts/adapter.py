"""How allauth behaves on the network."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from accounts.middleware import speak_the_language_of


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature
        """Accounts are made by the sign-up journey with a plan, never by a bare form."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Greet people in their own language: they came as somebody unknown."""
        super().login(request, user)
        speak_the_language_of(user, request)
