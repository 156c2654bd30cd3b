"""A worker is killed while it tells members of a price change, and the queue is lost: in the end each was told once."""

import pytest

from tests.processes.conftest import Play

NAMES = ("pia", "pim", "pol")


@pytest.fixture
def members(play: Play) -> list[str]:
    for name in NAMES:
        assert play.do("signs_up", name=name, plan="business")["ref"] == "", "Business begins with a trial"
        play.wait_until(name, plan=["business"], unsent=0)
    return [f"{name}@demo.example" for name in NAMES]


def test_members_are_told_of_a_price_once_whoever_is_killed_on_the_way(play: Play, members: list[str]):
    with play.nobody_writes_to("memberships_notice") as the_worker_waits:
        play.do("changes_price", plan="business")
        the_worker_waits()
        play.kill_who_works()
        play.empty_the_broker()
    assert play.do("told_of_prices") == []
    for _again in range(2):
        play.do("a_while_later")
        play.do("sweep")
        play.wait_for(
            lambda: play.do("told_of_prices") == [[to, True] for to in members], "a mail for each, sent"
        )
    assert play.do("wrong") == []
