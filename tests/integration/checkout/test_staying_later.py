"""What stays, from the Account page: chosen anew until the day of the change, and among what is parked already."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from checkout.models import QuoteChoice
from checkout.operations.renew import renew
from memberships.mails.letter import letter_of
from memberships.models import Membership, Notice
from products.limits import Kind
from products.models import ProductLimit
from sites.models import Site, SiteMember
from sites.operations import apply_entitlements
from tests.integration.checkout.reading import text_of
from tests.integration.checkout.staying import FIVE, fields, keys_of, posts_of, seen, write

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def planned(world: Any, catalogue: Any, alice: Membership, site: Site) -> str:
    """The page of a change to Free on 1 April."""
    world.orders(alice, catalogue.free, now=MARCH_17)
    return f"/account/{alice.uid}/what-stays/"


@pytest.fixture
def parked(alice: Membership, planned: str, site: Site) -> str:
    """The page after that day."""
    renew(membership_id=alice.pk, now=APRIL_1)
    apply_entitlements(site_id=site.pk, now=APRIL_1)
    return f"/account/{alice.uid}/parked/"


def test_until_its_day_another_choice_can_be_made(browser: Client, alice, planned, site) -> None:
    assert f'href="{planned}"' in browser.get(f"/account/{alice.uid}/").content.decode()
    name, page = posts_of(site), browser.get(planned)
    shown = text_of(page)
    assert "Free from 1 April 2026 You keep Premium and its limits until then." in shown
    assert "Keep Premium" in shown
    for chosen in (["One"], ["Two", "Three"]):
        page = browser.post(
            planned, fields(browser.get(planned), name, keep=keys_of(site, *chosen)), follow=True
        )
        assert "Your choice is saved." in text_of(page)
    assert sorted(QuoteChoice.objects.get().keys) == keys_of(site, "Two", "Three")
    assert seen(site) == list(FIVE)
    renew(membership_id=alice.pk, now=APRIL_1)
    apply_entitlements(site_id=site.pk, now=APRIL_1)
    assert seen(site) == ["Two", "Three", "Five"]
    assert browser.get(planned)["Location"] == f"/account/{alice.uid}/"


def test_more_than_fits_is_refused_there_too(browser: Client, planned, site) -> None:
    answer = browser.post(planned, fields(browser.get(planned), posts_of(site), keep=keys_of(site, *FIVE)))
    assert answer.status_code == 422
    assert "5 chosen, and there is room for 3. Untick some to go on." in text_of(answer)
    assert not QuoteChoice.objects.exists()


def test_a_change_taken_back_leaves_nothing_to_choose(browser: Client, alice, planned, site) -> None:
    data = fields(browser.get(planned), posts_of(site), keep=keys_of(site, "One"))
    browser.post(f"/account/{alice.uid}/keep-plan/")
    for answer in (browser.get(planned), browser.post(planned, data)):
        assert answer["Location"] == f"/account/{alice.uid}/"
    browser.post(f"/account/{alice.uid}/cancel/", {"reason": ""})
    assert browser.get(planned)["Location"] == f"/account/{alice.uid}/"
    assert not QuoteChoice.objects.exists()


def test_what_is_parked_is_listed_and_changes_places_at_once(browser: Client, alice, parked, site) -> None:
    assert f'href="{parked}"' in browser.get(f"/account/{alice.uid}/").content.decode()
    name, page = posts_of(site), browser.get(parked)
    assert "Posts · Alpha Garden 5, room for 3 What is not ticked is parked. Visitors" in text_of(page)
    assert fields(page, name)[f"keep-{name}"] == keys_of(site, "Five", "Four", "Three")
    for _ in range(2):
        answer = browser.post(parked, fields(page, name, keep=keys_of(site, "One", "Two", "Three")))
        assert answer.status_code == 302
        assert seen(site) == ["One", "Two", "Three"]
    refused = browser.post(parked, fields(browser.get(parked), name, keep=keys_of(site, *FIVE)))
    assert refused.status_code == 422
    assert seen(site) == ["One", "Two", "Three"]


def test_where_nothing_is_parked_the_page_says_so(browser: Client, alice, site) -> None:
    assert "Nothing is parked" in text_of(browser.get(f"/account/{alice.uid}/parked/"))


def test_strangers_find_neither_page(signed_in, world, alice, planned, site) -> None:
    eve, nobody = signed_in(world.person("eve")), Client(headers={"host": "localhost"})
    SiteMember.objects.create(site=site, email="eve@example.com", role="editor", invited_at=MARCH_17)
    for page in (planned, f"/account/{alice.uid}/parked/"):
        for way in ("get", "post"):
            assert getattr(eve, way)(page).status_code == 404
            assert getattr(nobody, way)(page)["Location"].startswith("/auth/login/")


# -- leaving, undoing, mails


def test_who_cancels_reads_what_is_kept(browser: Client, alice, site) -> None:
    Site.objects.filter(pk=site.pk).update(usage={"posts": 5, "pages": 1})
    shown = text_of(browser.get(f"/account/{alice.uid}/cancel/"))
    assert "What is kept for you Alpha Garden alpha.sites.localhost 5 posts, 1 page" in shown
    assert "Who works on them with you can look at everything and change nothing." in shown


def test_who_undoes_reads_by_name_what_is_in_the_way(
    browser: Client,
    world,
    catalogue,
    alice,
    site,
) -> None:
    ProductLimit.objects.filter(product=catalogue.premium, kind=Kind.POSTS).update(amount=5)
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    apply_entitlements(site_id=site.pk, now=MARCH_17)
    write(site, "Six")
    answer = browser.get(f"/orders/{order.uid}/undo/")
    assert answer.status_code == 409
    assert "Posts · Alpha Garden One 6 used, 5 allowed" in text_of(answer)


def test_the_mails_of_a_downgrade_name_what_does_not_fit(alice, planned, parked, site, settings) -> None:
    letters = {each.kind: letter_of(each, language="en") for each in Notice.objects.filter(membership=alice)}
    text = letters["change_applied"].text
    assert "What your sites then have no room for:\n- Alpha Garden · Posts, parked: Two, One\n" in text
    assert f"{settings.NETWORK_ORIGIN}{parked}" in text
    assert "Alpha Garden · Posts, parked: Two, One" in letters["change_applied"].html
    assert "no room" not in letters["welcome"].text


def test_the_mail_of_a_planned_downgrade_names_what_will_not_fit(alice, planned, site, settings) -> None:
    SiteMember.objects.create(site=site, email="eva@example.com", role="editor", invited_at=MARCH_17)
    notice = Notice.objects.get(membership=alice, kind="change_scheduled")
    text = letter_of(notice, language="en").text
    assert "- Alpha Garden · Posts, parked: Two, One\n- Alpha Garden · Users, all stay: Alice," in text
    assert f"{settings.NETWORK_ORIGIN}{planned}" in text


def test_a_site_that_cannot_be_read_keeps_no_mail_from_being_written(
    alice, planned, site, monkeypatch
) -> None:
    def read_what_is_not_there(**_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM what_is_not_there")

    monkeypatch.setattr("checkout.operations.what_stays_told.foresee_change", read_what_is_not_there)
    notice = Notice.objects.get(membership=alice, kind="change_scheduled")
    assert "From 1 April 2026 on you have:" in letter_of(notice, language="en").text
