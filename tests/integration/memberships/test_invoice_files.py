"""Who may have an invoice as a file, and how it is sent."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from memberships.models import Invoice, Membership
from tests.factories.catalogue import Catalogue
from tests.factories.world import World
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def url(alice: Membership) -> str:
    return f"/invoices/{Invoice.objects.get().uid}.pdf"


def browser_of(user: User | None) -> Client:
    client = Client(headers={"host": "localhost"})
    if user is not None:
        client.force_login(user)
    return client


def test_the_owner_gets_the_file_and_no_cache_keeps_it(alice, url):
    answer = browser_of(alice.customer.user).get(url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="invoice-2026-00001.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert set(answer["Cache-Control"].split(", ")) == {"no-store", "private"}
    assert "Invoice Alice Number 2026-00001" in text_of(answer.content)


def test_it_is_in_the_customers_language_whoever_asks(world, alice, url):
    User.objects.filter(pk=alice.customer.user_id).update(language="nl")
    admin = User.objects.create_superuser("admin@example.com", "a-long-password", language="en")
    assert "1 maart 2026" in text_of(browser_of(admin).get(url).content)


def test_for_anybody_else_there_is_no_such_file(world, url):
    staff = world.person("staff", is_staff=True)
    for user in (world.person("mallory"), staff):
        assert browser_of(user).get(url).status_code == 404
    staff.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    assert browser_of(User.objects.get(pk=staff.pk)).get(url).status_code == 200


def test_a_customer_with_a_permission_but_not_of_the_staff_sees_their_own_only(world, url):
    mallory = world.person("mallory")
    mallory.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    assert browser_of(mallory).get(url).status_code == 404


def test_nobody_is_asked_to_sign_in(url):
    answer = browser_of(None).get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/auth/login/?next={url}")


def test_an_unknown_invoice_and_other_methods_are_refused(alice, url):
    browser = browser_of(alice.customer.user)
    assert browser.get(f"/invoices/{uuid4()}.pdf").status_code == 404
    assert browser.post(url).status_code == 405
