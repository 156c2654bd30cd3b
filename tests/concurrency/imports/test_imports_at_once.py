"""Imports at the same moment, on real PostgreSQL: whoever stands in two files comes once, and nobody waits for ever."""

from collections import Counter

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.imports.models import ImportedMembership, ImportJob
from checkout.imports.operations import begin_import, read_csv, run_import, work_on
from memberships.models import Membership, WalletEntry
from sites.models import Site
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS = 12


def a_file(numbers: range) -> ImportJob:
    """Members with the given numbers, in that order."""
    head = "reference,email,plan,wallet,site_name,site_address\n"
    rows = (f"r{n},m{n}@example.com,free,1.00,Garden {n},garden-{n}\n" for n in numbers)
    lines = read_csv((head + "".join(rows)).encode(), kind="memberships")
    return begin_import(kind="memberships", file_name="f", lines=lines, asked_by=None, now=timezone.now())


def work_together(jobs: list[ImportJob]) -> list[object]:
    return at_once(len(jobs), lambda number: work_on(job_id=jobs[number].pk, clock=timezone.now))


def test_two_files_with_the_same_members_in_opposite_order_bring_each_in_once(catalogue, gateway_double):
    jobs = [a_file(range(MEMBERS)), a_file(range(MEMBERS - 1, -1, -1))]
    assert work_together(jobs) == [None, None]
    assert set(ImportJob.objects.values_list("state", flat=True)) == {"checked"}
    for job in jobs:
        assert run_import(job=job, now=timezone.now())
    assert work_together(jobs) == [None, None]
    assert set(ImportJob.objects.values_list("state", flat=True)) == {"done"}
    states = Counter(state for job in jobs for state in job.rows.values_list("state", flat=True))
    assert states == {"done": MEMBERS, "known": MEMBERS}
    for model in (ImportedMembership, Membership, WalletEntry, Site, User):
        assert model.objects.count() == MEMBERS


def test_an_import_that_two_workers_take_up_is_done_once(catalogue, gateway_double):
    job = a_file(range(MEMBERS))
    work_on(job_id=job.pk, clock=timezone.now)
    assert run_import(job=job, now=timezone.now())
    assert work_together([job, job, job]) == [None, None, None]
    assert Counter(job.rows.values_list("state", flat=True)) == {"done": MEMBERS}
    assert WalletEntry.objects.count() == MEMBERS
