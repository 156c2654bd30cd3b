"""Background work on sites: thin, keyword-only, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from sites import operations
from sites.content import messages
from sites.hosting import resolver
from sites.metering import rollup
from sites.operations import (
    addresses,
    domains,
    jobs,
    opening,
    over_limit,
    over_limit_mails,
    owner_visits,
    people,
    recycle,
    retire,
    spares,
    sweeps,
    visits,
)

HOURS_FOR_A_JOB = 4  # an export or a restore of the largest site


@shared_task(
    autoretry_for=(Exception,), retry_backoff=True, max_retries=5, time_limit=600, soft_time_limit=540
)
def provision_site(*, site_id: int, **_: object) -> None:
    operations.provision_site(site_id=site_id, now=timezone.now())


@shared_task(time_limit=600, soft_time_limit=540)
def switch_content(*, switch_id: int, **_: object) -> None:
    operations.switch_content(switch_id=switch_id, now=timezone.now())


@shared_task(time_limit=600, soft_time_limit=540)
def fill_pool(**_: object) -> None:
    """Build the spare schemas that are missing."""
    spares.fill(now=timezone.now())


@shared_task(autoretry_for=(ConnectionError,), retry_backoff=True, max_retries=8)
def apply_entitlements(*, site_id: int, **_: object) -> None:
    operations.apply_entitlements(site_id=site_id, now=timezone.now())


@shared_task
def refresh_usage(*, site_id: int, **_: object) -> None:
    operations.refresh_usage(site_id=site_id, now=timezone.now())


@shared_task
def roll_up_visits(**_: object) -> None:
    """Move the counts to rows, and look where they come near a limit."""
    now = timezone.now()
    rollup.roll_up(now=now)
    for site_id in visits.sites_to_look_at(now=now):
        settle_visits.enqueue(site_id=site_id)


@shared_task
def settle_visits(*, site_id: int, **_: object) -> None:
    visits.settle_visits(site_id=site_id, now=timezone.now())


@shared_task
def sweep_unfinished_sites(**_: object) -> None:
    """Queue the provisioning of sites, and their changes of content, whose task was lost."""
    for site_id in sweeps.unfinished_sites(now=timezone.now()):
        provision_site.enqueue(site_id=site_id)
    for switch_id in sweeps.unfinished_switches(now=timezone.now()):
        switch_content.enqueue(switch_id=switch_id)


@shared_task
def watch_unready_sites(**_: object) -> None:
    sweeps.alarm_of_unready_sites(now=timezone.now())


@shared_task
def sweep_entitlements(**_: object) -> None:
    """Bring every site in line with its membership: the news of a change may be lost, and grace days end."""
    for site_id in sweeps.sites_out_of_line(now=timezone.now()):
        apply_entitlements.enqueue(site_id=site_id)


@shared_task
def settle_over_limit(*, site_id: int, **_: object) -> None:
    over_limit.settle_site(site_id=site_id, now=timezone.now())


@shared_task
def sweep_over_limits(**_: object) -> None:
    """Hold sites to what the network does about too much, which it may have decided anew."""
    for site_id in sweeps.sites_over_limits():
        settle_over_limit.enqueue(site_id=site_id)


@shared_task
def tell_of_notices(**_: object) -> None:
    """Tell owners whose visitors see a notice since the last look."""
    now = timezone.now()
    for over_limit_id, site_id in over_limit_mails.notices_begun(now=now):
        over_limit_mails.tell_of_notice(over_limit_id=over_limit_id, site_id=site_id, now=now)


@shared_task
def sweep_usage(**_: object) -> None:
    """Count anew where the stored usage is old."""
    for site_id in sweeps.sites_with_old_usage(now=timezone.now()):
        refresh_usage.enqueue(site_id=site_id)


@shared_task(in_site=True, autoretry_for=(OSError,), retry_backoff=30, max_retries=5)
def mail_messages(*, site_id: int, **_: object) -> None:  # noqa: ARG001 -- the task class enters the site
    messages.mail_messages(now=timezone.now())


@shared_task
def sweep_messages(**_: object) -> None:
    """Mail what no mail server has taken yet, or whose task was lost."""
    for site_id in sweeps.sites_with_contact_forms():
        mail_messages.enqueue(site_id=site_id)


@shared_task
def end_visits(**_: object) -> None:
    """Put the staff out whose time in a site is over, and who did not leave."""
    owner_visits.end_run_out_visits(now=timezone.now())


@shared_task
def forget_old_passes(**_: object) -> None:
    sweeps.remove_old_rows(now=timezone.now())


@shared_task
def check_domain(*, claim_id: int, **_: object) -> None:
    domains.check_domain(claim_id=claim_id, resolver=resolver.from_settings(), now=timezone.now())


@shared_task
def sweep_domains(**_: object) -> None:
    """Look up names whose look at the DNS is due."""
    for claim_id in domains.names_to_look_up(now=timezone.now()):
        check_domain.enqueue(claim_id=claim_id)


@shared_task(time_limit=HOURS_FOR_A_JOB * 3600, soft_time_limit=HOURS_FOR_A_JOB * 3600 - 60)
def run_job(*, job_id: int, **_: object) -> None:
    jobs.run_job(job_id=job_id, now=timezone.now())


@shared_task
def sweep_jobs(**_: object) -> None:
    """Queue what admins asked for and no worker does."""
    for job_id in jobs.unfinished(now=timezone.now()):
        run_job.enqueue(job_id=job_id)


@shared_task(time_limit=HOURS_FOR_A_JOB * 3600, soft_time_limit=HOURS_FOR_A_JOB * 3600 - 60)
def erase_old(**_: object) -> None:
    """Empty the recycle bin of what has been there long enough, and remove what nobody shows any more."""
    now = timezone.now()
    for site_id in recycle.due_for_erasing(now=now):
        recycle.erase_site(site_id=site_id, now=now)
    operations.retire_old_content(now=now)
    retire.erase_due(now=now)
    jobs.forget_old(now=now)


@shared_task
def open_confirmed_sites(**_: object) -> None:
    """Show the sites to visitors whose owner confirmed their address while nobody listened."""
    opening.open_confirmed(now=timezone.now())


@shared_task
def forget_old_holds(**_: object) -> None:
    addresses.forget_old_holds(now=timezone.now())


@shared_task
def send_invitation(*, member_id: int, **_: object) -> None:
    people.send_invitation(member_id=member_id, now=timezone.now())


@shared_task
def sweep_invitations(**_: object) -> None:
    """Queue the mails that no mail server has taken yet."""
    for member_id in people.unsent_invitations(now=timezone.now()):
        send_invitation.enqueue(member_id=member_id)
