"""The end of a sign-up: its site, or nothing."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from checkout.models import SignUp
from sites.entitlements import LimitReached
from sites.models import Site
from sites.operations.create import create_site

LEFT_AFTER: Final = timedelta(days=30)
log = logging.getLogger(__name__)


@transaction.atomic
def make_site(*, sign_up: SignUp, now: datetime) -> Site | None:
    """Make the site of a membership that has begun, once however often and from wherever it is asked for. None while
    it has not begun, and when the address is gone: the next step is then another address."""
    sign_up = (
        SignUp.objects.select_for_update(of=("self",))
        .select_related("membership__customer__user", "starter")
        .get(pk=sign_up.pk)
    )
    if not SignUp.objects.waiting_for_a_site().filter(pk=sign_up.pk).exists():
        return sign_up.site
    site = _create(sign_up, now)
    if site is None:
        sign_up.slug = ""
        sign_up.save(update_fields=["slug"])
        return None
    sign_up.site, sign_up.state, sign_up.settled_at = site, SignUp.State.DONE, now
    sign_up.save(update_fields=["site", "state", "settled_at"])
    return site


def _create(sign_up: SignUp, now: datetime) -> Site | None:
    """The site, without the starter should that not be offered any more; None when the address is gone."""
    for starter in (sign_up.starter, None):
        try:
            with transaction.atomic():
                return create_site(
                    membership=sign_up.membership,
                    name=sign_up.site_name,
                    slug=sign_up.slug,
                    starter=starter,
                    now=now,
                )
        except ValidationError as refused:
            if "starter" not in refused.message_dict:
                break
    log.warning("the address %s of sign-up %s is gone", sign_up.slug, sign_up.pk)
    return None


def make_waiting_sites(*, now: datetime, membership_id: int | None = None) -> int:
    """Make the sites that should be there: of one membership on its news, of all by the sweep. Answers how many."""
    waiting = SignUp.objects.waiting_for_a_site()
    if membership_id is not None:
        waiting = waiting.filter(membership=membership_id)
    made = 0
    for sign_up in waiting:
        try:
            made += make_site(sign_up=sign_up, now=now) is not None
        except LimitReached:  # the plan allows no site; the sweep must not stop for it
            log.exception("the plan of sign-up %s has no room for its site", sign_up.pk)
    return made


def leave_abandoned(*, now: datetime) -> int:
    """End the sign-ups that nobody has touched for `LEFT_AFTER`. The account stays, and can begin another."""
    left = SignUp.objects.left(before=now - LEFT_AFTER)
    return left.update(state=SignUp.State.LEFT, settled_at=now)
