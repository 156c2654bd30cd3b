"""Places of people, when several want them at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from accounts.models import User
from products.limits import Kind
from sites.entitlements import LimitReached
from sites.models import Role, Site, SiteMember
from sites.operations import accept_hand_over, hand_over, people
from sites.operations.enter import admit
from tests.factories.at_once import at_once
from tests.plugins.sites import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_invitations_and_one_place(make_site) -> None:
    site = make_site("narrow", limits={Kind.USERS: 2})

    def invite(number: int) -> str:
        fresh = Site.objects.select_related("membership__customer__user").get(pk=site.pk)
        try:
            people.invite(site=fresh, email=f"{number}@example.com", role=Role.EDITOR, now=NOW)
        except LimitReached as reached:
            return str(reached)
        return "invited"

    assert sorted(at_once(2, invite)) == ["invited", "users: 2 of 2 used, 1 more wanted"]
    assert SiteMember.objects.of(site).count() == 1


def test_who_is_removed_while_they_enter_does_not_stay(make_site) -> None:
    site = make_site("revolving")
    eva = User.objects.create_user("eva@example.com")
    member = SiteMember.objects.create(
        site=site, email=eva.email, role=Role.EDITOR, user=eva, invited_at=NOW, accepted_at=NOW
    )
    token = hand_over(site=site, user=eva, role=Role.EDITOR, now=NOW)
    is_inside, may_finish = Event(), Event()

    def enter() -> None:
        with transaction.atomic():
            person = accept_hand_over(token=token, site_id=site.pk, now=NOW)
            assert person is not None
            with tenant_context(site):
                admit(person, now=NOW)
            is_inside.set()
            may_finish.wait(10)
        connection.close()

    def remove() -> None:
        people.remove(member=member, now=NOW)
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        entering = threads.submit(enter)
        assert is_inside.wait(10)
        removing = threads.submit(remove)
        with pytest.raises(TimeoutError):
            removing.result(0.3)  # it waits for who is entering
        may_finish.set()
        entering.result(10)
        removing.result(10)
    with tenant_context(site):
        assert not User.objects.get(uid=eva.uid).is_active
