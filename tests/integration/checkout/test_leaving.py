"""Cancelling by the Account page: what is said before, what happens, and the way back."""

from datetime import UTC, datetime

import pytest
import time_machine

from checkout.models import Order
from memberships.billing.gateway import GatewayUnavailable
from memberships.operations.lifecycle import cancel_at_period_end, carry_out_cancellation
from tests.integration.checkout.reading import text_of
from tests.integration.checkout.test_account_page import make_site

pytestmark = pytest.mark.django_db
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
SAVED_THEN_DECLINED = "4000000000000341"


@pytest.fixture
def url(alice):
    return f"/account/{alice.uid}/"


@pytest.fixture
def home(signed_in, alice):
    """Alice's browser, whatever the time."""
    return signed_in(alice.customer.user)


@pytest.fixture
def overdue(world, alice):
    """It is 3 April, and the bill of 1 April was declined."""
    world.gateway.change_card(world.card_of(alice).gateway_ref, card=SAVED_THEN_DECLINED)
    world.a_day(APRIL_1)
    with time_machine.travel(datetime(2026, 4, 3, tzinfo=UTC), tick=False):
        yield Order.objects.open().get()


def test_the_page_says_when_it_ends_and_what_becomes_of_the_sites(world, alice, browser, url):
    make_site(alice, "bakery", state="ready", ready_at=MARCH_17)
    shown = text_of(browser.get(f"{url}cancel/"))
    assert "You keep Premium until 1 April 2026 . Then your membership ends" in shown
    assert "Your sites are then read-only; visitors see them until 15 April 2026, and then a notice." in shown
    assert "Bakery" in shown
    assert "Cancel on 1 April 2026 Keep Premium" in shown
    assert f'href="{url}cancel/"' in browser.get(url).content.decode()


def test_cancelling_has_a_banner_with_the_way_back_and_no_next_bill(world, alice, browser, url):
    answer = browser.post(f"{url}cancel/", {"reason": "Moving away"})
    shown = text_of(browser.get(answer.url))
    assert "Your membership ends on 1 April 2026. Until then you can take it back here." in shown
    assert "Your membership ends on 1 April 2026 You keep Premium until then." in shown
    assert "Keep my plan" in shown
    assert "Next bill None" in shown
    assert "Cancelled at the end of the period" in shown
    assert f"{url}cancel/" not in browser.get(url).content.decode()
    change = alice.scheduled_changes.get()
    assert (change.kind, change.reason, change.actor) == ("cancellation", "Moving away", alice.customer.user)


def test_keep_my_plan_takes_the_cancellation_back(alice, browser, url):
    browser.post(f"{url}cancel/")
    answer = browser.post(f"{url}keep-plan/")
    shown = text_of(browser.get(answer.url))
    assert "You keep Premium. Nothing will change." in shown
    assert "Next bill €30.00 on 1 April 2026" in shown


def test_cancelling_twice_is_cancelling_once(alice, browser, url):
    for _ in range(2):
        browser.post(f"{url}cancel/")
    assert alice.scheduled_changes.count() == 1


def test_a_reason_that_is_too_long_is_told_and_kept(alice, browser, url):
    page = browser.post(f"{url}cancel/", {"reason": "x" * 241})
    assert (page.status_code, "x" * 241 in page.content.decode()) == (422, True)
    assert not alice.scheduled_changes.exists()


def test_a_free_membership_ends_at_once(world, catalogue, signed_in):
    bob = world.signs_up("bob", catalogue.free, now=MARCH_17)
    browser = signed_in(bob.customer.user)
    assert "Free ends at once ." in text_of(browser.get(f"/account/{bob.uid}/cancel/"))
    browser.post(f"/account/{bob.uid}/cancel/")
    shown = text_of(browser.get(f"/account/{bob.uid}/"))
    assert "Cancelled" in shown
    assert "Come back" in shown
    assert world.fresh(bob).state == "cancelled"


def test_a_change_under_way_is_finished_or_stopped_first(world, catalogue, alice, browser, url):
    order = world.orders(alice, catalogue.business, now=MARCH_17)
    answer = browser.post(f"{url}cancel/")
    assert answer.url == f"/orders/{order.uid}/"
    assert not alice.scheduled_changes.exists()


def test_nobody_cancels_what_is_not_theirs(world, catalogue, alice, signed_in, url):
    mallory = world.person("mallory")
    for browser in (signed_in(mallory),):
        assert browser.get(f"{url}cancel/").status_code == 404
        assert browser.post(f"{url}cancel/").status_code == 404
    assert world.fresh(alice).state == "active"


def test_an_unpaid_bill_is_shown_with_its_dates_and_the_way_to_pay(home, world, overdue, url):
    shown = text_of(home.get(url))
    assert "A bill of €30.00 is unpaid" in shown
    assert "Your membership expires on 15 April 2026 unless it is paid." in shown
    assert "Your card is charged again on 2 April 2026." in shown
    assert f'href="/orders/{overdue.uid}/"' in home.get(url).content.decode()
    assert "A change is waiting for its payment" not in shown


def test_cancelling_with_an_unpaid_bill_says_that_it_ends_at_once_and_is_owed_no_more(
    home, world, overdue, url
):
    shown = text_of(home.get(f"{url}cancel/"))
    assert "Premium ends at once" in shown
    assert "The unpaid bill of €30.00 is closed with it. You owe nothing." in shown
    home.post(f"{url}cancel/")
    overdue.refresh_from_db()
    assert (world.fresh(overdue.membership).state, overdue.state) == ("cancelled", "cancelled")


def test_a_bill_that_cannot_be_closed_leaves_everything_as_it_was(home, world, overdue, url, monkeypatch):
    def silent(*_args: object, **_kwargs: object) -> None:
        raise GatewayUnavailable("no answer")

    monkeypatch.setattr("checkout.operations.pay.close_payment", silent)
    answer = home.post(f"{url}cancel/")
    assert "so nothing was cancelled. Please try again." in text_of(home.get(answer.url))
    overdue.refresh_from_db()
    assert (world.fresh(overdue.membership).state, overdue.state) == ("past_due", "open")


@pytest.fixture
def gone(world, alice):
    """Alice cancelled; it is 20 April."""
    change = cancel_at_period_end(membership=alice, actor=None, reason="", now=MARCH_17)
    assert change is not None
    carry_out_cancellation(membership=alice, change=change, now=APRIL_1)
    with time_machine.travel(datetime(2026, 4, 20, tzinfo=UTC), tick=False):
        yield world.fresh(alice)


def test_who_has_left_is_told_since_when_and_offered_to_come_back(home, gone, url):
    make_site(gone, "bakery", state="ready", ready_at=MARCH_17, access="notice")
    shown = text_of(home.get(url))
    assert "Your membership ended on 1 April 2026" in shown
    assert "Your sites are read-only for you, and visitors see a notice instead of them." in shown
    assert "Everything is kept: come back, and it is as it was." in shown
    assert "Notice for visitors" in shown
    assert "Limits and usage" not in shown
    assert f"{url}cancel/" not in shown


def test_coming_back_is_priced_in_full_and_paid_as_any_change(home, catalogue, gone, url):
    page = home.get(f"{url}change/")
    assert [plan["badge"] for plan in page.context["plans"]] == ["", "Your plan before", ""]
    choice = {"plan": str(catalogue.premium.uid), "period": "month-1"}
    shown = text_of(home.get(f"{url}change/", choice))
    assert "Come back" in shown
    assert "Due today €30.00" in shown
    review = home.get(home.post(f"{url}change/", choice).url)
    assert "Pay €30.00 and come back" in text_of(review)
    assert "Come back with Premium" in text_of(review)


def test_who_comes_back_pays_todays_price_and_cannot_have_what_is_no_longer_sold(home, catalogue, gone, url):
    from products.operations.prices import revise_price

    price = catalogue.premium.prices.get(interval_unit="month")
    revise_price(price=price, amount=3500, setup_fee=0, trial_days=0, now=APRIL_1)
    choice = {"plan": str(catalogue.premium.uid), "period": "month-1"}
    assert "Due today €35.00" in text_of(home.get(f"{url}change/", choice))
    catalogue.premium.is_active = False
    catalogue.premium.save()
    page = home.get(f"{url}change/")
    assert [plan["name"] for plan in page.context["plans"]] == ["Free", "Business"]
    assert home.post(f"{url}change/", choice).status_code == 422


def test_who_has_left_cannot_leave_again(home, gone, url):
    for answer in (home.get(f"{url}cancel/"), home.post(f"{url}cancel/")):
        assert (answer.status_code, answer.url) == (302, url)
