"""The pages on which staff give more time, and take back what is planned."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission

from memberships.models import Membership
from memberships.operations.lifecycle import cancel_at_period_end

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
UID = "6c6d2f2e-9d0b-4a5b-8a77-1f1a2b3c4d5e"


@pytest.fixture
def alice(world, catalogue) -> Membership:
    """Member of Premium (30.00) for the whole of March 2026."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture(autouse=True)
def in_march():
    with time_machine.travel(MARCH_17, tick=False):
        yield


def page_of(membership: Membership, name: str) -> str:
    return f"/admin/memberships/membership/{membership.pk}/{name}/"


def test_more_time_is_given_on_a_page_that_says_until_when(desk, world, alice):
    page = desk.get(page_of(alice, "extend")).content.decode()
    assert "1 April 2026" in page
    answer = desk.post(page_of(alice, "extend"), {"days": "14", "reason": "Two bad days", "uid": UID})
    assert answer["Location"] == f"/admin/memberships/membership/{alice.pk}/change/"
    assert world.fresh(alice).period_end == datetime(2026, 4, 15, tzinfo=UTC)
    story = desk.get(answer["Location"]).content.decode()
    assert "Extended until 15 April 2026" in story
    assert "Two bad days" in story


def test_the_form_pressed_twice_gives_the_time_once(desk, world, alice):
    for _time in range(2):
        desk.post(page_of(alice, "extend"), {"days": "14", "reason": "Two bad days", "uid": UID})
    assert world.fresh(alice).period_end == datetime(2026, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"days": ""}, {"days": ["This field is required."]}),
        ({"days": "0"}, {"days": ["Ensure this value is greater than or equal to 1."]}),
        ({"days": "1000000"}, {"days": ["Ensure this value is less than or equal to 366."]}),
        ({"days": "soon"}, {"days": ["Enter a whole number."]}),
        ({"reason": ""}, {"reason": ["This field is required."]}),
    ],
    ids=["empty", "none", "huge", "foreign", "no_reason"],
)
def test_what_makes_no_sense_is_refused_at_its_field(desk, world, alice, typed, said):
    answer = desk.post(page_of(alice, "extend"), {"days": "14", "reason": "Sorry", "uid": UID} | typed)
    assert (answer.status_code, answer.context["form"].errors) == (422, said)
    assert world.fresh(alice).period_end == APRIL_1


def test_while_money_is_awaited_the_form_says_what_to_do(desk, world, catalogue, alice):
    world.orders(alice, catalogue.business, now=MARCH_17)
    answer = desk.post(page_of(alice, "extend"), {"days": "14", "reason": "Sorry", "uid": UID})
    said = "A bill or a change is waiting for its money. Let it be paid or stopped first."
    assert (answer.status_code, answer.context["form"].non_field_errors()) == (422, [said])


def test_a_free_membership_has_no_button_for_it_and_no_page(desk, world, catalogue):
    dora = world.signs_up("dora", catalogue.free, now=MARCH_1)
    assert page_of(dora, "extend") not in desk.get(page_of(dora, "change")).content.decode()
    assert desk.get(page_of(dora, "extend")).status_code == 403


def test_a_cancellation_is_taken_back_with_a_reason(desk, world, alice, staff):
    assert page_of(alice, "keep") not in desk.get(page_of(alice, "change")).content.decode()
    cancel_at_period_end(membership=alice, actor=None, reason="Too dear", now=MARCH_17)
    page = desk.get(page_of(alice, "keep")).content.decode()
    assert "1 April 2026" in page
    assert "Too dear" in page
    assert desk.post(page_of(alice, "keep"), {"reason": ""}).status_code == 422
    assert alice.scheduled_changes.get().state == "pending"
    assert desk.post(page_of(alice, "keep"), {"reason": "Called us"}).status_code == 302
    assert alice.scheduled_changes.get().state == "cancelled"
    kept = alice.transitions.get(kind="kept_plan")
    assert (kept.actor, kept.reason) == (staff, "Called us")


@pytest.mark.parametrize("name", ["extend", "keep"])
def test_who_may_only_look_can_do_neither(desk, staff, alice, name):
    cancel_at_period_end(membership=alice, actor=None, reason="", now=MARCH_17)
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    assert page_of(alice, name) not in desk.get(page_of(alice, "change")).content.decode()
    assert desk.post(page_of(alice, name), {"days": "1", "reason": "x", "uid": UID}).status_code == 403
    assert alice.transitions.filter(kind__in=["extended", "kept_plan"]).count() == 0
