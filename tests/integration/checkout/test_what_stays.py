"""Downgrade without fear: what no longer fits is named before anything happens, the customer says what stays, and it
all comes back."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context
from wagtail.models import Page

from checkout.models import Order, Quote, QuoteChoice
from checkout.operations.renew import renew
from memberships.operations.overrides import override_limits
from products.limits import Kind
from products.models import ProductLimit
from sites.content.models import Parked, PostPage
from sites.models import ChosenToStay, Domain, DomainClaim, OverLimitPolicy, Site, SiteMember
from sites.operations import apply_entitlements
from tests.factories.catalogue import product
from tests.integration.checkout.reading import text_of
from tests.integration.checkout.staying import FIVE, fields, keys_of, posts_of, seen, write

pytestmark = pytest.mark.django_db
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def quote(world, catalogue, alice, site) -> Quote:
    """From Premium to Free on 1 April."""
    made: Quote = world.quote(alice, catalogue.free, now=MARCH_17)
    return made


@pytest.fixture
def url(quote) -> str:
    return f"/quotes/{quote.uid}/"


# -- before anything is confirmed


def test_the_review_names_what_no_longer_fits_and_what_becomes_of_it(browser: Client, url, site) -> None:
    page = browser.get(url)
    shown = text_of(page)
    assert "What no longer fits Nothing is deleted. What is parked is kept as it is" in shown
    assert "Alpha Garden alpha.sites.localhost Posts · Alpha Garden 5, room for 3" in shown
    assert "What is not ticked is parked on 1 April 2026. Visitors do not see what is parked;" in shown
    ticks = fields(page, posts_of(site))
    assert ticks[f"keep-{posts_of(site)}"] == keys_of(site, "Five", "Four", "Three")
    assert "3 of 3 chosen." in shown
    for title in FIVE:
        assert title in shown
    assert "Features that end on 1 April 2026" in shown


def test_keeping_the_plan_is_as_good_a_choice(browser: Client, url) -> None:
    html = browser.get(url).content.decode()
    keep = re.search(r'<a class="button button--large button--wide"\s+href="([^"]*)"', html)
    assert keep
    assert keep[1].startswith("/account/")
    assert "Keep Premium" in text_of(browser.get(url))


def test_what_all_fits_is_said_too(browser: Client, world, catalogue, alice, quote) -> None:
    ProductLimit.objects.filter(product=catalogue.free, kind=Kind.POSTS).update(amount=5)
    shown = text_of(browser.get(f"/quotes/{world.quote(alice, catalogue.free, now=MARCH_17).uid}/"))
    assert "All that is in your sites fits. Nothing is put away." in shown


def test_an_upgrade_says_nothing_of_it(browser: Client, world, catalogue, alice, site) -> None:
    ProductLimit.objects.create(product=catalogue.business, kind=Kind.NO_FOOTER_CREDIT, amount=None)
    shown = text_of(browser.get(f"/quotes/{world.quote(alice, catalogue.business, now=MARCH_17).uid}/"))
    assert "fits" not in shown


def test_choosing_changes_nothing_but_the_choice(browser: Client, url, quote, site) -> None:
    name, chosen = posts_of(site), keys_of(site, "One", "Two")
    answer = browser.post(f"{url}what-stays/", fields(browser.get(url), name, keep=chosen))
    assert (answer.status_code, answer["Location"]) == (302, url)
    [choice] = QuoteChoice.objects.all()
    assert (choice.quote, choice.site_id, choice.kind, sorted(choice.keys)) == (
        quote,
        site.pk,
        "posts",
        chosen,
    )
    assert (Order.objects.filter(quote=quote).exists(), ChosenToStay.objects.exists()) == (False, False)
    assert len(seen(site)) == 5
    page = browser.get(url)
    assert fields(page, name)[f"keep-{name}"] == chosen[::-1]
    assert "2 of 3 chosen. We fill the rest." in text_of(page)


def test_more_than_fits_is_refused_and_stays_ticked(browser: Client, url, quote, site) -> None:
    name = posts_of(site)
    for way in ("what-stays/", "confirm/"):
        answer = browser.post(f"{url}{way}", fields(browser.get(url), name, keep=keys_of(site, *FIVE)))
        assert answer.status_code == 422
        assert "5 chosen, and there is room for 3. Untick some to go on." in text_of(answer)
        again = fields(answer, name)
        assert len(again[f"keep-{name}"]) == 5
        assert browser.post(f"{url}{way}", again).status_code == 422
    assert not QuoteChoice.objects.exists()
    assert not Order.objects.filter(quote=quote).exists()


def test_we_choose_again_when_asked_to(browser: Client, url, site) -> None:
    name = posts_of(site)
    assert "Choose for me" not in text_of(browser.get(url))
    browser.post(f"{url}what-stays/", fields(browser.get(url), name, keep=keys_of(site, "One")))
    page = browser.get(url)
    assert "Choose for me" in text_of(page)
    answer = browser.post(f"{url}what-stays/", fields(page, name) | {"instead": f"automatic:{name}"})
    assert answer["Location"] == f"{url}#{name}"
    assert not QuoteChoice.objects.exists()


def test_a_list_that_came_back_as_it_went_out_is_no_choice(browser: Client, url, site) -> None:
    page = browser.get(url)
    write(site, "Six")
    browser.post(f"{url}what-stays/", fields(page, posts_of(site)))
    assert not QuoteChoice.objects.exists()


def test_a_post_that_went_or_came_meanwhile_is_no_trouble(browser: Client, url, site) -> None:
    name, page = posts_of(site), browser.get(url)
    chosen = keys_of(site, "One", "Two", "Three")
    with tenant_context(site):
        PostPage.objects.get(title="Two").delete()
    write(site, "Six")
    browser.post(f"{url}what-stays/", fields(page, name, keep=chosen))
    assert sorted(QuoteChoice.objects.get().keys) == keys_of(site, "One", "Three")
    assert "Six" in text_of(browser.get(url))


def test_what_is_not_there_to_choose_is_not_chosen(browser: Client, url, site, site_b: Site, quote) -> None:
    """Another customer's keys and sites, kinds that are never parked, and nonsense."""
    name = posts_of(site)
    write(site_b, "Bob’s")
    foreign = {
        "list": [name, f"posts-{site_b.pk}", f"disk-{site.pk}", "posts", "sites", "x", f"posts-{'9' * 40}"],
        f"stood-{name}": " ".join(f"+{key}" for key in keys_of(site, *FIVE)),
        f"keep-{name}": [*keys_of(site, "One"), "999999", "\0", "'; DROP TABLE"],
        f"keep-posts-{site_b.pk}": keys_of(site_b, "Bob’s"),
        f"keep-disk-{site.pk}": ["SiteImage-1"],
        "keep-sites": [str(site_b.uid)],
        "page-x": "-1",
        "go": f"{name}:{'9' * 20}",
    }
    assert browser.post(f"{url}what-stays/", foreign).status_code == 302
    [choice] = QuoteChoice.objects.all()
    assert (choice.site_id, choice.keys) == (site.pk, keys_of(site, "One"))


def test_nobody_else_finds_the_page_or_chooses(signed_in, world, url, site, in_march) -> None:
    stranger, nobody = signed_in(world.person("eve")), Client(headers={"host": "localhost"})
    data = {"list": posts_of(site), f"keep-{posts_of(site)}": "1"}
    assert stranger.post(f"{url}what-stays/", data).status_code == 404
    assert nobody.post(f"{url}what-stays/", data)["Location"].startswith("/auth/login/")
    assert stranger.get(f"{url}what-stays/").status_code == 405
    assert not QuoteChoice.objects.exists()


def test_a_choice_is_made_for_one_quote_and_carried_to_the_one_that_takes_its_place(
    browser: Client, url, site, world, catalogue
) -> None:
    name = posts_of(site)
    browser.post(f"{url}what-stays/", fields(browser.get(url), name, keep=keys_of(site, "One")))
    other = browser.get(f"/quotes/{world.quote(site.membership, catalogue.free, now=MARCH_17).uid}/")
    assert "One" not in fields(other, name)[f"keep-{name}"]
    page = browser.get(url)
    with time_machine.travel(MARCH_17 + timedelta(minutes=20), tick=False):
        answer = browser.post(f"{url}confirm/", fields(page, name, keep=keys_of(site, "Two")))
    assert answer.status_code == 409
    fresh = Quote.objects.latest("pk")
    assert f"/quotes/{fresh.uid}/" in answer.content.decode()
    assert QuoteChoice.objects.get(quote=fresh).keys == keys_of(site, "Two")


def test_a_confirmed_quote_is_not_chosen_for_any_more(browser: Client, url, quote, site) -> None:
    name, page = posts_of(site), browser.get(url)
    browser.post(f"{url}confirm/", fields(page, name, keep=keys_of(site, "One")))
    order = Order.objects.get(quote=quote)
    for _ in range(2):
        again = browser.post(f"{url}confirm/", fields(page, name, keep=keys_of(site, "Two")))
        assert again["Location"] == f"/orders/{order.uid}/"
    late = browser.post(f"{url}what-stays/", fields(page, name, keep=keys_of(site, "Two")))
    assert late.status_code == 302
    assert QuoteChoice.objects.get().keys == keys_of(site, "One")


# -- other kinds


def test_people_stay_and_are_named(browser: Client, url, site) -> None:
    SiteMember.objects.create(site=site, email="eva@example.com", role="editor", invited_at=MARCH_17)
    shown = text_of(browser.get(url))
    assert "Users · Alpha Garden 2, room for 1 All keep their access. Nobody can be invited" in shown
    assert "Alice eva@example.com" in shown


def test_which_name_stays_is_chosen_and_one_that_leads_here_is_warned_of(
    browser: Client, url, site, catalogue
) -> None:
    for plan, amount in ((catalogue.premium, 3), (catalogue.free, 1)):
        ProductLimit.objects.create(product=plan, kind=Kind.DOMAINS, amount=amount)
    for days, name in enumerate(("old.example", "new.example")):
        DomainClaim.objects.create(
            membership=site.membership, site=site, domain=name, state="active", created_at=MARCH_17 + timedelta(days),
            proven_at=MARCH_17, seen={"alias": site.host},
        )  # fmt: skip
        Domain.objects.create(tenant=site, domain=name, created_at=MARCH_17)
    page, name = browser.get(url), f"domains-{site.pk}"
    shown = text_of(page)
    assert "Its DNS still leads here: let the name stay, or change its DNS where you bought it." in shown
    assert "A parked name leads nowhere and stays yours; the site is at its own address." in shown
    assert fields(page, name)[f"keep-{name}"] == ["old.example"]
    browser.post(f"{url}what-stays/", fields(page, name, keep=["new.example"]))
    assert QuoteChoice.objects.get().keys == ["new.example"]


def test_a_policy_that_parks_nothing_says_so(browser: Client, url, site) -> None:
    OverLimitPolicy.objects.create(kind="posts", policy="block")
    shown = text_of(browser.get(url))
    assert "All stay, and visitors see a notice in place of the site until there is room again." in shown
    assert "chosen." not in shown


# -- many


def test_a_thousand_posts_are_chosen_from_page_by_page(
    browser: Client, url, site, django_assert_max_num_queries
) -> None:
    name = posts_of(site)
    with CaptureQueriesContext(connection) as few:
        browser.get(url)
    many(site, 995)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(url)
    assert len(queries) == len(few)
    assert "1,000, room for 3" in text_of(page)
    assert "Page 1 of 40" in text_of(page)
    assert len(fields(page, name)[f"stood-{name}"].split()) == 25
    empty = browser.post(f"{url}what-stays/", fields(page, name) | {"instead": f"none:{name}"})
    assert empty["Location"] == f"{url}#{name}"
    page = browser.get(f"{url}?page-{name}=40")
    assert "Page 40 of 40" in text_of(page)
    one = keys_of(site, "One")
    back = browser.post(
        f"{url}what-stays/", fields(page, name, keep=one) | {"go": f"{name}:39", f"page-{name}": "40"}
    )
    assert back["Location"] == f"{url}?page-{name}=39#{name}"
    page = browser.get(f"{url}?page-{name}=39")
    assert "1 of 3 chosen. We fill the rest." in text_of(page)
    browser.post(
        f"{url}what-stays/", fields(page, name, keep=fields(page, name)[f"stood-{name}"].split()[:1])
    )
    [choice] = QuoteChoice.objects.all()
    assert len(choice.keys) == 2
    assert one[0] in choice.keys


def columns(model: Any, *, but: str) -> list[str]:
    return [field.column for field in model._meta.local_concrete_fields if field.column != but]


def many(site: Site, count: int) -> None:
    """So many older posts, in two statements: copies of the oldest."""
    with tenant_context(site), connection.cursor() as cursor:
        first = PostPage.objects.get(title="One")
        of_page = columns(Page, but="id")
        anew = {
            "path": f"'{first.path[:-4]}Z' || lpad(number::text, 3, '0')",
            "slug": "'copy-' || number",
            "title": "'Copy ' || number",
            "translation_key": "gen_random_uuid()",
        }
        cursor.execute(
            f"INSERT INTO wagtailcore_page ({', '.join(of_page)})"
            f" SELECT {', '.join(anew.get(column, column) for column in of_page)}"
            " FROM wagtailcore_page, generate_series(1, %s) AS number WHERE id = %s",
            [count, first.pk],
        )
        of_post = columns(PostPage, but="page_ptr_id")
        cursor.execute(
            f"INSERT INTO content_postpage (page_ptr_id, {', '.join(of_post)})"
            f" SELECT copy.id, {', '.join('date - 1' if column == 'date' else column for column in of_post)}"
            " FROM content_postpage, wagtailcore_page AS copy"
            " WHERE page_ptr_id = %s AND copy.slug LIKE 'copy-%%'",
            [first.pk],
        )


# -- when it takes effect


def test_what_was_chosen_stays_when_the_day_has_come_and_all_comes_back_with_an_upgrade(
    browser: Client, url, site, world, catalogue
) -> None:
    name, alice = posts_of(site), site.membership
    browser.post(f"{url}confirm/", fields(browser.get(url), name, keep=keys_of(site, "One", "Four")))
    assert len(seen(site)) == 5
    with tenant_context(site):
        PostPage.objects.get(title="Four").delete()
    write(site, "Six")
    renew(membership_id=alice.pk, now=APRIL_1)
    apply_entitlements(site_id=site.pk, now=APRIL_1)
    assert seen(site) == ["One", "Five", "Six"]
    with tenant_context(site):
        assert Parked.objects.count() == 2
    world.pays(world.orders(alice, catalogue.premium, now=APRIL_1), now=APRIL_1)
    apply_entitlements(site_id=site.pk, now=APRIL_1)
    assert seen(site) == ["One", "Two", "Three", "Five", "Six"]


def test_what_was_chosen_for_a_change_that_was_taken_back_is_forgotten(
    browser: Client, url, site, world, catalogue
) -> None:
    alice = site.membership
    browser.post(f"{url}confirm/", fields(browser.get(url), posts_of(site), keep=keys_of(site, "One")))
    browser.post(f"/account/{alice.uid}/keep-plan/")
    world.orders(alice, catalogue.free, now=MARCH_17)
    renew(membership_id=alice.pk, now=APRIL_1)
    apply_entitlements(site_id=site.pk, now=APRIL_1)
    assert seen(site) == ["Three", "Four", "Five"]


def test_a_downgrade_in_a_trial_takes_the_choice_with_it_at_once(
    browser: Client, world, catalogue, site, signed_in
) -> None:
    for plan in (catalogue.premium, catalogue.free):
        plan.prices.update(trial_days=30)
    tom = world.signs_up("tom", catalogue.premium, now=MARCH_1)
    Site.objects.filter(pk=site.pk).update(membership=tom)
    address = f"/quotes/{world.quote(tom, catalogue.free, now=MARCH_17).uid}/"
    toms = signed_in(tom.customer.user)
    page = toms.get(address)
    assert "What is not ticked is parked at once." in text_of(page)
    toms.post(f"{address}confirm/", fields(page, posts_of(site), keep=keys_of(site, "One", "Two", "Three")))
    apply_entitlements(site_id=site.pk, now=MARCH_17)
    assert seen(site) == ["One", "Two", "Three"]


def test_a_package_given_up_names_what_its_room_held(browser: Client, world, catalogue, site) -> None:
    more = product("more-posts", type="package", prices={"month": 1000}, limits={Kind.POSTS: 2})
    for plan in (catalogue.premium, catalogue.free):
        plan.addons.add(more)
    ProductLimit.objects.filter(product=catalogue.premium, kind=Kind.POSTS).update(amount=3)
    alice = site.membership
    world.pays(world.orders(alice, catalogue.premium, addons={more: 1}, now=MARCH_17), now=MARCH_17)
    page = browser.get(f"/quotes/{world.quote(alice, catalogue.premium, now=MARCH_17).uid}/")
    assert "Posts · Alpha Garden 5, room for 3 What is not ticked is parked on 1 April 2026." in text_of(page)


def test_who_comes_back_to_less_sees_it_first(browser: Client, world, catalogue, site) -> None:
    type(site.membership).objects.filter(pk=site.membership_id).update(state="cancelled", ended_at=MARCH_1)
    page = browser.get(f"/quotes/{world.quote(site.membership, catalogue.free, now=MARCH_17).uid}/")
    assert "5, room for 3 What is not ticked is parked at once." in text_of(page)
    assert "Keep" not in text_of(page)


def test_room_that_staff_gave_is_counted(browser: Client, url, site, world) -> None:
    staff = world.person("staff", is_staff=True)
    override_limits(
        membership=site.membership, amounts={Kind.POSTS: 1}, reason="a gift", ends_at=None, actor=staff, now=MARCH_17
    )  # fmt: skip
    assert "5, room for 4" in text_of(browser.get(url))
