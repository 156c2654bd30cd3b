"""Opening an account without telling anybody whose addresses have one."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import complete_signup
from allauth.core import ratelimit
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.forms import AccountForm
from accounts.models import User


def open_account(request: HttpRequest, form: AccountForm) -> User | None:
    """The account that the valid `form` asks for, not signed in yet. None when the address has one, also when that was
    made at this very moment; `tell_the_owner` answers then."""
    if form.account_already_exists:
        return None
    try:
        with transaction.atomic():
            user: User = form.save(request)
    except IntegrityError:
        return None
    return user


def sign_in(request: HttpRequest, user: User, *, to: str) -> HttpResponse:
    """Send the mail that asks to confirm the address, and go on to `to`."""
    response: HttpResponse = complete_signup(request, user, None, to)
    return response


def tell_the_owner(request: HttpRequest, form: AccountForm) -> HttpResponse:
    """Write to who has the account already, and show the page that asks to look into one's mail."""
    User().set_password(form.cleaned_data["password1"])  # takes as long as for a new account
    email = form.cleaned_data["email"]
    if ratelimit.consume(request, action="confirm_email", key=email):
        get_adapter(request).send_account_already_exists_mail(email)
    return redirect("account_email_verification_sent")
