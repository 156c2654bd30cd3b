"""What a site's owner and the desk see while it is being made, and of its content afterwards."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.metrics import paid_not_ready
from sites.models import ContentSwitch, ProvisioningStep, Site, SiteTemplate, Starter
from sites.operations import create_site
from sites.operations.steps import STEPS
from sites.operations.sweeps import alarm_of_unready_sites
from tests.plugins.sites import LIMITS, NOW, member


@pytest.fixture
def site(site_template: SiteTemplate) -> Site:
    """A site that is half made: two steps are done."""
    site = create_site(
        membership=member("gardener", limits=LIMITS), name="The Garden", slug="garden", now=timezone.now()
    )
    site.steps.filter(name__in=["schema", "limits"]).update(state="done", finished_at=NOW, attempts=1)
    return site


def browser_of(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


@pytest.fixture
def owner(site: Site) -> Client:
    return browser_of(site.membership.customer.user)


def test_the_owner_sees_which_step_is_under_way(site: Site, owner: Client) -> None:
    page = owner.get(f"/sites/{site.uid}/").content.decode()
    assert '<progress class="bar" value="2" max="6"' in " ".join(page.split())
    assert page.index("What your plan allows") < page.index('aria-current="step"') < page.index("Your way in")
    assert 'hx-trigger="every 1s"' in page
    assert '<meta http-equiv="refresh" content="2">' in page


def test_htmx_gets_the_part_that_changes(site: Site, owner: Client) -> None:
    part = owner.get(f"/sites/{site.uid}/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="state"')
    assert "<html" not in part


def test_a_step_that_failed_is_told_without_its_error(site: Site, owner: Client) -> None:
    Site.objects.filter(pk=site.pk).update(state=Site.State.FAILED)
    site.steps.filter(name="owner").update(state="failed", error="OSError: /secret/path")
    page = owner.get(f"/sites/{site.uid}/").content.decode()
    assert "This takes longer than it should" in page
    assert "Tried, and tried again soon" in page
    assert "secret" not in page


def test_a_ready_site_asks_no_more(site: Site, owner: Client) -> None:
    Site.objects.filter(pk=site.pk).update(state=Site.State.READY, ready_at=NOW)
    page = owner.get(f"/sites/{site.uid}/").content.decode()
    assert "The Garden is ready" in page
    assert "hx-trigger" not in page
    assert f'action="/sites/{site.uid}/enter/"' in page


@pytest.mark.parametrize("path", ["", "content/", "content/back/"])
def test_nobody_else_sees_or_changes_a_site(site: Site, path: str) -> None:
    Site.objects.filter(pk=site.pk).update(state=Site.State.READY, ready_at=NOW)
    address = f"/sites/{site.uid}/{path}"
    stranger = browser_of(User.objects.create_user("stranger@example.com"))
    assert stranger.get(address).status_code == (405 if "back" in path else 404)
    if path:
        assert stranger.post(address, {"starter": "1"}).status_code == 404
    assert Client(SERVER_NAME="localhost").post(address).status_code in {302, 405}


@pytest.mark.parametrize("path", ["", "content/", "domains/", "people/"])
def test_a_site_in_the_recycle_bin_has_no_page(site: Site, owner: Client, path: str) -> None:
    assert owner.get(f"/sites/{site.uid}/{path}").status_code == 200
    Site.objects.filter(pk=site.pk).update(state=Site.State.RECYCLED, recycled_at=NOW)
    assert owner.get(f"/sites/{site.uid}/{path}").status_code == 404


def test_a_site_that_is_being_made_keeps_the_content_it_was_ordered_with(
    site: Site, owner: Client, site_a: Site
) -> None:
    starter = Starter.objects.create(site=site_a, name="Bakery", description="Bread")
    answer = owner.post(f"/sites/{site.uid}/content/", {"starter": starter.pk})
    assert answer.status_code == 422
    assert "cannot be changed just now" in answer.content.decode()
    assert ContentSwitch.objects.count() == 0


def test_the_account_page_leads_to_the_site(site: Site, owner: Client) -> None:
    page = owner.get(f"/account/{site.membership.uid}/").content.decode()
    assert f'<a href="/sites/{site.uid}/">The Garden</a>' in page


def test_the_owner_chooses_a_starter_and_is_told(site_a: Site, site_b: Site) -> None:
    starter = Starter.objects.create(site=site_a, name="Bakery", description="Bread")
    owner = browser_of(site_b.membership.customer.user)
    address = f"/sites/{site_b.uid}/content/"
    assert "Bakery" in owner.get(address).content.decode()
    assert owner.post(address, {}).status_code == 422
    assert owner.post(address, {"starter": starter.pk + 1}).status_code == 422
    answer = owner.post(address, {"starter": starter.pk}, follow=True)
    assert "Your new content is being made" in answer.content.decode()
    switch = ContentSwitch.objects.get()
    assert (switch.site, switch.starter, switch.state) == (site_b, starter, "waiting")
    again = owner.post(address, {"starter": starter.pk})
    assert (again.status_code, ContentSwitch.objects.count()) == (422, 1)


def test_the_way_back_is_offered_while_the_old_content_is_kept(site_b: Site) -> None:
    owner = browser_of(site_b.membership.customer.user)
    ContentSwitch.objects.create(
        site=site_b, starter_name="Bakery", state="done", new_schema=site_b.schema_name,
        old_schema="site_" + "e" * 32, asked_at=NOW, finished_at=NOW, kept_until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert "Put it back" in owner.get(f"/sites/{site_b.uid}/content/").content.decode()
    assert owner.post(f"/sites/{site_b.uid}/content/back/").status_code == 302
    assert ContentSwitch.objects.waiting().get().new_schema == "site_" + "e" * 32
    ContentSwitch.objects.waiting().delete()
    ContentSwitch.objects.update(kept_until=NOW)
    assert "Put it back" not in owner.get(f"/sites/{site_b.uid}/content/").content.decode()
    assert owner.post(f"/sites/{site_b.uid}/content/back/").status_code == 302
    assert not ContentSwitch.objects.waiting().exists()


def test_a_change_of_content_that_failed_is_told_without_its_error_and_begun_again_by_the_desk(
    site_a: Site, site_b: Site, desk: Client
) -> None:
    starter = Starter.objects.create(site=site_a, name="Bakery")
    ContentSwitch.objects.create(
        site=site_b, starter=starter, starter_name="Bakery", state="failed", new_schema="site_" + "e" * 32,
        attempts=5, error="OSError: /secret/path", asked_at=NOW,
    )  # fmt: skip
    owner = browser_of(site_b.membership.customer.user)
    page = owner.get(f"/sites/{site_b.uid}/content/").content.decode()
    assert "The change did not work" in page
    assert ("secret" in page, 'http-equiv="refresh"' in page) == (False, False)
    address = f"/admin/sites/site/{site_b.pk}/"
    assert f'href="{address}try-again/"' in desk.get(f"{address}change/").content.decode()
    assert "OSError: /secret/path" in desk.get(f"{address}try-again/").content.decode()
    assert desk.post(f"{address}try-again/").status_code == 302
    assert ContentSwitch.objects.waiting().get().starter == starter
    assert f'href="{address}try-again/"' not in desk.get(f"{address}change/").content.decode()
    assert "Your new content is being made" in owner.get(f"/sites/{site_b.uid}/content/").content.decode()


def test_paid_and_not_ready_is_an_alarm_after_two_minutes(site: Site, desk: Client, caplog) -> None:
    assert (paid_not_ready(), alarm_of_unready_sites(now=timezone.now())) == (0, 0)
    Site.objects.filter(pk=site.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    assert paid_not_ready() == 1
    assert alarm_of_unready_sites(now=timezone.now()) == 1
    assert f"site {site.uid}" in caplog.text
    assert "paid and not ready, it waits for owner (Waiting)" in caplog.text
    assert "sites_site" not in caplog.text
    assert "?look=paid_not_ready" in desk.get("/admin/").content.decode()
    listed = desk.get("/admin/sites/site/?look=paid_not_ready").content.decode()
    assert "The Garden" in listed


def test_a_site_that_nobody_pays_for_is_no_alarm(site: Site) -> None:
    at = timezone.now() + timedelta(hours=1)
    assert list(Site.objects.paid_not_ready(at=at)) == [site]
    memberships = type(site.membership).objects.filter(pk=site.membership.pk)
    memberships.update(state="expired", ended_at=NOW)
    assert list(Site.objects.paid_not_ready(at=at)) == []


def test_the_desk_sees_each_step_and_lets_it_be_tried_again(
    site: Site, desk: Client, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    site.steps.filter(name="owner").update(state="failed", error="OSError: disk full")
    asked: list[int] = []
    monkeypatch.setattr(
        "sites.tasks.provision_site.apply_async", lambda kwargs: asked.append(kwargs["site_id"])
    )
    assert "OSError: disk full" in desk.get(f"/admin/sites/site/{site.pk}/change/").content.decode()
    asks = desk.get(f"/admin/sites/site/{site.pk}/try-again/").content.decode()
    assert [words in asks for words in ("OSError: disk full", "Your way in", "The first pages")] == [True] * 3
    assert "Room for your content" not in asks
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(f"/admin/sites/site/{site.pk}/try-again/").status_code == 302
    assert asked == [site.pk]


def test_the_desk_marks_a_site_as_a_starter(site_a: Site, desk: Client) -> None:
    answer = desk.get(f"/admin/sites/site/{site_a.pk}/starter/")
    assert answer["Location"] == f"/admin/sites/starter/add/?site={site_a.pk}"
    assert "{site_title}" in desk.get(answer["Location"]).content.decode()
    desk.post(
        answer["Location"], {"site": site_a.pk, "name": "Bakery", "description": "", "is_offered": "on"}
    )
    assert list(Starter.objects.offered().values_list("name", "site")) == [("Bakery", site_a.pk)]


def test_every_step_has_words_for_its_owner() -> None:
    assert list(STEPS) == ProvisioningStep.Name.values
