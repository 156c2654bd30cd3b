"""Adding a site: by its owner, while the plan has room, once."""

import pytest
from django.test import Client

from checkout.operations import rate_limit
from memberships.models import Membership
from products.limits import Kind
from products.models import ProductLimit
from sites.models import Domain, Site, Starter
from tests.integration.checkout.conftest import MARCH_1, MARCH_17
from tests.integration.checkout.reading import text_of
from tests.integration.checkout.test_account_page import make_site

pytestmark = pytest.mark.django_db
LETTERS = "Use lower-case letters, digits and hyphens; begin and end with a letter or digit."
NOT_OFFERED = "This starter site is not offered with your plan. Choose another."


@pytest.fixture
def url(alice: Membership) -> str:
    return f"/account/{alice.uid}/add-site/"


@pytest.fixture
def taken(world) -> None:
    """Bob has the address `taken`."""
    make_site(world.comes("bob", now=MARCH_1), "taken")


def sites_of(membership: Membership) -> list[str]:
    return list(Site.objects.filter(membership=membership).order_by("id").values_list("slug", flat=True))


def test_a_site_is_ordered_and_its_making_is_shown(alice, browser, url):
    assert "You have 0 of 3 sites. Another one costs nothing extra." in text_of(browser.get(url))
    answer = browser.post(url, {"name": "  The Garden ", "slug": "The-Garden"})
    site = Site.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/sites/{site.uid}/"
    assert (site.name, site.slug, site.membership, site.state) == (
        "The Garden", "the-garden", alice, Site.State.PROVISIONING
    )  # fmt: skip
    assert site.created_at == MARCH_17
    assert Domain.objects.get().domain == "the-garden.sites.localhost"


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": "", "slug": "garden"}, "name", "Enter a name."),
        ({"name": "x" * 81, "slug": "garden"}, "name", "Use a shorter name."),
        ({"name": "Garden", "slug": "a b"}, "slug", LETTERS),
        ({"name": "Garden", "slug": "x" * 5000}, "slug", "Ensure this value has at most 200 characters (it has 5000)."),
        ({"name": "Garden", "slug": "admin"}, "slug", "This address is kept for the network. Choose another."),
        ({"name": "Garden", "slug": "taken"}, "slug", "This address is taken. Choose another."),
        ({"name": "Garden", "slug": "garden", "starter": "99999999999999999999"}, "starter", NOT_OFFERED),
        ({"name": "Garden", "slug": "garden", "starter": "x"}, "starter", NOT_OFFERED),
    ],
    ids=["no name", "long name", "spaces", "huge", "reserved", "taken", "no such starter", "no number"],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(browser, url, typed, field, said):
    page = browser.post(url, typed)
    assert page.status_code == 422
    assert page.context["form"].errors == {field: [said]}
    assert said in text_of(page)
    assert f'value="{typed["slug"]}"' in page.content.decode() or not typed["slug"]
    assert Site.objects.exclude(slug="taken").count() == 0


def test_an_address_that_is_left_empty_is_made_of_the_name(alice, browser, url):
    browser.post(url, {"name": "My Little Garden", "slug": ""})
    assert sites_of(alice) == ["my-little-garden"]


def test_a_suggestion_that_is_pressed_takes_the_place_of_what_was_typed(alice, browser, url):
    browser.post(url, {"name": "Garden", "slug": "admin", "take": "the-garden"})
    assert sites_of(alice) == ["the-garden"]


def test_without_room_the_page_leads_to_more_and_nothing_is_made(alice, browser, url):
    for n in range(3):
        make_site(alice, f"garden-{n}")
    page = browser.get(url)
    assert "Your plan has 3 sites, and all are in use" in text_of(page)
    assert f'href="/account/{alice.uid}/change/"' in page.content.decode()
    late = browser.post(url, {"name": "One more", "slug": "one-more"})
    assert late.status_code == 422
    assert "You have used 3 of the 3 sites in your plan." in text_of(late)
    assert 'value="one-more"' in late.content.decode()
    assert sites_of(alice) == ["garden-0", "garden-1", "garden-2"]
    assert "3 sites: all that your plan has. Upgrade" in text_of(browser.get(f"/account/{alice.uid}/"))


def test_sent_twice_one_site_is_made(alice, browser, url):
    typed = {"name": "Garden", "slug": "garden"}
    assert browser.post(url, typed).status_code == 302
    again = browser.post(url, typed)
    assert again.status_code == 422
    assert again.context["form"].errors == {"slug": ["This address is taken. Choose another."]}
    assert sites_of(alice) == ["garden"]


def test_an_ended_membership_is_asked_back(alice, browser, url):
    Membership.objects.filter(pk=alice.pk).update(state="cancelled", ended_at=MARCH_1)
    assert "Your membership has ended" in text_of(browser.get(url))
    assert browser.post(url, {"name": "Garden", "slug": "garden"}).status_code == 422
    assert sites_of(alice) == []


def test_it_begins_as_the_starter_that_was_chosen(alice, browser, url, catalogue):
    make_site(alice, "example", state=Site.State.READY, ready_at=MARCH_1)
    starter = Starter.objects.create(site=Site.objects.get(), name="Studio", description="For makers")
    assert "Begin with An empty site A home page and an empty blog. Studio For makers" in text_of(
        browser.get(url)
    )
    browser.post(url, {"name": "Garden", "slug": "garden", "starter": starter.pk})
    assert Site.objects.get(slug="garden").starter == starter


def test_a_plan_without_limit_says_so(alice, browser, url, catalogue):
    ProductLimit.objects.filter(product=catalogue.premium, kind=Kind.SITES).update(amount=None)
    assert "Your plan has room for any number of sites." in text_of(browser.get(url))


def test_nobody_makes_and_deletes_sites_without_end(alice, browser, url):
    for n in range(rate_limit.MOST_SITES_A_MINUTE):
        browser.post(url, {"name": "Garden", "slug": f"garden-{n}"})
        Site.objects.all().update(state="recycled", recycled_at=MARCH_17)
    answer = browser.post(url, {"name": "Garden", "slug": "one-more"})
    assert answer.status_code == 429
    assert not Site.objects.filter(slug="one-more").exists()


def test_nobody_else_adds_a_site(world, signed_in, alice, url):
    stranger = signed_in(world.person("mallory"))
    typed = {"name": "Mine", "slug": "mine"}
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, typed).status_code == 404
    nobody = Client(headers={"host": "localhost"})
    assert nobody.get(url)["Location"] == f"/auth/login/?next={url}"
    assert nobody.post(url, typed)["Location"] == f"/auth/login/?next={url}"
    assert sites_of(alice) == []
