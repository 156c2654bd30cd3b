"""What sites do when they hear news. What is lost on the way is found again by the sweeps."""

from typing import Any

from django.dispatch import receiver

from memberships.signals import entitlements_changed
from sites import tasks
from sites.models import Site
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
