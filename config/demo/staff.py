"""The demo's staff: a colleague in each role, and something in the audit log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import Group

from accounts.models import User
from accounts.network.models import NetworkSettings
from accounts.network.operations import change_settings
from accounts.staff.models import Role
from accounts.staff.operations import engage
from accounts.staff.watching import recorded
from memberships.models import Membership, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    email: str
    name: str
    role: Role
    about: str


COLLEAGUES: Final = (
    Colleague(
        email="support@demo.example",
        name="Sam Visser",
        role=Role.SUPPORT,
        about="staff, role Support: helps customers, refunds nothing",
    ),
    Colleague(
        email="finance@demo.example",
        name="Fay Mulder",
        role=Role.FINANCE,
        about="staff, role Finance: looks after money, visits no site",
    ),
    Colleague(
        email="reader@demo.example",
        name="Rik Bakker",
        role=Role.READ_ONLY,
        about="staff, role Read-only: sees everything, changes nothing",
    ),
)
NOTE: Final = "Called: wants a second site after the summer. Show her the larger plans then."


def ask_in(*, password: str, owner: User, now: datetime) -> None:
    """Let those who are not there yet work here, asked in by `owner`."""
    for colleague in COLLEAGUES:
        if not User.objects.filter(email=colleague.email).exists():
            role = Group.objects.get(name=colleague.role)
            with recorded(actor=owner, page="staff_staffmember_add", chosen="", now=now):
                member = engage(email=colleague.email, name=colleague.name, role=role, now=now)
            member.language = "en"
            member.set_password(password)
            member.save(update_fields=["language", "password"])


def change_a_setting(*, owner: User, now: datetime) -> None:
    """`owner` lets domains rest for longer than the environment says, once."""
    if NetworkSettings.objects.exists():
        return
    with recorded(actor=owner, page="network_settings", chosen="", now=now):
        change_settings(chosen={"domain_quarantine_days": 45}, given_up=(), seen=0, actor=owner, now=now)


def write_a_note(*, email: str, now: datetime) -> None:
    """Support writes down what the customer with `email` said, once."""
    membership = Membership.objects.get(customer__user__email=email)
    author = User.objects.get(email=COLLEAGUES[0].email)
    if not membership.notes.exists():
        with recorded(actor=author, page="memberships_membership_add_note", chosen="", now=now):
            Note.objects.create(membership=membership, text=NOTE, author=author, created_at=now)
