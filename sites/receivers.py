"""What sites do when they hear news. What is lost on the way is found again by the sweeps."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import account_closed_or_opened
from accounts.staff.signals import may_do_less
from memberships.signals import entitlements_changed
from sites import tasks
from sites.models import Site
from sites.operations.opening import open_sites_of
from sites.operations.owner_visits import end_run_out_visits
from sites.operations.people import follow_account
from sites.signals import (
    content_switch_asked,
    content_switched,
    message_received,
    person_invited,
    site_created,
    site_ready,
    spare_taken,
)


@receiver(site_created)
def start_provisioning(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.provision_site.enqueue(site_id=site_id)


@receiver(site_ready)
def count_usage(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.refresh_usage.enqueue(site_id=site_id)


@receiver(entitlements_changed)
def follow_membership(sender: object, *, membership_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    for site_id in Site.objects.filter(membership=membership_id).values_list("pk", flat=True):
        tasks.apply_entitlements.enqueue(site_id=site_id)


@receiver(email_confirmed)
def open_to_visitors(sender: object, *, email_address: EmailAddress, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    open_sites_of(owner=email_address.user, now=timezone.now())


@receiver(account_closed_or_opened)
def put_out_or_let_in(sender: object, *, user: User, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    follow_account(user)


@receiver(may_do_less)
def put_out_who_visits(sender: object, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    end_run_out_visits(now=timezone.now())


@receiver(spare_taken)
def build_another(sender: object, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.fill_pool.enqueue()


@receiver(message_received)
def mail_message(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.mail_messages.enqueue(site_id=site_id)


@receiver(person_invited)
def send_the_invitation(sender: object, *, member_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.send_invitation.enqueue(member_id=member_id)


@receiver(content_switch_asked)
def start_switching(sender: object, *, switch_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.switch_content.enqueue(switch_id=switch_id)


@receiver(content_switched)
def count_new_content(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    tasks.refresh_usage.enqueue(site_id=site_id)
