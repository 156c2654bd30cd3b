"""Another starter for a site that exists: made beside it, proven, then shown; what was there is kept for a week.

A site's content is exchanged by pointing the site at another schema, never by renaming schemas under it: caches, media
folders and requests under way all go by the schema's name, and none of them ever finds other content under a name.
"""

import copy
import logging
import uuid
from datetime import datetime
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.postgresql_backend.base import FakeTenant
from django_tenants.utils import tenant_context

from memberships.operations.entitlements import plans_of
from sites import routing
from sites.entitlements import write_limits
from sites.models import ContentSwitch, RetiredSchema, Site, Starter
from sites.operations import heads, template
from sites.operations.begin import begin_as, starters_for
from sites.operations.migration_plan import plan_for_current_schema
from sites.operations.over_limit import settle
from sites.operations.people.carry import carry_people
from sites.operations.proof import NotProven, prove_page, prove_tables
from sites.operations.retire import OLD_CONTENT_KEPT
from sites.operations.steps import make_schema, point_domain
from sites.signals import content_switch_asked, content_switched

MOST_ATTEMPTS: Final = 5  # two minutes apart
log = logging.getLogger(__name__)


@transaction.atomic
def ask_for_starter(*, site: Site, starter: Starter, now: datetime) -> ContentSwitch:
    """Let `site` show the content of `starter` as soon as that is made. Raises ValidationError when it cannot."""
    site = _ready(site)
    if starter not in starters_for(site.limits, plans=plans_of(site.membership_id)) or starter.site == site:
        raise ValidationError(_("This starter site is not offered with your plan. Choose another."))
    return _ask(
        ContentSwitch(
            site=site,
            starter=starter,
            starter_name=starter.name,
            new_schema=f"site_{uuid.uuid4().hex}",
            asked_at=now,
        )
    )


@transaction.atomic
def ask_for_old_content(*, site: Site, now: datetime) -> ContentSwitch:
    """Let `site` show again what it showed before its last change; what it shows now is kept in turn. Raises
    ValidationError when nothing is kept any more."""
    site = _ready(site)
    last = site.content_switches.to_put_back(at=now).first()
    if last is None:
        raise ValidationError(_("The content of before is not kept any more."))
    return _ask(ContentSwitch(site=site, new_schema=last.old_schema, asked_at=now))


def ask_again(*, failed: ContentSwitch, now: datetime) -> ContentSwitch:
    """Ask anew for what `failed` was to bring. Raises ValidationError, as asking for it the first time does."""
    if not failed.starter_name:
        return ask_for_old_content(site=failed.site, now=now)
    if failed.starter is None:
        raise ValidationError(_("This starter site is not offered any more. Choose another."))
    return ask_for_starter(site=failed.site, starter=failed.starter, now=now)


def _ready(site: Site) -> Site:
    locked = Site.objects.locked().get(pk=site.pk)
    if locked.state != Site.State.READY or locked.access != Site.Access.OPEN:
        raise ValidationError(_("The content of this site cannot be changed just now."))
    if locked.content_switches.waiting().exists():
        raise ValidationError(_("This site is changing its content already."))
    return locked


def _ask(switch: ContentSwitch) -> ContentSwitch:
    switch.save()
    transaction.on_commit(partial(content_switch_asked.send_robust, ContentSwitch, switch_id=switch.pk))
    return switch


def switch_content(*, switch_id: int, now: datetime) -> ContentSwitch:
    """Make what was asked for and show it, once. All of it is one transaction: until its end nothing has happened. An
    error is kept on the row and raised; after `MOST_ATTEMPTS` the change has failed. Raises
    ContentSwitch.DoesNotExist."""
    switch: ContentSwitch = ContentSwitch.objects.get(pk=switch_id)
    if switch.state != ContentSwitch.State.WAITING:
        return switch
    try:
        if switch.starter_name:
            template.ensure_template(now=now)
        else:
            _bring_up_to_date(switch.new_schema)
        return _switch(switch_id=switch_id, now=now)
    except Exception as error:
        _record_failure(switch_id, error=error, now=now)
        raise


@transaction.atomic
def _record_failure(switch_id: int, *, error: Exception, now: datetime) -> None:
    switch = ContentSwitch.objects.get(pk=switch_id)
    site = Site.objects.locked().get(pk=switch.site_id)
    switch.refresh_from_db()
    if switch.state != ContentSwitch.State.WAITING:
        return  # another worker got through
    switch.attempts += 1
    switch.error = f"{type(error).__name__}: {error}"[:2000]
    if switch.attempts >= MOST_ATTEMPTS:
        switch.state = ContentSwitch.State.FAILED
        log.error("site %s keeps its content: %s failed: %s", site.uid, switch, switch.error)
        if switch.starter_name:  # files may have been copied; the schema went with its transaction
            reason = RetiredSchema.Reason.UNFINISHED
            RetiredSchema.of(
                site, schema_name=switch.new_schema, reason=reason, retired_at=now, erase_after=now
            ).save()
    switch.save(update_fields=["attempts", "error", "state"])


@transaction.atomic
def _switch(*, switch_id: int, now: datetime) -> ContentSwitch:
    switch = ContentSwitch.objects.select_related("starter__site").get(pk=switch_id)
    site = Site.objects.locked().get(pk=switch.site_id)
    switch.refresh_from_db(fields=["state"])
    if switch.state != ContentSwitch.State.WAITING:
        return switch  # another worker got through, or gave up
    new = copy.copy(site)  # the site as it will be, known to nobody yet
    new.schema_name = switch.new_schema
    _make(new, switch, now=now)
    carry_people(source=site.schema_name, target=new.schema_name)
    with tenant_context(new):
        write_limits(site.limits.amounts, version=site.entitlements_version)
    point_domain(new, now)
    prove_tables(new.schema_name)
    prove_page(new)
    ContentSwitch.objects.filter(site=site, old_schema=new.schema_name).update(put_back_at=now)
    switch.old_schema, switch.state, switch.error = site.schema_name, ContentSwitch.State.DONE, ""
    switch.finished_at, switch.kept_until = now, now + OLD_CONTENT_KEPT
    switch.attempts += 1
    switch.save()
    if new.state == Site.State.MAINTENANCE:  # what could not be migrated is not shown any more
        new.state = Site.State.READY
    new.starter = switch.starter or site.starter
    new.save(update_fields=["schema_name", "starter", "state"])
    if new.access == Site.Access.OPEN:
        settle(new, restore=True, now=now)
    transaction.on_commit(partial(routing.forget, site))
    transaction.on_commit(partial(content_switched.send_robust, Site, site_id=site.pk))
    return switch


def _make(new: Site, switch: ContentSwitch, *, now: datetime) -> None:
    if not switch.starter_name:
        return
    if switch.starter is None:
        raise NotProven(f"The starter site {switch.starter_name} is gone.")
    make_schema(new, now)
    begin_as(new, switch.starter)


def _bring_up_to_date(schema: str) -> None:
    """Kept content may be older than the migrations of this code."""
    try:
        prove_tables(schema)
    except NotProven:
        with tenant_context(FakeTenant(schema)):
            plan_for_current_schema().apply()
        heads.stamp(schema)


def retire_old_content(*, now: datetime) -> None:
    """Give what no site can put back any more to `retire.erase_due`."""
    over = ContentSwitch.objects.with_old_content().filter(kept_until__lte=now)
    for switch_id, site_id in over.values_list("pk", "site"):
        _retire(switch_id, site_id, now=now)


@transaction.atomic
def _retire(switch_id: int, site_id: int, *, now: datetime) -> None:
    site = Site.objects.locked().get(pk=site_id)
    switch = ContentSwitch.objects.get(pk=switch_id)
    is_wanted = site.content_switches.waiting().filter(new_schema=switch.old_schema).exists()
    if is_wanted or switch.erased_at or switch.put_back_at:
        return
    reason = RetiredSchema.Reason.REPLACED
    RetiredSchema.of(
        site, schema_name=switch.old_schema, reason=reason, retired_at=now, erase_after=now
    ).save()
    switch.erased_at = now
    switch.save(update_fields=["erased_at"])
