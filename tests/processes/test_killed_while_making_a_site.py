"""The worker is killed at each step of making a site, and the sweep makes it once; visitors never see a part of it.

The work is stopped where a step is done and not committed yet; then SIGKILL.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

import pytest

from sites.models import ProvisioningStep
from tests.processes.conftest import Play

STEPS = ProvisioningStep.Name.values
MOMENTS = (*STEPS, "ready")


@contextmanager
def visitors(play: Play, name: str) -> Iterator[list[tuple[int, bool]]]:
    """People who look at the site all the time. What they get: the status, and whether it is the finished home page."""
    seen: list[tuple[int, bool]] = []
    enough = threading.Event()

    def look() -> None:
        while not enough.wait(0.05):
            connection = HTTPConnection("127.0.0.1", play.stack.port, timeout=30)
            connection.request("GET", "/", headers={"Host": f"{name}.sites.localhost"})
            answer = connection.getresponse()
            page = answer.read().decode()
            connection.close()
            seen.append((answer.status, f'<h1 id="headline">{name.title()}</h1>' in page))

    people = threading.Thread(target=look)
    people.start()
    try:
        yield seen
    finally:
        enough.set()
        people.join()


def moment(at: str) -> tuple[str, str]:
    """The table and the update by which somebody is at this moment of the making."""
    if at == "ready":
        return "sites_site", "NEW.state = 'ready' AND OLD.state <> 'ready'"
    return "sites_provisioningstep", f"NEW.name = '{at}'"


@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize("pool", ["cold", "warm"])
def test_a_site_is_made_once_and_shown_whole_whenever_its_worker_is_killed(play: Play, pool: str, at: str):
    name = f"{pool}-{at}"
    play.do("signs_up", name=name, plan="free")
    play.do("fill_pool")  # which builds the template, too, that a cold one needs
    if pool == "cold":
        play.do("empty_pool")
    table, when = moment(at)
    with ExitStack() as afterwards:
        with play.nobody_writes(table, when=when) as the_worker_waits:
            play.do("begins_site", name=name)
            seen = afterwards.enter_context(visitors(play, name))
            the_worker_waits()
            play.kill_who_works()
        heals(play, name)
        play.wait_for(lambda: seen[-1][0] == 200, "the finished home page")
        if pool == "warm":
            play.wait_for(lambda: play.do("spares") == 1, "another spare")
    statuses = [status for status, _is_whole in seen]
    assert statuses == [503] * statuses.count(503) + [200] * statuses.count(200)
    assert {is_whole for status, is_whole in seen if status == 200} == {True}


def test_a_site_whose_worker_and_task_are_both_gone_is_found_by_the_sweep(play: Play):
    play.do("signs_up", name="forgotten-site", plan="free")
    play.do("fill_pool")
    table, when = moment("content")
    with play.nobody_writes(table, when=when) as the_worker_waits:
        play.do("begins_site", name="forgotten-site")
        the_worker_waits()
        play.kill_the_worker()
        play.empty_the_broker()
    play.stack.start_worker()
    heals(play, "forgotten-site")


def heals(play: Play, name: str) -> None:
    """One sweep later the site is ready, every step was taken once, and no schema is left that nobody knows."""
    play.do("a_while_later")
    play.do("sweep")
    play.wait_for(lambda: play.do("site_stands", name=name)["state"] == "ready", f"{name} ready", seconds=90)
    assert play.do("site_stands", name=name) == {
        "state": "ready",
        "steps": [[step, "done", 1] for step in STEPS],
        "pages": ["Root", name.title(), "Blog"],
        "people": [f"{name}@demo.example"],
    }
    assert play.do("schemas_of_nobody") == []
