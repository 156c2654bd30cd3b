"""What cannot be read is refused with where it stands and what is wrong with it."""

import json
import uuid

import pytest

from tests.integration.api.conftest import MARCH_1, refusals

pytestmark = pytest.mark.django_db
MONTH = {"unit": "month", "count": 1}


@pytest.fixture
def alice(world, catalogue):
    """On Free, which costs no payment."""
    return world.signs_up("alice", catalogue.free, now=MARCH_1)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"plan": None}, [("plan", "wrong_type")]),
        ({"plan": "premium"}, [("plan", "bad_value")]),
        ({"interval": {"unit": "fortnight"}}, [("interval.unit", "bad_value")]),
        ({"interval": {"unit": "month", "count": 0}}, [("interval.count", "out_of_range")]),
        ({"interval": {"unit": "month", "count": 1001}}, [("interval.count", "out_of_range")]),
        ({"interval": {"unit": "month", "count": "1"}}, [("interval.count", "wrong_type")]),
        ({"interval": {"unit": "month", "count": True}}, [("interval.count", "wrong_type")]),
        ({"interval": "month"}, [("interval", "wrong_type")]),
        ({"addons": {}}, [("addons", "wrong_type")]),
        ({"addons": [{"quantity": 1}]}, [("addons[0].id", "missing_key")]),
        (
            {"addons": [{"id": str(uuid.UUID(int=1)), "quantity": 0}]},
            [("addons[0].quantity", "out_of_range")],
        ),
        (
            {"addons": [{"id": str(uuid.UUID(int=1)), "quantity": 1001}]},
            [("addons[0].quantity", "out_of_range")],
        ),
        (
            {"addons": [{"id": str(uuid.UUID(int=1)), "quantity": 1.5}]},
            [("addons[0].quantity", "wrong_type")],
        ),
        ({"addons": [{"id": str(uuid.UUID(int=1))}] * 2}, [("addons", "named_twice")]),
        ({"addons": [{"id": str(uuid.UUID(int=n))} for n in range(101)]}, [("addons", "out_of_range")]),
        ({"code": 7}, [("code", "wrong_type")]),
        ({"code": "X" * 41}, [("code", "out_of_range")]),
        ({"code": "a\0b"}, [("code", "bad_value")]),
        ({"price": 1}, [("price", "unknown_key")]),
        ({"addon": []}, [("addon", "unknown_key")]),
        ({"interval": {"unit": "month", "many": 2}}, [("interval.many", "unknown_key")]),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_what_cannot_be_read_is_named_with_what_is_wrong(program, alice, catalogue, change, faults):
    wanted = {"plan": catalogue.business.uid, "interval": MONTH, **change}
    answer = program.post(f"/memberships/{alice.uid}/quotes", wanted)
    assert refusals(answer) == faults
    assert all(error["message"] for error in answer.json()["errors"])
    assert answer.json()["detail"] == " ".join(error["message"] for error in answer.json()["errors"])


def test_everything_that_is_wrong_is_named_at_once(program, alice):
    answer = program.post(
        f"/memberships/{alice.uid}/quotes", {"interval": {"unit": "week", "count": 0}, "x": 1}
    )
    assert refusals(answer) == [
        ("plan", "missing_key"),
        ("interval.count", "out_of_range"),
        ("x", "unknown_key"),
    ]
