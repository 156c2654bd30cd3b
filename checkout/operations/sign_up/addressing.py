"""The name, the address and the beginnings of the site that somebody signs up for."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from checkout.models import Order, SignUp
from sites.models import Starter
from sites.models.site import LONGEST_SITE_NAME
from sites.operations.addresses import hold_address

log = logging.getLogger(__name__)
HELD_WHILE_DECIDING: Final = timedelta(hours=2)
HELD_AFTER_THE_ORDER: Final = timedelta(hours=24)  # money that came in time is carried out within this


class AddressLost(Exception):
    """Nobody held the address any more, and somebody else has it now."""


@transaction.atomic
def address_site(*, sign_up: SignUp, name: str, slug: str, starter: Starter | None, now: datetime) -> SignUp:
    """Keep what the site is to be called, and its address for `HELD_WHILE_DECIDING`.

    Raises ValidationError, keyed by `name` or `slug`, for a name that is none and an address that cannot be had.
    """
    sign_up = _locked(sign_up)
    name, slug = name.strip(), slug.strip().lower()
    if not name or len(name) > LONGEST_SITE_NAME:
        raise ValidationError({"name": [_("Enter a name.") if not name else _("Use a shorter name.")]})
    hold_address(slug=slug, membership=sign_up.membership, until=_until(sign_up, now), now=now)
    sign_up.site_name, sign_up.slug, sign_up.starter, sign_up.touched_at = name, slug, starter, now
    sign_up.save(update_fields=["site_name", "slug", "starter", "touched_at"])
    return sign_up


@transaction.atomic
def hold_for_payment(*, sign_up: SignUp, now: datetime) -> None:
    """Keep the address for as long as the order may wait for its money, and a day; before there is one, for
    `HELD_WHILE_DECIDING`. Raises AddressLost."""
    sign_up = _locked(sign_up)
    try:
        hold_address(slug=sign_up.slug, membership=sign_up.membership, until=_until(sign_up, now), now=now)
    except ValidationError as taken:
        raise AddressLost from taken


def keep_addresses_for_payment(*, now: datetime) -> None:
    """Hold on to the addresses of orders that wait longer than they did when they were placed: for a bank transfer."""
    waiting = Order.objects.open().values("membership")
    for sign_up in SignUp.objects.filter(state=SignUp.State.OPEN, membership__in=waiting):
        try:
            hold_for_payment(sign_up=sign_up, now=now)
        except AddressLost:
            log.warning("the address %s of sign-up %s is gone before its payment", sign_up.slug, sign_up.pk)


def _until(sign_up: SignUp, now: datetime) -> datetime:
    order = Order.objects.open().filter(membership=sign_up.membership_id).first()
    if order is None or order.expires_at is None:
        return now + HELD_WHILE_DECIDING
    return max(order.expires_at, now) + HELD_AFTER_THE_ORDER


def _locked(sign_up: SignUp) -> SignUp:
    return (
        SignUp.objects.select_for_update(of=("self",))
        .select_related("membership__customer__user", "plan", "starter", "user")
        .get(pk=sign_up.pk)
    )
