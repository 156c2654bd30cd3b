"""A site is shown once its owner's address is confirmed; until then visitors see that it opens soon."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from products.limits import Kind
from sites import routing
from sites.models import Site
from sites.operations import create_site
from sites.operations.opening import open_confirmed, open_sites_of
from tests.plugins.sites import NOW, member

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def waiting(site_a: Site) -> Site:
    """Alice has not confirmed her address."""
    owner = site_a.membership.customer.user
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=False)
    Site.objects.filter(pk=site_a.pk).update(opened_at=None)
    routing.forget(site_a)
    return site_a


@pytest.mark.parametrize("path", ["/", "/blog/", "/sitemap.xml", "/media/x.jpg", "/nothing-there/"])
def test_visitors_see_that_it_opens_soon(waiting: Site, on_site, path: str) -> None:
    answer = on_site(waiting).get(path)
    assert answer.status_code == 503
    assert "Alpha Garden" in answer.content.decode()
    assert "This site opens soon." in answer.content.decode()
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "no-store")
    assert not answer.cookies


def test_visitors_cannot_write_to_it(waiting: Site, on_site) -> None:
    assert on_site(waiting).post("/", {"name": "Vera"}).status_code == 503


def test_its_owner_works_in_it_and_sees_it(waiting: Site, owner_of) -> None:
    owner: Client = owner_of(waiting)
    assert owner.get("/dashboard/").status_code == 200
    assert owner.get("/").status_code == 200


def test_confirming_opens_it_at_once(waiting: Site, on_site, django_capture_on_commit_callbacks) -> None:
    owner: User = waiting.membership.customer.user
    with django_capture_on_commit_callbacks(execute=True):
        assert open_sites_of(owner=owner, now=LATER) == 0
    assert on_site(waiting).get("/").status_code == 503
    EmailAddress.objects.update(verified=True)
    with django_capture_on_commit_callbacks(execute=True):
        assert open_sites_of(owner=owner, now=LATER) == 1
    waiting.refresh_from_db()
    assert waiting.opened_at == LATER
    assert on_site(waiting).get("/").status_code == 200


def test_the_sweep_opens_what_nobody_heard_of_once_and_no_other(
    waiting: Site, site_b: Site, django_assert_num_queries
) -> None:
    assert open_confirmed(now=LATER) == 0
    EmailAddress.objects.update(verified=True)
    assert open_confirmed(now=LATER) == 1
    with django_assert_num_queries(1):
        assert open_confirmed(now=LATER) == 0
    site_b.refresh_from_db()
    assert site_b.opened_at == NOW


@pytest.mark.parametrize(("verified", "opened"), [(None, NOW), (True, NOW), (False, None)])
def test_a_new_site_is_open_at_once_for_who_is_confirmed(verified: bool | None, opened: object) -> None:
    membership = member("carol", limits={Kind.SITES: 1})
    owner = membership.customer.user
    if verified is not None:
        EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=verified)
    assert create_site(membership=membership, name="Carol", slug="carol", now=NOW).opened_at == opened
