"""Who works on a site: invited by its owner within the limit, entering like the owner, allowed what the role allows."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context
from wagtail.models import GroupPagePermission, Page

from accounts.models import User
from products.limits import Kind
from sites.content.models import PostPage
from sites.entitlements import LimitReached
from sites.models import HandOver, Role, Site, SiteMember
from sites.operations import accept_hand_over, hand_over, people
from sites.operations.archives.restore import restore_site
from sites.operations.archives.write import export_site
from sites.operations.enter import admit
from tests.plugins.sites import NOW, set_limits

pytestmark = pytest.mark.django_db
NETWORK = "http://localhost:8000"
PASSWORD = "a-long-and-new-word"


def network(user: User | None = None) -> Client:
    browser = Client(headers={"host": "localhost:8000"})
    if user is not None:
        browser.force_login(user)
    return browser


def owner(site: Site) -> User:
    found: User = site.membership.customer.user
    return found


def invited(site: Site, email: str = "eva@example.com", role: Role = Role.EDITOR) -> tuple[SiteMember, str]:
    """Somebody, and the path of the link in their mail."""
    member = people.invite(site=site, email=email, role=role, now=timezone.now())
    assert people.send_invitation(member_id=member.pk, now=timezone.now())
    (link,) = re.findall(rf"{NETWORK}(/invitations/\S+/)", str(mail.outbox[-1].body))
    member.refresh_from_db()
    return member, link


def works_on(site: Site, role: Role, name: str = "eva") -> User:
    """Somebody who has accepted."""
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, name=name.title())
    member, _link = invited(site, user.email, role)
    people.accept(member=member, user=user, now=timezone.now())
    return user


def enters(site: Site, user: User, on_site) -> Client:
    """Their browser in the dashboard, by the network's page."""
    carried = network(user).post(f"/sites/{site.uid}/enter/")
    (token,) = re.findall(r'name="token" value="([^"]+)"', carried.content.decode())
    browser: Client = on_site(site)
    assert browser.post("/enter/", {"token": token}, headers={"origin": NETWORK}).status_code == 302
    return browser


def blog(site: Site) -> int:
    with tenant_context(site):
        return int(Page.objects.get(slug="blog").pk)


def writes(browser: Client, site: Site, title: str, **action: str) -> int:
    """The status of adding a post."""
    form = {
        "title": title, "slug": title.lower(), "date": "2026-03-12", "intro": "",
        "body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", **action,
    }  # fmt: skip
    return browser.post(f"/dashboard/pages/add/content/postpage/{blog(site)}/", form).status_code


# -- inviting


def test_the_owner_invites_by_mail_and_the_place_is_taken_at_once(site_a: Site) -> None:
    browser = network(owner(site_a))
    assert "1 of 2 users" in browser.get(f"/sites/{site_a.uid}/people/").content.decode()
    answer = browser.post(f"/sites/{site_a.uid}/people/", {"email": "Eva@Example.com", "role": "editor"})
    assert answer["Location"] == f"/sites/{site_a.uid}/people/"
    shown = browser.get(answer["Location"]).content.decode()
    assert "eva@example.com is invited. A mail is on its way." in shown
    assert "All places" in shown or "all places are taken" in shown
    assert 'name="email"' not in shown
    member = SiteMember.objects.get()
    assert (member.email, member.role, member.user) == ("eva@example.com", "editor", None)


def test_the_mail_names_who_invites_to_what_and_its_link_is_kept_as_a_hash_only(site_a: Site) -> None:
    member, link = invited(site_a)
    sent = mail.outbox[-1]
    assert sent.to == ["eva@example.com"]
    assert sent.subject == "Alpha-Owner invites you to work on Alpha Garden"
    assert "alpha.sites.localhost" in sent.body
    token = link.split("/")[2]
    assert len(token) == 43
    assert token not in str(SiteMember.objects.values().get())
    assert not people.send_invitation(member_id=member.pk, now=timezone.now())
    assert len(mail.outbox) == 1


def test_a_mail_that_no_server_took_is_found_again_for_two_days(site_a: Site, monkeypatch) -> None:
    member = people.invite(site=site_a, email="eva@example.com", role=Role.WRITER, now=NOW)
    monkeypatch.setattr("sites.operations.people.inviting._message", lambda *_: Unreachable())
    assert not people.send_invitation(member_id=member.pk, now=NOW)
    assert people.unsent_invitations(now=NOW + timedelta(hours=47)) == [member.pk]
    assert people.unsent_invitations(now=NOW + timedelta(hours=49)) == []


class Unreachable:
    def send(self) -> None:
        raise ConnectionRefusedError


def test_more_than_the_limit_are_refused_with_the_way_to_more(site_a: Site) -> None:
    invited(site_a)
    with pytest.raises(LimitReached) as reached:
        people.invite(site=site_a, email="mia@example.com", role=Role.WRITER, now=NOW)
    assert (reached.value.kind, reached.value.used, reached.value.allowed) == (Kind.USERS, 2, 2)
    refused = network(owner(site_a)).post(
        f"/sites/{site_a.uid}/people/", {"email": "mia@example.com", "role": "writer"}
    )
    assert refused.status_code == 422
    assert f"/account/{site_a.membership.uid}/change/" in refused.content.decode()
    set_limits(site_a, {Kind.USERS: 3})
    people.invite(site=site_a, email="mia@example.com", role=Role.WRITER, now=NOW)


@pytest.mark.parametrize(
    ("email", "code"), [("alpha-owner@example.com", "own"), ("eva@example.com", "present")]
)
def test_nobody_is_invited_twice_and_the_owner_never(site_a: Site, email: str, code: str) -> None:
    set_limits(site_a, {Kind.USERS: 9})
    invited(site_a)
    with pytest.raises(people.InvitationRefused) as refused:
        people.invite(site=site_a, email=email.upper(), role=Role.EDITOR, now=NOW)
    assert refused.value.code == code


def test_nobody_is_invited_to_a_site_that_is_read_only(site_a: Site) -> None:
    site_a.access = Site.Access.READ_ONLY
    with pytest.raises(people.InvitationRefused):
        people.invite(site=site_a, email="eva@example.com", role=Role.EDITOR, now=NOW)


def test_fifty_a_day_are_the_most(site_a: Site) -> None:
    set_limits(site_a, {Kind.USERS: None})
    rows = [
        SiteMember(site=site_a, email=f"{n}@example.com", role="editor", invited_at=NOW) for n in range(50)
    ]
    SiteMember.objects.bulk_create(rows)
    SiteMember.objects.update(removed_at=NOW)
    with pytest.raises(people.InvitationRefused):
        people.invite(site=site_a, email="eva@example.com", role=Role.EDITOR, now=NOW)
    people.invite(site=site_a, email="eva@example.com", role=Role.EDITOR, now=NOW + timedelta(days=1))


def test_another_mail_has_another_link_and_the_first_leads_nowhere(site_a: Site) -> None:
    member, first = invited(site_a)
    with pytest.raises(people.InvitationRefused):
        people.invite_again(member=member, now=timezone.now())
    people.invite_again(member=member, now=timezone.now() + timedelta(minutes=11))
    assert people.send_invitation(member_id=member.pk, now=timezone.now())
    (second,) = re.findall(rf"{NETWORK}(/invitations/\S+/)", str(mail.outbox[-1].body))
    assert [network().get(link).status_code for link in (first, second)] == [404, 200]


# -- accepting


def test_who_has_no_account_makes_one_for_the_invited_address_and_enters(site_a: Site, on_site) -> None:
    _member, link = invited(site_a)
    browser = network()
    assert "Your account will be for <strong>eva@example.com</strong>" in browser.get(link).content.decode()
    weak = browser.post(link, {"name": "Eva", "password": "short"})
    assert weak.status_code == 422
    assert not User.objects.filter(email="eva@example.com").exists()
    made = browser.post(link, {"name": "Eva", "password": PASSWORD, "email": "mallory@example.com"})
    assert made["Location"] == f"/sites/{site_a.uid}/enter/"
    eva = User.objects.get(email="eva@example.com")
    assert (eva.name, eva.check_password(PASSWORD), eva.is_staff, eva.is_superuser) == (
        "Eva",
        True,
        False,
        False,
    )
    assert not User.objects.filter(email="mallory@example.com").exists()
    assert enters(site_a, eva, on_site).get("/dashboard/").status_code == 200
    assert network().get(link).status_code == 404
    assert "Dashboard of Alpha Garden" in network(eva).get("/account/").content.decode()


def test_who_has_an_account_signs_in_first_and_is_not_signed_in_by_the_link(site_a: Site) -> None:
    eva = User.objects.create_user("eva@example.com", PASSWORD)
    _member, link = invited(site_a)
    nobody = network()
    assert f"/auth/login/?next={link}" in nobody.get(link).content.decode()
    nobody.post(link, {"name": "Eva", "password": "another-long-word"})
    eva.refresh_from_db()
    assert eva.check_password(PASSWORD)
    assert SiteMember.objects.get().accepted_at is None
    assert network(eva).post(link)["Location"] == f"/sites/{site_a.uid}/enter/"
    assert SiteMember.objects.get().user == eva


def test_somebody_else_cannot_accept_with_the_link(site_a: Site, site_b: Site) -> None:
    _member, link = invited(site_a)
    bob = network(owner(site_b))
    assert "you are signed in as bravo-owner@example.com" in bob.get(link).content.decode()
    bob.post(link)
    assert SiteMember.objects.get().accepted_at is None


@pytest.mark.parametrize("path", ["/invitations/x/", f"/invitations/{'a' * 43}/", "/invitations/%00/"])
def test_a_link_that_we_did_not_send_leads_nowhere(site_a: Site, path: str) -> None:
    people.invite(site=site_a, email="eva@example.com", role=Role.EDITOR, now=NOW)  # its mail is not sent yet
    assert network().get(path).status_code == 404
    assert network().post(path, {"name": "Eva", "password": PASSWORD}).status_code == 404


def test_after_a_week_a_link_leads_nowhere(site_a: Site) -> None:
    _member, link = invited(site_a)
    token, now = link.split("/")[2], timezone.now()
    assert people.invitation_behind(token=token, now=now + timedelta(days=6, hours=23)) is not None
    assert people.invitation_behind(token=token, now=now + timedelta(days=7)) is None


# -- working


def test_an_editor_publishes_and_sees_neither_settings_of_the_network_nor_people(
    site_a: Site, on_site
) -> None:
    browser = enters(site_a, works_on(site_a, Role.EDITOR), on_site)
    assert writes(browser, site_a, "Published", **{"action-publish": "1"}) == 302
    assert on_site(site_a).get("/blog/published/").status_code == 200
    menu = browser.get("/dashboard/").content.decode()
    assert "/people/" not in menu
    assert NETWORK not in menu
    with tenant_context(site_a):
        eva = User.objects.get(email="eva@example.com")
        assert (eva.is_superuser, [group.name for group in eva.groups.all()]) == (False, ["Editors"])


def test_a_writer_writes_drafts_of_their_own_that_an_editor_publishes(site_a: Site, on_site) -> None:
    set_limits(site_a, {Kind.USERS: 3})
    browser = enters(site_a, works_on(site_a, Role.WRITER, "wim"), on_site)
    assert writes(browser, site_a, "Own") == 302
    writes(browser, site_a, "Pushed", **{"action-publish": "1"})
    with tenant_context(site_a):
        assert not PostPage.objects.filter(live=True).exists()
        own, home = PostPage.objects.get(slug="own"), Page.objects.get(slug="home")
    assert browser.get(f"/dashboard/pages/{own.pk}/edit/").status_code == 200
    assert browser.get(f"/dashboard/pages/{home.pk}/edit/").status_code == 302
    assert browser.post(f"/dashboard/pages/{home.pk}/delete/").status_code == 302
    submitted = {
        "title": "Own", "slug": "own", "date": "2026-03-12", "intro": "", "body-count": "0",
        "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "action-submit": "1",
    }  # fmt: skip
    assert browser.post(f"/dashboard/pages/{own.pk}/edit/", submitted).status_code == 302
    with tenant_context(site_a):
        task = PostPage.objects.get(pk=own.pk).current_workflow_task_state
        assert task.status == "in_progress"
    editor = enters(site_a, works_on(site_a, Role.EDITOR), on_site)
    approved = editor.post(f"/dashboard/pages/workflow/action/{own.pk}/approve/{task.pk}/", {"comment": ""})
    assert approved.status_code in {200, 302}
    with tenant_context(site_a):
        assert PostPage.objects.get(pk=own.pk).live


def test_an_owner_by_role_has_every_permission_in_the_site_and_none_on_the_network(
    site_a: Site, on_site
) -> None:
    ole = works_on(site_a, Role.OWNER, "ole")
    enters(site_a, ole, on_site)
    with tenant_context(site_a):
        assert User.objects.get(email="ole@example.com").is_superuser
    for path in (f"/sites/{site_a.uid}/people/", f"/account/{site_a.membership.uid}/"):
        assert network(ole).get(path).status_code == 404


def test_the_dashboard_makes_no_users_and_gives_no_rights(site_a: Site, owner_of) -> None:
    browser = owner_of(site_a)
    for path in ("users/", "users/new/", "users/1/", "groups/", "groups/new/"):
        assert browser.get(f"/dashboard/{path}")["Location"] == f"{NETWORK}/sites/{site_a.uid}/people/"
    browser.post("/dashboard/users/new/", {"email": "bob@example.com", "is_superuser": "on"})
    with tenant_context(site_a):
        assert User.objects.count() == 1
    assert f"/sites/{site_a.uid}/people/" in browser.get("/dashboard/").content.decode()


def test_another_role_holds_at_once(site_a: Site, on_site) -> None:
    eva = works_on(site_a, Role.OWNER)
    enters(site_a, eva, on_site)
    member = SiteMember.objects.get()
    answer = network(owner(site_a)).post(f"/sites/{site_a.uid}/people/{member.uid}/", {"do": "writer"})
    assert answer.status_code == 302
    with tenant_context(site_a):
        inside = User.objects.get(uid=eva.uid)
        assert (inside.is_superuser, [group.name for group in inside.groups.all()]) == (False, ["Writers"])


# -- leaving


def test_who_is_removed_is_out_at_once_and_stays_out(site_a: Site, on_site) -> None:
    eva = works_on(site_a, Role.EDITOR)
    browser = enters(site_a, eva, on_site)
    writes(browser, site_a, "Stays", **{"action-publish": "1"})
    unused = hand_over(site=site_a, user=eva, role=Role.EDITOR, now=timezone.now())
    member = SiteMember.objects.get()
    network(owner(site_a)).post(f"/sites/{site_a.uid}/people/{member.uid}/", {"do": "remove"})
    assert browser.get("/dashboard/")["Location"].startswith("/enter/")
    assert on_site(site_a).post("/enter/", {"token": unused}, headers={"origin": NETWORK}).status_code == 403
    assert network(eva).get(f"/sites/{site_a.uid}/enter/").status_code == 404
    assert network(eva).post(f"/sites/{site_a.uid}/enter/").status_code == 404
    assert on_site(site_a).get("/blog/stays/").status_code == 200
    assert not HandOver.objects.filter(user_uid=eva.uid).exists()
    member, _link = invited(site_a)  # there is room again
    people.accept(member=member, user=eva, now=timezone.now())
    enters(site_a, eva, on_site)
    assert browser.get("/dashboard/")["Location"].startswith(
        "/enter/"
    )  # the session of before is over for good


def test_an_invitation_that_is_taken_back_leads_nowhere(site_a: Site) -> None:
    member, link = invited(site_a)
    people.remove(member=member, now=timezone.now())
    assert network().get(link).status_code == 404
    with pytest.raises(people.InvitationGone):
        people.accept(member=member, user=User.objects.create_user("eva@example.com"), now=timezone.now())


def test_who_is_in_a_site_without_being_on_it_is_shut_out_when_people_are_brought_in_line(
    site_a: Site,
) -> None:
    with tenant_context(site_a):
        User.objects.create_user("ghost@example.com", is_superuser=True)
    people.bring_people_in_line(site_a)
    with tenant_context(site_a):
        assert not User.objects.get(email="ghost@example.com").is_active
    assert owner(site_a).is_active


@pytest.mark.django_db(transaction=True)
def test_an_archive_brings_nobody_back_who_was_removed_since(make_site, on_site, tmp_path) -> None:
    site = make_site("phoenix")
    eva = works_on(site, Role.EDITOR)
    enters(site, eva, on_site)
    export_site(site=site, path=tmp_path / "site.zip", now=NOW, tell=lambda _percent, _what: None)
    people.remove(member=SiteMember.objects.get(), now=NOW)
    restore_site(site=site, path=tmp_path / "site.zip", now=NOW, tell=lambda _percent, _what: None)
    site.refresh_from_db()
    with tenant_context(site):
        assert [(user.email, user.is_active) for user in User.objects.order_by("email")] == [
            ("eva@example.com", False),
            ("phoenix-owner@example.com", True),
        ]


# -- others


def test_every_page_of_a_sites_people_is_nothing_to_anybody_but_its_owner(site_a: Site, site_b: Site) -> None:
    editor = works_on(site_a, Role.EDITOR)
    member = SiteMember.objects.get()
    pages = [f"/sites/{site_a.uid}/people/", f"/sites/{site_a.uid}/people/{member.uid}/"]
    for stranger in (owner(site_b), editor):
        assert [network(stranger).post(page, {"do": "remove"}).status_code for page in pages] == [404, 404]
        assert network(stranger).get(pages[0]).status_code == 404
    for page in pages:
        assert network().post(page, {"do": "remove"})["Location"] == f"/auth/login/?next={page}"
    assert network(owner(site_b)).get(f"/sites/{site_a.uid}/enter/").status_code == 404
    through_own = f"/sites/{site_b.uid}/people/{member.uid}/"
    assert network(owner(site_b)).post(through_own, {"do": "remove"}).status_code == 404
    assert SiteMember.objects.get().removed_at is None


def test_an_editor_of_one_site_is_a_stranger_to_another(site_a: Site, site_b: Site, on_site) -> None:
    eva = works_on(site_a, Role.EDITOR)
    assert network(eva).post(f"/sites/{site_b.uid}/enter/").status_code == 404
    token = hand_over(site=site_a, user=eva, role=Role.EDITOR, now=timezone.now())
    assert on_site(site_b).post("/enter/", {"token": token}, headers={"origin": NETWORK}).status_code == 403
    with tenant_context(site_b):
        assert not User.objects.filter(email="eva@example.com").exists()


def test_the_role_in_a_pass_is_the_one_that_is_given(site_a: Site) -> None:
    eva = works_on(site_a, Role.WRITER)
    token = hand_over(site=site_a, user=eva, role=Role.WRITER, now=NOW)
    person = accept_hand_over(token=token, site_id=site_a.pk, now=NOW)
    assert person is not None
    with tenant_context(site_a):
        admit(person, now=NOW)
        writers = Group.objects.get(name="Writers")
        assert [perm.permission.codename for perm in GroupPagePermission.objects.filter(group=writers)] == [
            "add_page"
        ]


@pytest.mark.parametrize("who", ["owner", "editor"])
def test_whose_account_is_closed_at_the_desk_is_out_of_the_dashboards_until_it_is_opened_again(
    site_a, desk, on_site, owner_of, who
):
    user = owner(site_a) if who == "owner" else works_on(site_a, Role.EDITOR)
    browser = owner_of(site_a) if who == "owner" else enters(site_a, user, on_site)
    assert browser.get("/dashboard/").status_code == 200
    page, typed = f"/admin/accounts/user/{user.pk}/change/", {"email": user.email, "name": user.name}
    desk.post(page, typed)
    assert browser.get("/dashboard/").status_code == 302
    desk.post(page, typed | {"is_active": "on"})
    assert browser.get("/dashboard/").status_code == 302  # they come in anew
    with tenant_context(site_a):
        assert User.objects.get(uid=user.uid).is_active
