"""Where *Upgrade* on a site leads: the owner to the plans, everybody else who works on it to whom to ask."""

import uuid

import pytest

from sites.models import Role, Site
from tests.integration.sites.test_people import enters, network, owner, works_on

pytestmark = pytest.mark.django_db


def test_the_owner_comes_to_the_plans(site_a: Site) -> None:
    answer = network(owner(site_a)).get(f"/sites/{site_a.uid}/upgrade/")
    assert answer.status_code == 302
    assert answer["Location"] == f"http://localhost:8000/account/{site_a.membership.uid}/change/"


@pytest.mark.parametrize("role", Role)
def test_somebody_who_was_invited_learns_whom_to_ask(site_a: Site, role: Role) -> None:
    page = network(works_on(site_a, role)).get(f"/sites/{site_a.uid}/upgrade/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "The plan of this site belongs to Alpha-Owner, who can upgrade it." in text
    assert 'href="mailto:alpha-owner@example.com"' in text
    assert str(site_a.membership.uid) not in text


def test_nobody_else_learns_anything(site_a: Site, site_b: Site) -> None:
    url = f"/sites/{site_a.uid}/upgrade/"
    assert network(owner(site_b)).get(url).status_code == 404
    assert network(owner(site_a)).get(f"/sites/{uuid.uuid4()}/upgrade/").status_code == 404
    assert network().get(url)["Location"] == f"/auth/login/?next={url}"
    assert network(owner(site_a)).post(url).status_code == 405
    eva = works_on(site_a, Role.EDITOR)
    Site.objects.filter(pk=site_a.pk).update(state="recycled", recycled_at=site_a.created_at)
    assert network(eva).get(url).status_code == 404


def test_an_editor_at_a_limit_is_led_there_and_not_to_a_page_that_is_not_theirs(
    site_a: Site, on_site
) -> None:
    browser = enters(site_a, works_on(site_a, Role.OWNER), on_site)
    page = browser.get("/dashboard/settings/content/siteidentity/", follow=True).content.decode()
    assert "Own styles are not part of your plan." in page
    assert f'href="http://localhost:8000/sites/{site_a.uid}/upgrade/"' in page
    assert "/change/" not in page
