"""A task that does nothing, and a mark at each task's start and end for whoever measures."""

import json
import time
from typing import Any

import redis
from celery import shared_task
from celery.signals import task_postrun, task_prerun
from django.conf import settings

MARKS = "bench:marks"
_marks = redis.Redis.from_url(settings.REDIS_URL)


@shared_task
def nothing() -> None:
    """Celery's own way from delay to start, with our task class."""


@task_prerun.connect
def mark_start(task: Any = None, **_: Any) -> None:
    _mark(task.name, "start")


@task_postrun.connect
def mark_end(task: Any = None, **_: Any) -> None:
    _mark(task.name, "end")


def _mark(name: str, event: str) -> None:
    """The clock is the machine's, so whoever reads the mark can subtract."""
    _marks.rpush(MARKS, json.dumps([name, event, time.monotonic()]))
