"""In which order sites get new migrations, and when a run stops."""

import uuid

import pytest

from sites.policies.rings import Member, Ring, rings, tolerated


def sites(number: int, *, canaries: int = 0) -> list[Member]:
    return [Member(id=n, uid=uuid.UUID(int=n), is_canary=n < canaries) for n in range(number)]


def sizes(number: int, *, canaries: int = 0) -> dict[str, int]:
    held = rings(sites(number, canaries=canaries), heads="a")
    return {ring.value: len(members) for ring, members in held.items()}


@pytest.mark.parametrize(
    ("number", "canaries", "expected"),
    [
        (0, 0, {}),
        (2, 2, {"canaries": 2}),
        (2, 0, {"sample": 2}),
        (50, 2, {"canaries": 2, "sample": 3, "all": 45}),
        (401, 1, {"canaries": 1, "sample": 4, "all": 396}),
        (402, 1, {"canaries": 1, "sample": 5, "all": 396}),
    ],
)
def test_canaries_go_first_then_one_per_cent_then_the_rest(number, canaries, expected) -> None:
    assert sizes(number, canaries=canaries) == expected


def test_every_site_is_in_one_ring_and_its_place_does_not_change_between_two_runs() -> None:
    first, again = (rings(reversed(sites(300, canaries=4)), heads="a") for _ in range(2))
    assert first == again
    assert sorted(site.id for members in first.values() for site in members) == list(range(300))


def test_other_migrations_are_tried_on_other_sites() -> None:
    a, b = (rings(sites(1000), heads=heads)[Ring.SAMPLE] for heads in ("a", "b"))
    assert len(a) == len(b) == 10
    assert {site.id for site in a} != {site.id for site in b}


@pytest.mark.parametrize(
    ("ring", "size", "may_fail"),
    [
        (Ring.TEMPLATE, 1, 0),
        (Ring.CANARIES, 500, 0),
        (Ring.SAMPLE, 3, 1),
        (Ring.ALL, 45, 1),
        (Ring.ALL, 1000, 10),
    ],
)
def test_no_canary_may_fail_and_of_others_one_per_cent(ring: Ring, size: int, may_fail: int) -> None:
    assert tolerated(ring, size=size) == may_fail
