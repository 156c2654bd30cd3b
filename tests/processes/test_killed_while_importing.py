"""A worker is killed in the middle of a file: another goes on behind the last row, and each member comes once."""

from typing import Any

import pytest

from tests.processes.conftest import Play

MEMBERS = 6
FOURTH = "NEW.line = 5 AND NEW.state = '{}'"  # the first line has the columns' names


def is_there(play: Play, name: str, wanted: dict[str, Any]) -> None:
    """Wait until the file stands as wanted, as far as it is named."""

    def as_wanted() -> bool:
        stands = play.do("import_stands", name=name)
        return {key: stands[key] for key in wanted} == wanted

    play.wait_for(as_wanted, f"{name} with {wanted}")


@pytest.mark.parametrize("whole", [False, True], ids=["a process", "the worker"])
def test_a_worker_killed_half_way_through_a_file_has_brought_it_in_once_in_the_end(play: Play, whole: bool):
    name = f"half{whole:d}"
    play.do("uploads", name=name, members=MEMBERS)
    is_there(play, name, {"state": "checked", "members": 0})
    with play.nobody_writes("imports_importrow", when=FOURTH.format("done")) as the_worker_waits:
        play.do("imports", name=name)
        the_worker_waits()
        is_there(play, name, {"rows": ["done"] * 3 + ["right"] * 3, "members": 3})
        if whole:
            play.kill_the_worker()
        else:
            play.kill_who_works()
    if whole:
        play.stack.start_worker()
    play.do("sweep")
    is_there(
        play,
        name,
        {
            "state": "done",
            "rows": ["done"] * MEMBERS,
            "references": MEMBERS,
            "members": MEMBERS,
            "wallets": [100] * MEMBERS,
        },
    )
    assert play.do("wrong") == []


def test_a_worker_killed_while_it_checks_a_file_leaves_nothing_of_it_and_another_checks_it(play: Play):
    with play.nobody_writes("imports_importrow", when=FOURTH.format("right")) as the_worker_waits:
        play.do("uploads", name="looked", members=MEMBERS)
        the_worker_waits()
        play.kill_who_works()
    play.do("sweep")
    is_there(play, "looked", {"state": "checked", "rows": ["right"] * MEMBERS, "members": 0, "references": 0})
