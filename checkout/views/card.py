"""Save another card for the bills, on the gateway's page."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from checkout.operations.rate_limit import count_card_page
from checkout.views.owned import signed_in, terms_for
from checkout.views.paying import leave_for
from checkout.views.too_often import not_too_often
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import CardSetup, Membership
from memberships.operations.card_setup import open_card_page, reconcile_card_setup


@never_cache
@login_required
@require_POST
@not_too_often
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """To the gateway's page, which comes back to `saved`."""
    user, now = signed_in(request), timezone.now()
    membership = terms_for(user, uid).membership
    count_card_page(user=user, now=now)
    try:
        setup = open_card_page(customer=membership.customer, return_url=partial(_return_url, uid), now=now)
    except (GatewayUnavailable, GatewayRefused):
        messages.error(
            request, _("The bank could not be reached, so your card is as it was. Please try again.")
        )
        return _to_the_block(uid)
    return leave_for(request, setup.url, to_pay=False)


@never_cache
@login_required
@require_GET
def saved(request: HttpRequest, uid: UUID, setup_uid: UUID) -> HttpResponse:
    """Where the customer comes back to: says on the Account page what came of it."""
    membership = terms_for(signed_in(request), uid).membership
    setup = get_object_or_404(CardSetup, customer=membership.customer, uid=setup_uid)
    try:
        setup = reconcile_card_setup(setup=setup, now=timezone.now())
    except (GatewayUnavailable, GatewayRefused):
        messages.warning(
            request, _("The bank has not answered yet. A card that you saved shows here as soon as it does.")
        )
        return _to_the_block(uid)
    if setup.state == CardSetup.State.DONE:
        _say_that_it_is_saved(request, membership)
    else:
        messages.info(request, _("No card was saved."))
    return _to_the_block(uid)


def _say_that_it_is_saved(request: HttpRequest, membership: Membership) -> None:
    messages.success(request, _("Card saved."))
    membership.refresh_from_db(fields=["state"])
    if membership.state == Membership.State.PAST_DUE:
        messages.warning(request, _("Your open bill could not be charged to it yet."))


def _to_the_block(uid: UUID) -> HttpResponse:
    return redirect(f"{reverse('checkout:account', args=[uid])}#payment")


def _return_url(membership_uid: UUID, setup_uid: UUID) -> str:
    return f"{settings.NETWORK_ORIGIN}{reverse('checkout:card_saved', args=[membership_uid, setup_uid])}"
