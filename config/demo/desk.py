"""What the demo's staff did for customers before anybody looks: more time, a visit, a transfer."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.models import User
from accounts.staff.watching import recorded
from config.demo.staff import COLLEAGUES
from memberships.models import Customer, Membership, MembershipTransfer, PeriodExtension
from memberships.operations.extend import extend
from sites.models import OwnerVisit, Site
from sites.operations.owner_visits import begin_visit, end_visit
from sites.operations.transfer import transfer

MORE_TIME: Final = UUID("5e1ec7ed-0000-4000-8000-000000000002")
WHY_VISITED: Final = "Looked why a picture did not show"
TRANSFER: Final = UUID("5e1ec7ed-0000-4000-8000-000000000003")


def give_time(*, email: str, now: datetime) -> None:
    """Three days more for the customer with `email`, once."""
    actor, page = _support(), "memberships_membership_extend"
    if not PeriodExtension.objects.filter(uid=MORE_TIME).exists():
        with recorded(actor=actor, page=page, chosen="", now=now):
            extend(
                membership=Membership.objects.get(customer__user__email=email),
                days=3,
                reason="His mail was down for a weekend, and we could not help.",
                actor=actor,
                uid=MORE_TIME,
                now=now,
            )


def visit(*, slug: str, now: datetime) -> None:
    """Eight minutes in the dashboard of the site at `slug`, yesterday, once."""
    actor, began_at, site = _support(), now - timedelta(days=1), Site.objects.get(slug=slug)
    if not OwnerVisit.objects.filter(site=site).exists():
        with recorded(actor=actor, page="sites_site_visit", chosen="", now=began_at):
            begin_visit(site=site, actor=actor, reason=WHY_VISITED, now=began_at)
        running = OwnerVisit.objects.get(site=site)
        end_visit(uid=running.uid, site_id=site.pk, now=began_at + timedelta(minutes=8))


def is_handed_over() -> bool:
    return MembershipTransfer.objects.filter(uid=TRANSFER).exists()


def hand_over(*, email: str, to: str, now: datetime) -> None:
    """Pass what the customer with `email` has to the one who reads `to`."""
    actor, page = _support(), "memberships_membership_transfer"
    with recorded(actor=actor, page=page, chosen="", now=now):
        transfer(
            membership=Membership.objects.get(customer__user__email=email),
            to=Customer.objects.get(user__email=to),
            reason="She closes her pottery; the studio keeps the site for her customers.",
            actor=actor,
            uid=TRANSFER,
            now=now,
        )


def _support() -> User:
    return User.objects.get(email=COLLEAGUES[0].email)
