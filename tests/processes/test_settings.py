"""A setting that is changed while the network runs is in force in every process of it, without a restart."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.processes.conftest import Play


@pytest.fixture(autouse=True)
def _as_the_environment_says(play: Play) -> Iterator[None]:
    play.do("empty_pool")
    yield
    play.do("sets", chosen={}, given_up=["network_name", "spare_sites"])
    play.do("empty_pool")


def front_page(play: Play) -> str:
    with urlopen(f"{play.stack.origin}/") as page:
        return str(page.read().decode())


def test_the_webs_next_page_and_the_workers_next_task_have_it(play: Play):
    assert "Garden Network" not in front_page(play)
    play.do("fill_pool")  # as the environment has it; and the template, which the worker need not build then
    assert play.do("spares") == 1
    play.do("sets", chosen={"network_name": "Garden Network", "spare_sites": 2}, given_up=[])
    assert "Garden Network" in front_page(play)
    play.do("lets_the_worker_fill_the_pool")
    play.wait_for(lambda: play.do("spares") == 2, "the second spare", seconds=90)
    play.do("sets", chosen={}, given_up=["network_name"])
    assert "Garden Network" not in front_page(play)
