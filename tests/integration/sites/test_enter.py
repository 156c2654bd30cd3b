"""From the network into a dashboard: once, within a minute, for this site and this person."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from sites.models import HandOver, Site
from sites.operations import Person, accept_hand_over, hand_over
from sites.operations.enter import admit
from sites.operations.recycle import recycle_site
from tests.plugins.sites import NOW, member

pytestmark = pytest.mark.django_db
NETWORK = "http://localhost:8000"


def network(user: User | None) -> Client:
    browser = Client(headers={"host": "localhost:8000"})
    if user is not None:
        browser.force_login(user)
    return browser


def owner(site: Site) -> User:
    found: User = site.membership.customer.user
    return found


def ask(site: Site, user: User | None):
    return network(user).post(f"/sites/{site.uid}/enter/")


def token_in(response) -> str:
    (token,) = re.findall(r'name="token" value="([^"]+)"', response.content.decode())
    return str(token)


def users_of(site: Site) -> list[str]:
    with tenant_context(site):
        return sorted(User.objects.values_list("email", flat=True))


def sessions_of(site: Site) -> int:
    with tenant_context(site):
        return Session.objects.count()


def test_the_owner_walks_from_the_account_page_into_the_dashboard(site_a: Site, on_site) -> None:
    carried = ask(site_a, owner(site_a))
    assert 'action="http://alpha.sites.localhost:8000/enter/"' in carried.content.decode()
    browser = on_site(site_a)
    arrived = browser.post("/enter/", {"token": token_in(carried)}, headers={"origin": NETWORK})
    assert (arrived.status_code, arrived["Location"]) == (302, "/dashboard/")
    assert browser.get("/dashboard/").status_code == 200
    assert users_of(site_a) == ["alpha-owner@example.com"]


def test_the_page_that_carries_the_pass_may_post_there_and_nowhere_else_and_needs_no_inline_script(
    site_a: Site,
) -> None:
    response = ask(site_a, owner(site_a))
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["form-action"] == "'self' http://alpha.sites.localhost:8000"
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]
    assert "<script>" not in response.content.decode()
    assert (
        '<button class="button button--primary" type="submit">Continue</button>' in response.content.decode()
    )


def test_only_the_hash_of_the_token_is_kept(site_a: Site) -> None:
    token = token_in(ask(site_a, owner(site_a)))
    row = HandOver.objects.get()
    assert len(row.token_hash) == 64
    assert token not in str(row.__dict__)
    assert row.expires_at - row.created_at == timedelta(seconds=60)


def test_asking_makes_nothing(site_a: Site) -> None:
    response = network(owner(site_a)).get(f"/sites/{site_a.uid}/enter/")
    assert response.status_code == 200
    assert HandOver.objects.count() == 0


def test_somebody_else_finds_no_such_site_and_nobody_is_asked_to_sign_in(site_a: Site, site_b: Site) -> None:
    for method in ("get", "post"):
        path = f"/sites/{site_a.uid}/enter/"
        assert getattr(network(owner(site_b)), method)(path).status_code == 404
        assert getattr(network(None), method)(path).status_code == 302
    assert network(owner(site_a)).post(f"/sites/{uuid.uuid4()}/enter/").status_code == 404
    assert HandOver.objects.count() == 0


def test_a_site_that_is_not_ready_cannot_be_entered(site_a: Site) -> None:
    Site.objects.filter(pk=site_a.pk).update(state=Site.State.PROVISIONING)
    assert ask(site_a, owner(site_a)).status_code == 409
    assert HandOver.objects.count() == 0


def refused(response, site: Site) -> bool:
    """403 with a clear page, no session made, no cookie set."""
    assert response.status_code == 403
    assert "This way in is used up" in response.content.decode()
    assert f"{NETWORK}/sites/{site.uid}/enter/" in response.content.decode()
    return sessions_of(site) == 0 and response.cookies == {}


def test_a_pass_works_once(site_a: Site, on_site) -> None:
    token = token_in(ask(site_a, owner(site_a)))
    assert on_site(site_a).post("/enter/", {"token": token}).status_code == 302
    with tenant_context(site_a):
        Session.objects.all().delete()
    assert refused(on_site(site_a).post("/enter/", {"token": token}), site_a)


def test_a_pass_of_one_site_does_not_open_another_and_stays_good_for_its_own(
    site_a: Site, site_b: Site, on_site
) -> None:
    token = token_in(ask(site_a, owner(site_a)))
    assert refused(on_site(site_b).post("/enter/", {"token": token}), site_b)
    assert users_of(site_b) == ["bravo-owner@example.com"]
    assert on_site(site_a).post("/enter/", {"token": token}).status_code == 302


@pytest.mark.parametrize(("age", "works"), [(0, True), (59, True), (60, False), (61, False), (-1, False)])
def test_a_pass_lives_for_a_minute(site_a: Site, age: int, works: bool) -> None:
    token = hand_over(site=site_a, user=owner(site_a), now=NOW)
    person = accept_hand_over(token=token, site_id=site_a.pk, now=NOW + timedelta(seconds=age))
    assert (person is not None) is works


@pytest.mark.parametrize("token", ["", "forged", "x" * 43, "x" * 5000, "\x00", "ü"])
def test_a_forged_pass_is_refused(site_a: Site, on_site, token: str) -> None:
    hand_over(site=site_a, user=owner(site_a), now=timezone.now())
    assert refused(on_site(site_a).post("/enter/", {"token": token}), site_a)
    assert HandOver.objects.filter(used_at=None).count() == 1


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:8001", "http://bravo.sites.localhost:8000"]
)
def test_a_pass_is_taken_from_the_network_only(site_a: Site, on_site, origin: str) -> None:
    token = token_in(ask(site_a, owner(site_a)))
    assert refused(on_site(site_a).post("/enter/", {"token": token}, headers={"origin": origin}), site_a)
    assert HandOver.objects.filter(used_at=None).count() == 1


def test_who_is_not_signed_in_is_led_to_the_network(site_a: Site, on_site) -> None:
    browser = on_site(site_a)
    first = browser.get("/dashboard/pages/")
    assert first["Location"].startswith("/enter/")
    assert browser.get(first["Location"])["Location"] == f"{NETWORK}/sites/{site_a.uid}/enter/"


@pytest.mark.parametrize("path", ["/dashboard/login/", "/dashboard/password_reset/"])
def test_a_site_has_no_log_in_form_of_its_own(site_a: Site, on_site, path: str) -> None:
    response = on_site(site_a).get(path)
    assert response.status_code in {302, 404}
    assert b"password" not in response.content


def test_a_session_of_one_site_is_nobody_on_another_and_on_the_network(
    site_a: Site, site_b: Site, owner_of, on_site
) -> None:
    key = owner_of(site_a).cookies["sessionid"].value
    for browser, path in (
        (on_site(site_b), "/dashboard/"),
        (Client(headers={"host": "localhost:8000"}), f"/sites/{site_a.uid}/enter/"),
    ):
        browser.cookies["sessionid"] = key
        assert browser.get(path).status_code == 302


def test_a_session_of_the_network_is_nobody_on_a_site(site_a: Site, on_site) -> None:
    browser = on_site(site_a)
    browser.cookies["sessionid"] = network(owner(site_a)).cookies["sessionid"].value
    assert browser.get("/dashboard/")["Location"].startswith("/enter/")


def test_entering_again_brings_name_and_address_up_to_date(site_a: Site, owner_of) -> None:
    User.objects.filter(pk=owner(site_a).pk).update(email="new@example.com", name="New Name")
    site_a.membership.customer.user.refresh_from_db()
    owner_of(site_a)
    with tenant_context(site_a):
        assert [(user.email, user.name) for user in User.objects.all()] == [("new@example.com", "New Name")]


def test_the_owner_enters_although_the_users_limit_is_full_or_an_editor_has_the_address(site_a: Site) -> None:
    newcomer = member("heir", limits={}).customer.user
    with tenant_context(site_a):
        User.objects.create_user("heir@example.com", name="Editor")
        person = Person(uid=newcomer.uid, email=newcomer.email, name="Heir", language="nl")
        admitted = admit(person, now=NOW)
        assert (admitted.uid, admitted.name, admitted.is_superuser) == (newcomer.uid, "Heir", True)
        assert User.objects.count() == 2


def test_nobody_is_ever_admitted_to_the_network_by_this_door(db: None) -> None:
    person = Person(uid=uuid.uuid4(), email="x@example.com", name="", language="")
    with pytest.raises(RuntimeError, match="never to the network"):
        admit(person, now=NOW)
    assert User.objects.count() == 0


def test_a_site_in_the_recycle_bin_has_no_way_in(site_a: Site, on_site) -> None:
    made_before = token_in(ask(site_a, owner(site_a)))
    recycle_site(site_id=site_a.pk, now=NOW)
    cache.clear()
    assert network(owner(site_a)).get(f"/sites/{site_a.uid}/enter/").status_code == 404
    assert ask(site_a, owner(site_a)).status_code == 404
    assert on_site(site_a).post("/enter/", {"token": made_before}).status_code == 404
