"""What sites do when they hear news. A broker that is away costs nothing but time: the sweeps find the work."""

from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from memberships.signals import entitlements_changed
from sites import tasks
from sites.models import Site
from sites.signals import site_created, site_ready


@receiver(site_created)
def start_provisioning(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    _queue(tasks.provision_site, site_id=site_id)


@receiver(site_ready)
def count_usage(sender: object, *, site_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    _queue(tasks.refresh_usage, site_id=site_id)


@receiver(entitlements_changed)
def follow_membership(sender: object, *, membership_id: int, **_: Any) -> None:  # noqa: ARG001 -- a receiver's signature
    for site_id in Site.objects.filter(membership=membership_id).values_list("pk", flat=True):
        _queue(tasks.apply_entitlements, site_id=site_id)


def _queue(task: Any, *, site_id: int) -> None:
    try:
        task.delay(site_id=site_id)
    except OperationalError:
        return
