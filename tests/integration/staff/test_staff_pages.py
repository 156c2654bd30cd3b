"""Asking colleagues in, giving them roles and taking them off; and that nobody raises themselves."""

import re
import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.staff.models import Role, StaffMember
from accounts.staff.operations import LastOwner, OwnAccount, change_role, dismiss
from accounts.tokens.models import Scope
from accounts.tokens.operations import make_token, token_of
from tests.integration.checkout.reading import text_of
from tests.integration.staff.walk import URLCONF

LIST = "/admin/staff/staffmember/"


@pytest.fixture(autouse=True)
def _as_in_a_request(settings):
    settings.ROOT_URLCONF = URLCONF  # what waits for the commit runs before the request is over


@pytest.fixture
def olga(colleague) -> User:
    return colleague(Role.OWNER, name="Olga")


@pytest.fixture
def nina(colleague) -> User:
    return colleague(Role.SUPPORT, name="Nina")


@pytest.fixture
def desk(at_desk, olga):
    return at_desk(olga)


def group(role: str) -> Group:
    return Group.objects.get(name=role)


def member(user: User) -> StaffMember:
    return StaffMember.objects.get(pk=user.pk)


def page(user: User, end: str = "change") -> str:
    return f"{LIST}{user.pk}/{end}/"


def roles_of(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


# Asking in


def test_a_new_colleague_is_written_to_and_chooses_a_password(desk, django_capture_on_commit_callbacks):
    typed = {"email": "Eva@Network.example", "name": "Eva", "role": group(Role.SUPPORT).pk}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LIST}add/", typed)
    eva = User.objects.get(email="eva@network.example")
    assert (eva.name, eva.is_staff, eva.is_superuser, roles_of(eva)) == ("Eva", True, False, ["Support"])
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["eva@network.example"], "Your way into the network admin")
    assert "Your role there: Support." in " ".join(letter.body.split())
    link = re.findall(r"http://localhost(?::8000)?(/auth/password/reset/\S+)", str(letter.body))[0]
    browser = Client(SERVER_NAME="localhost")
    form = browser.get(link, follow=True)
    chosen = dict.fromkeys(("password1", "password2"), "a-password-of-her-own")
    browser.post(form.request["PATH_INFO"], chosen)
    eva.refresh_from_db()
    assert eva.check_password("a-password-of-her-own")


def test_a_customer_who_is_asked_in_keeps_their_account(desk, django_capture_on_commit_callbacks):
    kim = User.objects.create_user("kim@example.com", "a-long-password", name="Kim")
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LIST}add/", {"email": kim.email, "name": "K", "role": group(Role.FINANCE).pk})
    kim.refresh_from_db()
    assert (kim.name, kim.is_staff, roles_of(kim)) == ("Kim", True, ["Finance"])
    assert kim.check_password("a-long-password")
    assert "You sign in with the password that you have." in " ".join(mail.outbox[0].body.split())


def test_who_signed_up_with_an_address_that_is_not_theirs_does_not_become_a_colleague(
    desk, django_capture_on_commit_callbacks
):
    mallory = User.objects.create_user("eva@network.example", "a-long-password", name="Mallory")
    EmailAddress.objects.create(user=mallory, email=mallory.email, primary=True, verified=False)
    EmailAddress.objects.create(user=mallory, email="mallory@example.com", verified=False)  # on its way
    TOTP.activate(mallory, "A" * 32)
    now = timezone.now()
    scopes = [Scope.NETWORK_READ, Scope.MEMBERSHIPS_READ]
    made = make_token(user=mallory, uid=uuid.uuid4(), name="x", scopes=scopes, expires_at=None, now=now)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(mallory)
    typed = {"email": "eva@network.example", "name": "Eva", "role": group(Role.OWNER).pk}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LIST}add/", typed)
    eva = User.objects.get(pk=mallory.pk)
    assert (eva.name, eva.is_staff, eva.has_usable_password()) == ("Eva", True, False)
    assert not Authenticator.objects.filter(user=eva).exists()
    assert not EmailAddress.objects.filter(email="mallory@example.com").exists()
    assert token_of(secret=made.secret, now=now) is None
    assert browser.get("/admin/").status_code == 302
    assert "Choose a password" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "999"}, "role"),
    ],
    ids=["no address", "no address of mail", "no name", "no such role"],
)
def test_what_is_missing_is_said_at_its_field_and_nobody_is_made(desk, typed, field):
    whole = {"email": "eva@network.example", "name": "Eva", "role": group(Role.SUPPORT).pk}
    answer = desk.post(f"{LIST}add/", whole | typed)
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not User.objects.filter(name="Eva").exists()
    assert mail.outbox == []


def test_somebody_who_works_here_is_not_asked_in_again(desk, nina):
    answer = desk.post(f"{LIST}add/", {"email": nina.email, "name": "N", "role": group(Role.OWNER).pk})
    assert answer.context["adminform"].form.errors == {
        "email": ["Somebody with this address works here already."]
    }
    assert roles_of(nina) == ["Support"]


# Roles


def test_an_owner_gives_a_colleague_another_role(desk, nina):
    desk.post(page(nina), {"role": group(Role.READ_ONLY).pk})
    assert roles_of(nina) == ["Read-only"]


def test_nobody_gives_themselves_another_role(desk, olga):
    assert desk.post(page(olga), {"role": group(Role.SUPPORT).pk}).status_code == 403
    assert roles_of(olga) == ["Owner"]
    with pytest.raises(OwnAccount):
        change_role(member=member(olga), role=group(Role.SUPPORT), actor=olga)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.READ_ONLY])
def test_who_is_no_owner_raises_nobody_by_any_page(at_desk, colleague, olga, role):
    somebody = colleague(role, name="Somebody")
    browser, before = at_desk(somebody), User.objects.order_by("pk").values()
    stood = list(before)
    raised = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": group(Role.OWNER).pk,
        "role": group(Role.OWNER).pk,
    }
    raised |= {
        "email": "taken@example.com",
        "password1": "quite-another-word",
        "password2": "quite-another-word",
    }
    for user in (somebody, olga):
        browser.post(page(user), raised)
        browser.post(f"/admin/accounts/user/{user.pk}/change/", raised)
        browser.post(f"/admin/accounts/user/{user.pk}/password/", raised)
    browser.post(f"{LIST}add/", {"email": "new@example.com", "name": "New", "role": group(Role.OWNER).pk})
    permissions = {"name": role, "permissions": list(Permission.objects.values_list("pk", flat=True))}
    browser.post(f"/admin/auth/group/{group(role).pk}/change/", permissions)
    browser.post("/admin/auth/group/add/", permissions | {"name": "Mine"})
    assert list(User.objects.order_by("pk").values()) == stood
    assert (roles_of(somebody), Group.objects.count()) == ([role.value], 4)
    assert not somebody.has_perm("staff.change_staffmember")


def test_a_role_of_ones_own_cannot_be_one_that_decides_about_roles(desk):
    form = desk.get("/admin/auth/group/add/").context["adminform"].form
    offered = {each.content_type.app_label for each in form.fields["permissions"].queryset}
    assert "memberships" in offered
    assert not {"staff", "auth"} & offered


def test_the_roles_of_the_house_are_looked_at_and_not_changed(desk):
    support = group(Role.SUPPORT)
    address = f"/admin/auth/group/{support.pk}"
    assert desk.get(f"{address}/change/").status_code == 200
    assert desk.post(f"{address}/change/", {"name": "Mine"}).status_code == 403
    assert desk.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert Group.objects.filter(name="Support").exists()


def test_what_a_role_of_the_house_may_do_is_said_in_words(desk):
    address = f"/admin/auth/group/{group(Role.SUPPORT).pk}/change/"
    assert "Visit by staff see, Can visit a site as its owner" in text_of(desk.get(address))
    assert "Choice of what stays see Claim to a domain" in text_of(desk.get(address))
    assert "Membership see, edit" in text_of(desk.get(address))
    dutch = text_of(desk.get(f"{address}?lang=nl"))
    assert "Bezoek van medewerkers zien, Mag een site als eigenaar bezoeken" in dutch


def test_a_role_that_a_network_made_is_changed_and_not_deleted(desk, nina):
    shop = Group.objects.create(name="Shop")
    sell = Permission.objects.get(codename="add_product")
    desk.post(f"/admin/auth/group/{shop.pk}/change/", {"name": "Sales", "permissions": [sell.pk]})
    assert list(Group.objects.get(name="Sales").permissions.all()) == [sell]
    assert desk.post(f"/admin/auth/group/{shop.pk}/delete/", {"post": "yes"}).status_code == 403


# The last owner


def test_the_last_owner_cannot_be_made_anything_else(olga, nina):
    with pytest.raises(LastOwner):
        change_role(member=member(olga), role=group(Role.SUPPORT), actor=nina)
    with pytest.raises(LastOwner):
        dismiss(member=member(olga), actor=nina)
    assert roles_of(olga) == ["Owner"]


def test_one_of_two_owners_can_go(desk, colleague):
    omar = colleague(Role.OWNER, name="Omar")
    desk.post(page(omar), {"role": group(Role.SUPPORT).pk})
    assert roles_of(omar) == ["Support"]


def test_an_owner_who_left_does_not_count(olga, nina, colleague):
    omar = colleague(Role.OWNER, name="Omar")
    omar.is_active = False
    omar.save()
    with pytest.raises(LastOwner):
        dismiss(member=member(olga), actor=nina)


def test_the_first_owner_is_made_at_the_command_line(db, at_desk):
    call_command("createsuperuser", email="root@network.example", interactive=False)
    assert [each.email for each in StaffMember.objects.owners()] == ["root@network.example"]
    assert at_desk(User.objects.get()).get(LIST).status_code == 200


def test_who_was_made_at_the_command_line_is_an_owner_until_given_another_role(desk, olga):
    root = User.objects.create_superuser("root@network.example", "a-long-password")
    assert "Owner" in desk.get(LIST).content.decode()
    desk.post(page(root), {"role": group(Role.SUPPORT).pk})
    root.refresh_from_db()
    assert (root.is_superuser, roles_of(root)) == (False, ["Support"])


# Taking off


def test_who_is_taken_off_the_staff_keeps_their_account_and_nothing_else(desk, nina, at_desk):
    hers = at_desk(nina)
    assert hers.get("/admin/").status_code == 200
    assert desk.get(page(nina, "end")).status_code == 200
    desk.post(page(nina, "end"))
    nina.refresh_from_db()
    assert (nina.is_active, nina.is_staff, roles_of(nina)) == (True, False, [])
    assert hers.get("/admin/", follow=True).status_code == 403


def test_nobody_takes_themselves_off(desk, olga):
    assert desk.post(page(olga, "end")).status_code == 403
    assert StaffMember.objects.filter(pk=olga.pk).exists()


def test_a_lost_second_factor_is_reset_by_another_owner(desk, nina, olga):
    for user in (nina, olga):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    desk.post(page(nina, "second-factor"))
    assert desk.post(page(olga, "second-factor")).status_code == 403
    assert [each.user for each in Authenticator.objects.all()] == [olga]


def test_an_invitation_is_sent_again(desk, nina):
    desk.post(page(nina, "invite"))
    assert [letter.to for letter in mail.outbox] == [[nina.email]]


# Users


def test_the_account_of_a_colleague_is_not_changed_among_the_users(desk, nina):
    answer = desk.post(f"/admin/accounts/user/{nina.pk}/change/", {"email": "taken@example.com"})
    nina.refresh_from_db()
    assert (answer.status_code, nina.email) == (403, "nina@network.example")


def test_an_address_that_is_changed_for_a_customer_opens_nothing_any_more(
    desk, django_capture_on_commit_callbacks
):
    kim = User.objects.create_user("kim@example.com", "a-long-password", name="Kim")
    EmailAddress.objects.create(user=kim, email=kim.email, primary=True, verified=True)
    page, typed = (
        f"/admin/accounts/user/{kim.pk}/change/",
        {"name": "Kim", "language": "en", "is_active": "on"},
    )
    desk.post(page, typed | {"email": "kim@example.com", "name": "Kim Vos"})
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("kim@example.com", True)]
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page, typed | {"email": "kim@example.org"})
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("kim@example.org", False)]
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["kim@example.com"], "Your e-mail address was changed")
    browser = Client(SERVER_NAME="localhost")
    browser.post("/auth/password/reset/", {"email": "kim@example.com"})
    assert mail.outbox[1].subject == "There is no account with this address"
    browser.post("/auth/login/", {"login": "kim@example.com", "password": "a-long-password"})
    assert SESSION_KEY not in browser.session
    browser.post("/auth/login/", {"login": "kim@example.org", "password": "a-long-password"})
    assert browser.session[SESSION_KEY] == str(kim.pk)


def test_a_customers_account_can_be_closed_and_their_password_is_nobodys(desk):
    kim = User.objects.create_user("kim@example.com", "a-long-password", name="Kim")
    desk.post(f"/admin/accounts/user/{kim.pk}/change/", {"email": kim.email, "name": "Kim", "is_staff": "on"})
    kim.refresh_from_db()
    assert (kim.is_active, kim.is_staff, kim.is_superuser) == (False, False, False)
    assert desk.get(f"/admin/accounts/user/{kim.pk}/password/").status_code == 302
    assert desk.get("/admin/accounts/user/", {"password__startswith": "md5"}).status_code == 400
