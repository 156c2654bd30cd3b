"""On the network: where *Upgrade* on a site leads. Its owner goes on to the plans, others learn whom to ask."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from sites import addresses
from sites.models import Site


@never_cache
@login_required
@require_safe
def page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Not found for anybody who does not work on the site."""
    user = cast("User", request.user)
    sites = Site.objects.entered_by(user).outside_the_bin().select_related("membership__customer__user")
    site = get_object_or_404(sites, uid=uid)
    owner = site.membership.customer.user
    if owner == user:
        return redirect(addresses.change_url(site.membership.uid))
    return render(request, "sites/whom_to_ask.html", {"site": site, "owner": owner})
