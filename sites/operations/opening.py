"""A site is shown to visitors once its owner's address is confirmed: somebody can be asked about what it says."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.confirmation import confirmed_users
from accounts.models import User
from sites import routing
from sites.models import Site
from sites.models.site import SiteQuerySet


def open_sites_of(*, owner: User, now: datetime) -> int:
    """Show the sites of `owner` to visitors, if their address is confirmed. Answers how many."""
    return _open(Site.objects.filter(membership__customer__user=owner), now)


def open_confirmed(*, now: datetime) -> int:
    """The same for everybody: the sweep. One query when there is nothing to do."""
    return _open(Site.objects.all(), now)


def _open(sites: SiteQuerySet, now: datetime) -> int:
    found = sites.filter(opened_at=None, membership__customer__user__in=confirmed_users())
    for site in found:
        with transaction.atomic():
            Site.objects.filter(pk=site.pk, opened_at=None).update(opened_at=now)
            transaction.on_commit(partial(routing.forget, site))
    return len(found)
