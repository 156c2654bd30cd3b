"""Back from the payment of a first order: on to the site, or to what the order waits for."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from checkout.models import Order, SignUp
from checkout.operations.pay import reconcile
from checkout.views.owned import order_for, signed_in
from checkout.views.sign_up.way import to_the_site
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable


@never_cache
@login_required
@require_GET
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask the gateway how the order stands, and go where that leads."""
    user, now = signed_in(request), timezone.now()
    order = order_for(user, uid)
    if order.state == Order.State.OPEN:
        try:
            order = reconcile(order=order, now=now)
        except (GatewayUnavailable, GatewayRefused):
            return redirect("checkout:order", uid=uid)
    sign_up = (
        SignUp.objects.filter(membership=order.membership_id).select_related("site", "membership").first()
    )
    if order.state != Order.State.FULFILLED or sign_up is None:
        return redirect("checkout:order", uid=uid)
    return to_the_site(request, sign_up, now=now)
