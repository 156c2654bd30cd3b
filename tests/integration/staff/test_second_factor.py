"""The second factor that the network may ask of its staff."""

from uuid import uuid4

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.staff.models import Role, StaffMember
from accounts.staff.operations import dismiss
from accounts.tokens.models import Scope
from accounts.tokens.operations import make_token
from memberships.models import Invoice
from tests.integration.products.desk_rows import full_membership
from tests.integration.staff.walk import addresses

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _asked_for(settings):
    settings.STAFF_NEED_SECOND_FACTOR = True


@pytest.fixture
def owner(colleague) -> User:
    return colleague(Role.OWNER)


def test_without_one_every_address_of_the_desk_leads_to_where_it_is_set_up(at_desk, owner):
    desk = at_desk(owner)
    answers = {
        name: desk.get(path)["Location"]
        for name, path in addresses().items()
        if name not in {"login", "view_on_site"}
    }
    assert set(answers.values()) == {"/auth/2fa/totp/activate/"}


def test_it_says_why(at_desk, owner):
    answer = at_desk(owner).get("/admin/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "The network admin asks for a second factor. Set it up, then go on."
    ]


def test_without_one_nothing_can_be_done_either(at_desk, owner, catalogue):
    membership = full_membership(1, plan=catalogue.premium)
    answer = at_desk(owner).post(f"/admin/memberships/membership/{membership.pk}/note/", {"text": "Hello"})
    assert (answer.status_code, membership.notes.count()) == (302, 0)


def test_with_one_the_desk_opens(at_desk, owner):
    TOTP.activate(owner, SECRET)
    RecoveryCodes.activate(owner)
    assert at_desk(owner).get("/admin/").status_code == 200


def test_where_the_network_asks_for_none_the_desk_opens_without(at_desk, owner, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    assert at_desk(owner).get("/admin/").status_code == 200


def test_customers_are_asked_for_none(at_desk, db):
    kim = User.objects.create_user(email="kim@example.com")
    assert at_desk(kim).get("/admin/", follow=True).status_code == 403


def test_without_one_the_invoices_of_customers_are_closed_as_well(at_desk, owner, catalogue):
    full_membership(1, plan=catalogue.premium)
    invoice = Invoice.objects.get()
    desk = at_desk(owner)
    assert desk.get(f"/invoices/{invoice.uid}.pdf").status_code == 404
    TOTP.activate(owner, SECRET)
    assert desk.get(f"/invoices/{invoice.uid}.pdf").status_code == 200


def test_without_one_a_token_shows_what_is_ones_own_and_so_it_does_once_one_works_here_no_more(
    owner, colleague, catalogue
):
    full_membership(1, plan=catalogue.premium)
    scopes = [Scope.NETWORK_READ, Scope.MEMBERSHIPS_READ]
    made = make_token(
        user=owner, uid=uuid4(), name="Books", scopes=scopes, expires_at=None, now=timezone.now()
    )

    def shown() -> int:
        headers = {"Authorization": f"Bearer {made.secret}", "Host": "localhost"}
        return len(Client(headers=headers).get("/api/v1/memberships").json()["data"])

    assert shown() == 0
    TOTP.activate(owner, SECRET)
    assert shown() == 1
    dismiss(member=StaffMember.objects.get(pk=owner.pk), actor=colleague(Role.OWNER, name="Other"))
    assert shown() == 0


def test_the_page_of_recovery_codes_leads_back_to_the_desk(at_desk, owner):
    TOTP.activate(owner, SECRET)
    RecoveryCodes.activate(owner)
    desk = at_desk(owner)
    desk.post("/auth/reauthenticate/", {"password": "a-long-password"})
    assert 'href="/admin/"' in desk.get("/auth/2fa/recovery-codes/").content.decode()
