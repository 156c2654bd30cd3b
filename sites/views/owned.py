"""Fetching is authorising: a site that is not the signed-in customer's own is not found."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from sites.models import Site


def own_site(request: HttpRequest, uid: UUID) -> Site:
    """Site `uid` of a membership that whoever is signed in pays for, outside the recycle bin. Raises Http404."""
    sites = Site.objects.owned_by(cast("User", request.user)).outside_the_bin()
    return get_object_or_404(sites.select_related("membership__customer__user"), uid=uid)
