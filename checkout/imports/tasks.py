"""Imports in the background. The rows are the queue: a worker that was killed is followed by another."""

from celery import shared_task
from django.utils import timezone

from checkout.imports.models import ImportJob
from checkout.imports.operations import forget_old, work_on

A_TURN = 3600  # seconds; what is not done by then goes on in another


@shared_task(time_limit=A_TURN, soft_time_limit=A_TURN - 60)
def work_on_import(*, job_id: int, **_: object) -> None:
    work_on(job_id=job_id, clock=timezone.now)


@shared_task
def sweep_imports(**_: object) -> None:
    """Queue the imports that are under way; one that somebody is at is left to them."""
    for job_id in ImportJob.objects.under_way().values_list("pk", flat=True):
        work_on_import.enqueue(job_id=job_id)


@shared_task
def forget_old_imports(**_: object) -> None:
    forget_old(now=timezone.now())
