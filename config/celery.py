"""The Celery app and the task class of everything that runs in the background.

A task runs in the network's schema, or, marked `in_site=True`, in the schema of the site named by its keyword
`site_id`:

    @shared_task(in_site=True)
    def refresh_usage(*, site_id: int, **_: object) -> None: ...

It fails closed: a site that is gone or not named is an error before the first line of the task, never a run
in public.
"""

import os
from functools import partial
from typing import Any, cast

import structlog
from celery import Celery, Task
from django.db import connection, transaction
from django_tenants.utils import get_tenant_model, tenant_context
from kombu.exceptions import OperationalError

from accounts.network.live import one_look
from config.schedule import SCHEDULE

log = structlog.get_logger()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")


# On a new connection PostgreSQL's caches are cold, which makes a short task twice as long; an old one remembers every
# site that it has seen.
TASKS_ON_A_CONNECTION = 100


class SiteMissing(LookupError):
    """The site this task was meant for does not exist."""


class SchemaTask(Task):  # type: ignore[misc]  # Celery ships no types
    """Runs in public, or in one site when `in_site`; afterwards the connection is where it was."""

    abstract = True
    in_site = False

    def __call__(self, *args: object, **kwargs: Any) -> Any:
        if args:
            raise TypeError(f"{self.name} takes keywords only.")
        wrapper = cast("Any", connection)
        if not wrapper.in_atomic_block:  # a test runs tasks in its own transaction
            wrapper.close_if_unusable_or_obsolete()  # a restart of PostgreSQL must cost no task
        came_from = wrapper.tenant  # public in a worker; a site when a test runs the task in place
        wrapper.set_schema_to_public()
        try:
            with one_look():
                return self._run(kwargs)
        finally:
            wrapper.set_tenant(came_from)

    def _run(self, kwargs: dict[str, Any]) -> Any:
        if not self.in_site:
            return self.run(**kwargs)
        with tenant_context(self._site(kwargs)):
            return self.run(**kwargs)

    def enqueue(self, **kwargs: Any) -> None:
        """Queue this task once the transaction around the call is committed.

        A broker that is down costs time, not work: what should have been queued is in rows, and a sweep finds
        it there.
        """
        transaction.on_commit(partial(self._send, kwargs))

    def _send(self, kwargs: dict[str, Any]) -> None:
        try:
            self.apply_async(kwargs=kwargs)
        except OperationalError as error:
            log.warning("task not queued, its sweep will find the work", task=self.name, error=str(error))

    def _site(self, kwargs: dict[str, Any]) -> Any:
        if "site_id" not in kwargs:
            raise SiteMissing(f"{self.name} runs in a site and was given no site_id.")
        site = get_tenant_model().objects.select_related("membership").filter(pk=kwargs["site_id"]).first()
        if site is None:
            raise SiteMissing(f"{self.name}: there is no site {kwargs['site_id']}.")
        return site


app = Celery("sitewright", task_cls=SchemaTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(CELERY_DB_REUSE_MAX=TASKS_ON_A_CONNECTION)  # read by Celery under this name
app.conf.beat_schedule = SCHEDULE
app.conf.beat_schedule_filename = ".local/beat"
app.autodiscover_tasks()
