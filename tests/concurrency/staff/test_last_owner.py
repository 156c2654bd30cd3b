"""Owners who dismiss each other at the same moment: one of them stays."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.staff.models import Role, StaffMember
from accounts.staff.operations import LastOwner, change_role, dismiss
from config.roles import settle_roles
from tests.factories.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owners() -> list[User]:
    settle_roles()
    users = [User.objects.create_user(f"{name}@network.example", is_staff=True) for name in ("olga", "omar")]
    for user in users:
        user.groups.set(Group.objects.filter(name=Role.OWNER))
    return users


def test_of_two_owners_who_dismiss_each_other_at_once_one_stays(owners):
    def send_away(index: int) -> None:
        dismiss(member=StaffMember.objects.get(pk=owners[1 - index].pk), actor=owners[index])

    answers = at_once(2, send_away)
    assert [type(answer) for answer in answers if answer is not None] == [LastOwner]
    assert StaffMember.objects.owners().count() == 1


def test_of_two_owners_who_give_each_other_another_role_at_once_one_stays(owners):
    support = Group.objects.get(name=Role.SUPPORT)

    def demote(index: int) -> None:
        member = StaffMember.objects.get(pk=owners[1 - index].pk)
        change_role(member=member, role=support, actor=owners[index])

    answers = at_once(2, demote)
    assert [type(answer) for answer in answers if answer is not None] == [LastOwner]
    assert StaffMember.objects.owners().count() == 1
