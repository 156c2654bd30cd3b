"""All sites to the migrations of this code, ring by ring, until too many fail."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from time import perf_counter
from typing import Any

from django.db import DatabaseError, connections
from django_tenants.utils import tenant_context

from sites.models import Site, SiteMigration, SiteTemplate
from sites.operations.heads import Standing, standings
from sites.operations.migrate import Outcome, Result, migrate_site
from sites.operations.migration_plan import plan_for_current_schema
from sites.operations.site_migrations import fingerprint, heads
from sites.operations.template import ensure_template
from sites.policies.rings import Member, Ring, rings, tolerated

Tell = Callable[[Outcome], None]
Clock = Callable[[], datetime]


@dataclass(slots=True, kw_only=True)
class RingResult:
    """How a ring fared. The template's ring has one member when it had to be built, and none else."""

    ring: Ring
    size: int
    done: int = 0
    failed: list[Outcome] = field(default_factory=list)
    busy: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    is_stopped: bool = False

    def take(self, outcome: Outcome) -> None:
        if outcome.result == Result.DONE:
            self.done += 1
        else:
            (self.failed if outcome.result == Result.FAILED else self.busy).append(outcome)

    @property
    def left(self) -> int:
        """How many it did not come to."""
        return self.size - self.done - len(self.failed) - len(self.busy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did. `current` sites had nothing to do; `behind` ones are so still, whatever the reason."""

    current: int
    behind: int
    rings: Sequence[RingResult]

    @property
    def is_stopped(self) -> bool:
        return any(ring.is_stopped for ring in self.rings)

    @property
    def only_failed_are_behind(self) -> bool:
        """Whether the run came to its end, and whatever it left behind is in maintenance."""
        return not self.is_stopped and self.behind == sum(len(ring.failed) for ring in self.rings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How to go about it.

    `workers` above one are forked processes: not in a transaction, nor beside other threads. `tolerate` is how many
    sites of a ring may fail before nothing more begins; None leaves it to `policies.rings`. `until` is the last ring
    to take. `clock` tells the time, `tell` hears of each site.
    """

    clock: Clock
    tell: Tell
    workers: int = 1
    tolerate: int | None = None
    until: Ring = Ring.ALL


def migrate_all(run: Run) -> Report:
    """Bring the template, and then all sites that are behind, to the migrations of this code.

    A site that is not behind costs its line in one query. Run again, it goes on with what is left. Raises what keeps
    the template from being built; no site is touched then.
    """
    results = [_build_template(run)]
    everyone = standings()
    _record([each for each in everyone if each.is_current and not each.is_recorded], now=run.clock())
    behind = [each.site for each in everyone if not each.is_current]
    with _executor(run.workers, behind) as executor:
        for ring, members in rings(behind, heads=heads()).items():
            if results[-1].is_stopped or _comes_after(ring, run.until):
                break
            results.append(_migrate(ring, members, run=run, executor=executor))
    done = sum(result.done for result in results[1:])
    return Report(current=len(everyone) - len(behind), behind=len(behind) - done, rings=results)


def _build_template(run: Run) -> RingResult:
    began = perf_counter()
    is_there = SiteTemplate.objects.filter(fingerprint=fingerprint()).exists()
    ensure_template(now=run.clock())
    size = int(not is_there)
    return RingResult(ring=Ring.TEMPLATE, size=size, done=size, seconds=perf_counter() - began)


def _record(sites: Sequence[Standing], *, now: datetime) -> None:
    """Write down that these have the migrations of this code already, as new sites do."""
    SiteMigration.objects.bulk_create(
        [
            SiteMigration(
                site_id=each.site.id,
                state=SiteMigration.State.DONE,
                heads=heads(),
                started_at=now,
                finished_at=now,
                seconds=0,
            )
            for each in sites
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["site"],
        update_fields=["state", "heads", "error", "started_at", "finished_at", "seconds"],
    )


def _migrate(ring: Ring, members: Sequence[Member], *, run: Run, executor: Executor) -> RingResult:
    began = perf_counter()
    result = RingResult(ring=ring, size=len(members))
    may_fail = tolerated(ring, size=len(members)) if run.tolerate is None else run.tolerate
    waiting = iter(members)

    def begin(number: int) -> set[Future[Outcome]]:
        return {
            executor.submit(migrate_site, site_id=site.id, now=run.clock())
            for site in islice(waiting, number)
        }

    under_way = begin(run.workers)
    while under_way:
        finished, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for future in finished:
            outcome = future.result()
            result.take(outcome)
            run.tell(outcome)
        result.is_stopped = len(result.failed) > may_fail
        if not result.is_stopped:
            under_way |= begin(len(finished))
    result.seconds = perf_counter() - began
    return result


def _comes_after(ring: Ring, other: Ring) -> bool:
    order = list(Ring)
    return order.index(ring) > order.index(other)


class _InPlace(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 -- raised again by the future
            future.set_exception(error)
        return future


@contextmanager
def _executor(workers: int, behind: Sequence[Member]) -> Iterator[Executor]:
    if workers == 1 or len(behind) <= 1:
        yield _InPlace()
        return
    with suppress(DatabaseError), tenant_context(Site.objects.get(pk=behind[0].id)):
        plan_for_current_schema()  # made once, here, and taken over by the fork
    _let_go_of_connections()
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as executor:
        yield executor


def _let_go_of_connections() -> None:
    """What is open when a process is forked would be shared with it."""
    for each in connections.all(initialized_only=True):
        connection: Any = each
        connection.set_schema_to_public()
        connection.close()
        connection.close_pool()
