"""Staff in a site's dashboard as its owner: for a reason, half an hour long, seen by the owner, unable to pay."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django_tenants.utils import tenant_context

from accounts.models import User
from accounts.staff.models import StaffMember
from accounts.staff.operations import dismiss
from sites import tasks
from sites.models import HandOver, OwnerVisit, Site
from sites.operations.owner_visits import end_run_out_visits
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db
NETWORK = "http://localhost:8000"
OVER = NOW + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def today() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def page(site_a: Site) -> str:
    return f"/admin/sites/site/{site_a.pk}/visit/"


def carried(desk: Client, page: str, *, reason: str = "The menu is broken") -> str:
    """The token on the page that answers to the reason."""
    answer = desk.post(page, {"reason": reason})
    assert answer.status_code == 200
    (token,) = re.findall(r'name="token" value="([^"]+)"', answer.content.decode())
    return str(token)


@pytest.fixture
def visitor(desk, page, site_a, on_site) -> Client:
    """The browser of staff in alpha's dashboard."""
    browser: Client = on_site(site_a)
    token = carried(desk, page)
    arrived = browser.post("/enter/", {"token": token}, headers={"origin": NETWORK})
    assert (arrived.status_code, arrived["Location"]) == (302, "/dashboard/")
    return browser


def may_come_in(site: Site) -> dict[str, bool]:
    with tenant_context(site):
        return dict(User.objects.values_list("email", "is_active"))


def test_the_reason_is_asked_first_and_the_pass_goes_to_that_site_only(desk, page, site_a, staff):
    asked = desk.get(page).content.decode()
    assert "alpha.sites.localhost" in asked
    assert "you can neither pay nor change the plan" in asked
    assert OwnerVisit.objects.count() == 0
    answer = desk.post(page, {"reason": "The menu is broken"})
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["form-action"] == "'self' http://alpha.sites.localhost:8000"
    visit = OwnerVisit.objects.get()
    assert (visit.site, visit.actor, visit.reason) == (site_a, staff, "The menu is broken")
    assert (visit.began_at, visit.ends_at, visit.ended_at) == (NOW, OVER, None)


def test_every_page_of_the_dashboard_says_so_and_none_leads_to_the_account(visitor, site_a):
    for address in ("/dashboard/", "/dashboard/pages/", "/dashboard/images/"):
        shown = visitor.get(address, follow=True).content.decode()
        assert "You visit this site as its owner, until 10:00." in re.sub(r"\s+", " ", shown)
        assert "End the visit" in shown
        assert site_a.account_url not in shown
        assert "/upgrade/" not in shown


def test_the_owner_sees_no_such_bar(visitor, owner):
    shown = owner.get("/dashboard/").content.decode()
    assert "visit-bar" not in shown


def test_no_page_of_the_customer_opens_to_who_visits(desk, visitor, site_a):
    membership = site_a.membership.uid
    for address in (
        f"/account/{membership}/", f"/account/{membership}/change/", f"/account/{membership}/cancel/",
        f"/sites/{site_a.uid}/upgrade/", f"/sites/{site_a.uid}/people/", f"/sites/{site_a.uid}/domains/",
        f"/sites/{site_a.uid}/enter/",
    ):  # fmt: skip
        assert (address, desk.get(address).status_code) == (address, 404)
    assert desk.post(f"/account/{membership}/change/", {}).status_code == 404


def test_it_ends_by_its_button_and_the_way_in_is_gone(desk, staff, visitor, site_a, page):
    ended = visitor.post("/dashboard/end-visit/")
    assert f"{NETWORK}/admin/sites/site/{site_a.pk}/change/" in ended.content.decode()
    assert visitor.get("/dashboard/").status_code == 302
    visit = OwnerVisit.objects.get()
    assert visit.ended_at == NOW
    assert may_come_in(site_a)[staff.email] is False
    assert visitor.post("/dashboard/end-visit/").status_code == 302  # twice is once


def test_after_half_an_hour_the_session_is_worth_nothing(visitor, today):
    today.move_to(OVER - timedelta(seconds=1))
    assert visitor.get("/dashboard/").status_code == 200
    today.move_to(OVER)
    assert "The visit is over" in visitor.get("/dashboard/").content.decode()
    assert visitor.get("/dashboard/").status_code == 302


def test_who_did_not_leave_is_put_out_by_the_sweep_at_the_end_it_had(staff, visitor, site_a):
    assert end_run_out_visits(now=OVER - timedelta(seconds=1)) == 0
    assert may_come_in(site_a)[staff.email] is True
    assert end_run_out_visits(now=OVER + timedelta(hours=1)) == 1
    assert (OwnerVisit.objects.get().ended_at, may_come_in(site_a)[staff.email]) == (OVER, False)
    tasks.end_visits()
    assert OwnerVisit.objects.get().ended_at == OVER


def test_who_is_taken_off_the_staff_is_out_of_the_dashboard_at_once(
    visitor, staff, site_a, django_capture_on_commit_callbacks
):
    boss = User.objects.create_superuser("boss@network.example", "a-long-password", name="Boss")
    with django_capture_on_commit_callbacks(execute=True):
        dismiss(member=StaffMember.objects.get(pk=staff.pk), actor=boss)
    assert visitor.get("/dashboard/").status_code == 302
    assert (OwnerVisit.objects.get().ended_at, may_come_in(site_a)[staff.email]) == (NOW, False)


@pytest.mark.parametrize(
    "change", [{"is_superuser": False}, {"is_active": False}], ids=["less", "deactivated"]
)
def test_who_may_not_visit_any_more_is_put_out_by_the_sweep(visitor, staff, site_a, change):
    tasks.end_visits()
    assert OwnerVisit.objects.get().ended_at is None
    User.objects.filter(pk=staff.pk).update(**change)
    tasks.end_visits()
    assert (OwnerVisit.objects.get().ended_at, may_come_in(site_a)[staff.email]) == (NOW, False)


def test_others_end_it_from_the_desk_at_once(desk, visitor, site_a, page):
    assert desk.post(page.replace("/visit/", "/end-visit/")).status_code == 302
    assert visitor.get("/dashboard/").status_code == 302
    assert desk.get(page.replace("/visit/", "/end-visit/")).status_code == 403


def test_asked_for_twice_it_is_one_visit(desk, page, visitor, site_a):
    carried(desk, page, reason="Again")
    assert OwnerVisit.objects.get().reason == "The menu is broken"
    assert HandOver.objects.filter(visit__isnull=False).count() == 2


def test_a_pass_that_was_not_used_is_gone_with_the_visit(desk, page, site_a, on_site):
    token = carried(desk, page)
    desk.post(page.replace("/visit/", "/end-visit/"))
    answer = on_site(site_a).post("/enter/", {"token": token}, headers={"origin": NETWORK})
    assert answer.status_code == 403


def test_the_pass_opens_no_other_site(desk, page, site_b, on_site):
    answer = on_site(site_b).post("/enter/", {"token": carried(desk, page)}, headers={"origin": NETWORK})
    assert answer.status_code == 403


def test_the_owner_reads_on_the_account_page_who_was_there_when_and_why(visitor, site_a):
    owner = Client(headers={"host": "localhost:8000"})
    owner.force_login(site_a.membership.customer.user)
    address = f"/account/{site_a.membership.uid}/"
    shown = re.sub(r"\s+", " ", owner.get(address).content.decode())
    assert "The menu is broken" in shown
    assert f"Ada Admin is in the dashboard of {site_a.name}, until 10:00 at the latest" in shown
    visitor.post("/dashboard/end-visit/")
    shown = re.sub(r"\s+", " ", owner.get(address).content.decode())
    assert f"Ada Admin in the dashboard of {site_a.name}, 12 Mar 2026 09:30 to 09:30" in shown


def test_without_a_reason_nobody_comes_in(desk, page):
    answer = desk.post(page, {"reason": " "})
    assert (answer.status_code, answer.context["form"].errors) == (
        422,
        {"reason": ["This field is required."]},
    )
    assert OwnerVisit.objects.count() == 0


def test_a_site_that_is_not_ready_is_not_visited(desk, page, site_a):
    Site.objects.filter(pk=site_a.pk).update(state=Site.State.MAINTENANCE)
    assert desk.post(page, {"reason": "x"}).status_code == 403


def test_staff_do_not_visit_what_is_their_own(desk, page, staff, site_a):
    customer = site_a.membership.customer
    customer.user = staff
    customer.save()
    assert desk.post(page, {"reason": "x"}).status_code == 302
    assert OwnerVisit.objects.count() == 0


def test_it_needs_a_permission_of_its_own(desk, page, staff):
    staff.is_superuser = False
    staff.save()
    others = Permission.objects.exclude(codename="visit_as_owner")
    staff.user_permissions.set(others)
    assert page not in desk.get(page.replace("/visit/", "/change/")).content.decode()
    assert (desk.get(page).status_code, desk.post(page, {"reason": "x"}).status_code) == (403, 403)
    staff.user_permissions.set(Permission.objects.all())
    assert desk.get(page).status_code == 200
