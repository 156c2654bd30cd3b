"""Fetching is authorising: whatever is not the signed-in customer's own is not found."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from checkout.models import Order, Quote
from memberships.models import Membership
from memberships.operations.terms import Terms, terms_of, with_terms


def signed_in(request: HttpRequest) -> User:
    """Who is signed in, for views behind `login_required`."""
    return cast("User", request.user)


def terms_for(user: User, uid: UUID) -> Terms:
    """Membership `uid` of `user` with its items and wallet: two queries. Raises Http404."""
    memberships = with_terms(Membership.objects.owned_by(user)).select_related("customer__user")
    return terms_of(get_object_or_404(memberships, uid=uid))


def quote_for(user: User, uid: UUID) -> Quote:
    """Raises Http404."""
    return get_object_or_404(
        Quote.objects.owned_by(user).select_related("membership__customer__user"), uid=uid
    )


def order_for(user: User, uid: UUID) -> Order:
    """Raises Http404."""
    return get_object_or_404(
        Order.objects.owned_by(user).select_related("membership__customer__user", "payment", "quote"), uid=uid
    )
