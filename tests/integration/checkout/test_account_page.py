"""The Account page: one membership with everything around it."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from memberships.models import Membership, WalletEntry
from sites.models import Site
from tests.factories.catalogue import MONTH, discount, product
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def url(alice):
    return f"/account/{alice.uid}/"


def make_site(membership: Membership, slug: str, **fields) -> None:
    Site.objects.create(name=slug.title(), slug=slug, membership=membership, created_at=MARCH_1, **fields)


def test_the_membership_shows_its_plan_price_next_bill_and_the_way_to_change(browser, url):
    page = browser.get(url)
    shown = text_of(page)
    assert "Your Membership Change Premium Active €30.00 per month" in shown
    assert "Next bill €30.00 on 1 April 2026" in shown
    assert "Member since 1 March 2026" in shown
    assert f'href="{url}change/"' in page.content.decode()


def test_account_leads_to_the_membership(browser, url):
    assert browser.get("/account/").url == url


def test_somebody_without_a_membership_is_told_so(world, signed_in):
    page = signed_in(world.person("nina")).get("/account/")
    assert page.status_code == 200
    assert "You are signed in as nina@example.com, and this account has no membership." in text_of(page)


def test_a_scheduled_change_has_its_banner_and_the_next_bill_follows_it(
    world, catalogue, alice, browser, url
):
    world.orders(alice, catalogue.free, now=MARCH_17)
    shown = text_of(browser.get(url))
    assert "Free from 1 April 2026 You keep Premium and its limits until then." in shown
    assert "Next bill None" in shown
    assert "Planned for 1 April 2026: Downgrade to Free" in shown


def test_keep_my_plan_takes_the_scheduled_change_back(world, catalogue, alice, browser, url):
    world.orders(alice, catalogue.free, now=MARCH_17)
    answer = browser.post(f"{url}keep-plan/")
    shown = text_of(browser.get(answer.url))
    assert "You keep Premium. Nothing will change." in shown
    assert "Free from 1 April 2026" not in shown
    assert "Next bill €30.00 on 1 April 2026" in shown
    again = browser.post(f"{url}keep-plan/", follow=True)
    assert "There was no scheduled change to take back." in text_of(again)


def test_the_next_bill_has_the_code_that_begins_with_a_scheduled_change(
    world, catalogue, alice, browser, url
):
    discount("HALF", percent=50, periods=2)
    small = product("small", group=catalogue.high_end, rank=1, prices={MONTH: 1200})
    world.orders(alice, small, now=MARCH_17, code="HALF")
    assert "Next bill €6.00 on 1 April 2026" in text_of(browser.get(url))


def test_an_overdue_bill_is_the_next_one(world, alice, signed_in, url):
    alice.customer.payment_methods.all().delete()
    world.a_day(APRIL_1)
    with time_machine.travel(APRIL_1, tick=False):
        assert "Next bill €30.00 due now" in text_of(signed_in(alice.customer.user).get(url))


def test_a_site_of_an_ended_membership_is_read_only(alice, browser, url):
    make_site(alice, "garden", state=Site.State.READY, ready_at=MARCH_1, access=Site.Access.READ_ONLY)
    assert "Garden Read-only garden.sites.localhost" in text_of(browser.get(url))


def test_sites_show_their_usage_beside_the_limits(alice, browser, url):
    make_site(
        alice, "garden", state=Site.State.READY, ready_at=MARCH_1,
        usage={"posts": 85, "pages": 50, "disk": 1_000_000, "visits": 10, "users": 6}, usage_at=MARCH_17,
    )  # fmt: skip
    page = browser.get(url)
    shown = text_of(page)
    states = {bar["label"]: bar["state"] for bar in page.context["usage"][0]["bars"]}
    assert states == {
        "Sites": "within", "Posts": "near", "Pages": "full", "Disk space": "within",
        "Visits per month": "within", "Users": "over", "Custom domains": "none",
    }  # fmt: skip
    assert "85 of 100 15 left. Upgrade" in shown.replace("85 / 100 ", "")
    assert "Garden garden.sites.localhost" in shown
    assert "Counts again from 0 on 1 April 2026." in shown


def test_a_site_that_is_being_made_says_so_and_cannot_be_entered(alice, browser, url):
    make_site(alice, "garden")
    site = Site.objects.get(slug="garden")
    page = browser.get(url)
    assert "Garden Being made" in text_of(page)
    assert f"/sites/{site.uid}/enter/" not in page.content.decode()


def test_the_history_tells_changes_with_their_amounts_and_receipts(world, catalogue, alice, signed_in, url):
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    page = signed_in(alice.customer.user).get(url)
    shown = text_of(page)
    assert "Upgraded Premium → Business 17 March 2026 · Receipt · Invoice 2026-00002 (PDF) €75.48" in shown
    assert "Started Premium 1 March 2026 · Receipt · Invoice 2026-00001 (PDF) €30.00" in shown
    assert f'href="/orders/{order.uid}/"' in page.content.decode()


def test_the_wallet_shows_its_balance_and_every_movement(alice, browser, url):
    assert "Wallet €0.00 Nothing has come in yet." in text_of(browser.get(url))
    for amount, reason in ((2000, WalletEntry.Reason.ADJUSTMENT), (-500, WalletEntry.Reason.USED)):
        WalletEntry.objects.create(
            membership=alice, amount=amount, reason=reason, reference=reason, created_at=MARCH_17
        )
    shown = text_of(browser.get(url))
    assert "Wallet €15.00" in shown
    assert "17 March 2026 Used for a bill -€5.00 €15.00 17 March 2026 Adjustment €20.00 €20.00" in shown
    assert "Next bill €15.00 on 1 April 2026" in shown


def test_the_page_asks_the_database_the_same_however_much_there_is(
    world, catalogue, alice, browser, django_assert_num_queries
):
    url = f"/account/{alice.uid}/"
    make_site(alice, "garden", state=Site.State.READY, ready_at=MARCH_1)
    world.orders(alice, catalogue.free, now=MARCH_17)
    browser.get(url)
    with django_assert_num_queries(31):
        browser.get(url)
    for n in range(15):
        make_site(alice, f"garden-{n}", state=Site.State.READY, ready_at=MARCH_1)
        world.orders(alice, catalogue.free, now=MARCH_17)
    with django_assert_num_queries(31):
        browser.get(url)


def test_nobody_else_sees_the_page_or_takes_a_change_back(world, signed_in, url):
    stranger = signed_in(world.person("mallory"))
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}keep-plan/").status_code == 404
    nobody = Client(headers={"host": "localhost"})
    assert nobody.get(url)["Location"] == f"/auth/login/?next={url}"
