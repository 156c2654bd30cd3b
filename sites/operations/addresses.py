"""Addresses on the network's domain: whether one can be had, what else there is, and keeping one for who is paying."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from memberships.models import Membership
from sites import names
from sites.models import AddressHold, Site
from sites.models.site import check_name

SUGGESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether `slug` can be had: `refusal` says why not, and `suggestions` what can."""

    slug: str
    refusal: str = ""
    suggestions: tuple[str, ...] = ()


def look_up(*, slug: str, name: str, user: User, now: datetime) -> Answer:
    """Whether `user` can have `slug`. What is suggested is made of `slug`, or of the
    site's `name` where nothing can be made of that. At most four queries."""
    slug = slug.strip().lower()
    refusal = _why_not(slug)
    if not refusal and not _free([slug], user, now):
        refusal = _("This address is taken. Choose another.")
    if not refusal:
        return Answer(slug=slug)
    wanted = names.proposals(slug) or names.proposals(name)
    return Answer(slug=slug, refusal=refusal, suggestions=tuple(_free(wanted, user, now)[:SUGGESTIONS]))


def suggest(*, name: str, user: User, now: datetime) -> str:
    """An address made of a site's `name` that can be had; empty when there is none. At most two queries."""
    return next(iter(_free(names.proposals(name), user, now)), "")


@transaction.atomic
def hold_address(*, slug: str, membership: Membership, until: datetime, now: datetime) -> None:
    """Keep `slug` for `membership`, and no other address any more. Whoever comes at the same moment waits, and is told.

    Raises ValidationError, keyed by `slug`, for an address that is taken, held for somebody else or may not be used.
    """
    refusal = _why_not(slug)
    if refusal:
        raise ValidationError({"slug": [refusal]})
    AddressHold.objects.filter(slug=slug, until__lte=now).exclude(membership=membership).delete()
    hold, is_new = AddressHold.objects.get_or_create(
        slug=slug, defaults={"membership": membership, "until": until}
    )
    is_ours = hold.membership_id == membership.pk
    if not is_ours or Site.objects.filter(slug=slug).exists():
        raise ValidationError({"slug": [_("This address is taken. Choose another.")]})
    if not is_new and hold.until != until:
        hold.until = until
        hold.save(update_fields=["until"])
    # in a transaction of its own: two who trade addresses must not wait for each other
    others = AddressHold.objects.filter(membership=membership).exclude(slug=slug)
    transaction.on_commit(lambda: others.delete())  # noqa: PLW0108 -- a callback answers nothing


def release_address(*, slug: str) -> None:
    """Nobody holds `slug` any more; in the transaction that makes the site of it."""
    AddressHold.objects.filter(slug=slug).delete()


def forget_old_holds(*, now: datetime) -> None:
    AddressHold.objects.filter(until__lte=now).delete()


def _why_not(slug: str) -> str:
    try:
        check_name(slug)
    except ValidationError as refused:
        return str(refused.messages[0])
    return ""


def _free(wanted: Iterable[str], user: User, now: datetime) -> list[str]:
    """Those of `wanted` that no site has and nobody else holds, in their order. Two queries."""
    wanted = list(wanted)
    holds = AddressHold.objects.filter(slug__in=wanted, until__gt=now).exclude(
        membership__customer__user=user
    )
    taken = {
        *Site.objects.filter(slug__in=wanted).values_list("slug", flat=True),
        *holds.values_list("slug", flat=True),
    }
    return [slug for slug in wanted if slug not in taken]
