"""From a plan to a site, page by page, however one walks."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Quote, SignUp
from checkout.operations.sign_up import make_waiting_sites
from checkout.tasks import sweep_sign_ups
from memberships.models import CardSetup, Membership
from products.models import Price
from sandbox.testing import SandboxProcess
from sites.models import AddressHold, Site
from sites.operations.addresses import forget_old_holds
from tests.factories.catalogue import Catalogue, discount
from tests.integration.checkout.reading import text_of
from tests.integration.sign_up.conftest import ACCOUNT, PASSWORD, SignsUp, choice

pytestmark = pytest.mark.django_db
SITE = {"name": "Nora's Bikes", "slug": "noras-bikes", "starter": ""}


@pytest.fixture
def news(django_capture_on_commit_callbacks):
    """What happens within is followed by its news, as after a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def presses(browser: Client, **more: str):
    """The button of the review."""
    shown = SignUp.objects.get(state="open").quote
    assert shown is not None
    return browser.post("/sign-up/review/", {"quote": str(shown.uid), "card": "other", **more})


def reviews(browser: Client, **site: str) -> str:
    """As far as the review, and what it says."""
    answer = browser.post("/sign-up/site/", {**SITE, **site})
    assert (answer.status_code, answer.get("Location")) == (302, "/sign-up/review/"), answer.content
    return text_of(browser.get("/sign-up/review/"))


def test_a_paid_plan_leads_over_account_site_review_and_payment_to_a_site(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double: SandboxProcess, news
) -> None:
    nora = signs_up(catalogue.premium)
    shown = reviews(nora)
    assert "Pay €30.00 and start" in shown
    assert "noras-bikes.sites.localhost" in shown
    left = presses(nora)
    order = Order.objects.get()
    assert order.payment is not None
    attempt = order.payment.attempts.get()
    assert attempt.url in left.content.decode()
    assert nora.get("/sign-up/")["Location"] == f"/orders/{order.uid}/"
    gateway_double.pay(attempt.gateway_ref)
    with news():
        welcome = nora.get(f"/sign-up/orders/{order.uid}/")
    made = Site.objects.get()
    assert welcome["Location"] == f"/sites/{made.uid}/"
    assert (made.name, made.slug, made.opened_at) == ("Nora's Bikes", "noras-bikes", None)
    sign_up = SignUp.objects.get()
    assert (sign_up.state, sign_up.site) == (SignUp.State.DONE, made)
    assert sign_up.membership.state == Membership.State.ACTIVE
    assert AddressHold.objects.count() == 0
    for path in ("/sign-up/site/", "/sign-up/review/"):
        assert nora.get(path)["Location"] == "/account/"


def test_a_free_plan_needs_no_payment(signs_up: SignsUp, catalogue: Catalogue, gateway_double, news) -> None:
    nora = signs_up(catalogue.free)
    assert "Start now, nothing due" in reviews(nora)
    with news():
        answer = presses(nora)
    order = Order.objects.get()
    assert (answer["Location"], order.payment) == (f"/sign-up/orders/{order.uid}/", None)
    assert nora.get(answer["Location"])["Location"] == f"/sites/{Site.objects.get().uid}/"
    assert gateway_double.state()["charges"]["succeeded"] == 0


def test_a_trial_begins_without_a_card(signs_up: SignsUp, catalogue: Catalogue, gateway_double, news) -> None:
    Price.objects.filter(product=catalogue.premium).update(trial_days=14)
    nora = signs_up(catalogue.premium)
    shown = reviews(nora)
    assert "14 days free" in shown
    assert "Start the trial, nothing due" in shown
    with news():
        presses(nora)
    assert Membership.objects.get().state == Membership.State.TRIALING
    assert Site.objects.count() == 1


def test_with_the_setting_a_trial_begins_with_a_saved_card(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double: SandboxProcess, news, settings
) -> None:
    settings.TRIALS_NEED_A_CARD = True
    Price.objects.filter(product=catalogue.premium).update(trial_days=14)
    nora = signs_up(catalogue.premium)
    assert "This trial begins with a saved card" in reviews(nora)
    assert presses(nora).status_code == 200
    assert Order.objects.count() == 0
    setup = CardSetup.objects.get()
    back = setup.return_url.removeprefix(settings.NETWORK_ORIGIN)
    assert nora.get(back)["Location"] == "/sign-up/review/"
    assert "No card was saved" in text_of(nora.get("/sign-up/review/"))
    gateway_double.pay(setup.gateway_ref)
    assert nora.get(back)["Location"] == "/sign-up/review/"
    assert "Start the trial, nothing due" in text_of(nora.get("/sign-up/review/"))
    with news():
        presses(nora)
    assert Membership.objects.get().state == Membership.State.TRIALING
    assert gateway_double.state()["charges"]["succeeded"] == 0


def test_a_link_chooses_plan_period_packages_and_code_beforehand(
    visitor: Client, catalogue: Catalogue, gateway_double
) -> None:
    discount("WELCOME20", percent=20, periods=3)
    link = choice(catalogue.premium, "year-1", extra=str(catalogue.visits.uid), code="welcome20")
    page = visitor.get("/sign-up/", link)
    assert page.status_code == 200
    assert "€280.00" in text_of(page)  # (300.00 + 50.00) less 20 %
    assert "WELCOME20: 20 % off, for 3 billing periods" in text_of(page)
    account = visitor.post("/sign-up/", link)["Location"]
    carried = parse_qs(urlsplit(account).query)
    assert carried == {
        "plan": [str(catalogue.premium.uid)],
        "period": ["year-1"],
        "extra": [str(catalogue.visits.uid)],
        f"quantity-{catalogue.visits.uid}": ["1"],
        "code": ["welcome20"],
    }
    assert "Premium, Yearly: €280.00 due today." in text_of(visitor.get(account))


def test_every_family_of_plans_is_on_offer_and_what_is_not_on_sale_is_not(
    visitor: Client, catalogue: Catalogue
) -> None:
    catalogue.business.is_active = False
    catalogue.business.save()
    shown = text_of(visitor.get("/sign-up/"))
    for name in ("Free", "Premium", "Basic"):
        assert name in shown
    assert "Business" not in shown


def test_a_link_to_a_plan_that_is_gone_offers_the_others(visitor: Client, catalogue: Catalogue) -> None:
    catalogue.business.is_active = False
    catalogue.business.save()
    page = visitor.get("/sign-up/", choice(catalogue.business))
    assert page.status_code == 200
    assert "Choose one of the plans shown." in text_of(page)
    assert visitor.post("/sign-up/", choice(catalogue.business)).status_code == 422


def test_somebody_comes_back_after_days_in_another_browser(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double
) -> None:
    nora = signs_up(catalogue.premium)
    reviews(nora)
    SignUp.objects.update(touched_at=timezone.now() - timedelta(days=5))
    AddressHold.objects.update(until=timezone.now() - timedelta(days=4))
    again = Client(headers={"host": "localhost"})
    assert again.post("/auth/login/", {"login": ACCOUNT["email"], "password": PASSWORD}).status_code == 302
    assert again.get("/account/")["Location"] == "/sign-up/"
    assert again.get("/sign-up/")["Location"] == "/sign-up/site/"
    page = again.get("/sign-up/site/")
    assert 'value="Nora&#x27;s Bikes"' in page.content.decode()
    assert "noras-bikes.sites.localhost is free." in text_of(page)
    assert "Pay €30.00 and start" in reviews(again)


def test_who_has_an_account_signs_in_and_keeps_the_choice(
    visitor: Client, catalogue: Catalogue, gateway_double
) -> None:
    User.objects.create_user("max@example.com", PASSWORD, name="Max")
    account = visitor.get(visitor.post("/sign-up/", choice(catalogue.premium))["Location"])
    link = next(
        part
        for part in account.content.decode().split('"')
        if part.startswith("/auth/login/?next=%2Fsign-up")
    )
    came = visitor.post(link.replace("&amp;", "&"), {"login": "max@example.com", "password": PASSWORD})
    assert came["Location"] == f"/sign-up/?plan={catalogue.premium.uid}&period=month-1"
    assert visitor.get(came["Location"]).status_code == 200
    assert visitor.post("/sign-up/", choice(catalogue.premium))["Location"] == "/sign-up/site/"


def test_an_empty_address_is_made_of_the_name_and_one_that_was_typed_stays(
    signs_up: SignsUp, catalogue: Catalogue
) -> None:
    browser = signs_up(catalogue.free)
    filled = browser.get("/sites/address/", {"fill": "yes", "name": "Nora’s Bikes", "slug": ""})
    assert (found(filled), "noras-bikes.sites." in text_of(filled)) == ("noras-bikes", True)
    kept = browser.get("/sites/address/", {"fill": "yes", "name": "Nora’s Bikes", "slug": "bikes"})
    assert (kept.status_code, kept.content) == (204, b"")  # the page swaps nothing in
    taken = browser.get("/sites/address/", {"slug": "bikes", "take": "bikes-2"})
    assert found(taken) == "bikes-2"
    assert "HX-Trigger" not in browser.get("/sites/address/", {"slug": "bikes"})


def found(answer: HttpResponseBase) -> str:
    """The address that goes into the field."""
    return str(json.loads(answer["HX-Trigger"])["address-found"]["slug"])


def test_the_news_that_is_lost_is_found_by_the_sweep(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double
) -> None:
    nora = signs_up(catalogue.free)
    reviews(nora)
    presses(nora)  # its news is never sent: the test's transaction does not commit
    assert Site.objects.count() == 0
    sweep_sign_ups()
    sweep_sign_ups()
    assert Site.objects.get().slug == "noras-bikes"
    assert SignUp.objects.get().state == SignUp.State.DONE


def test_looking_at_the_review_again_makes_no_other_quote(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double
) -> None:
    nora = signs_up(catalogue.premium)
    reviews(nora)
    for _again in range(3):
        nora.get("/sign-up/review/")
    assert Quote.objects.count() == 1


def test_an_address_that_was_lost_after_the_payment_is_chosen_anew(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double, world
) -> None:
    nora = signs_up(catalogue.free)
    reviews(nora)
    presses(nora)
    AddressHold.objects.all().delete()
    other = world.signs_up("omar", catalogue.free, now=timezone.now())
    AddressHold.objects.create(
        slug="noras-bikes", membership=other, until=timezone.now() + timedelta(hours=1)
    )
    assert make_waiting_sites(now=timezone.now()) == 0
    assert nora.get("/sign-up/")["Location"] == "/sign-up/site/"
    assert "Your plan is paid, and the address you chose is gone" in text_of(nora.get("/sign-up/site/"))
    made = nora.post("/sign-up/site/", {**SITE, "slug": "noras-shop"})
    assert made["Location"] == f"/sites/{Site.objects.get(slug='noras-shop').uid}/"


def test_a_sign_up_that_was_left_ends_and_another_can_be_begun(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double
) -> None:
    nora = signs_up(catalogue.premium)
    reviews(nora)
    month_ago = timezone.now() - timedelta(days=30, minutes=1)
    SignUp.objects.update(touched_at=month_ago)
    AddressHold.objects.update(until=month_ago)
    sweep_sign_ups()
    forget_old_holds(now=timezone.now())
    assert SignUp.objects.get().state == SignUp.State.LEFT
    assert AddressHold.objects.count() == 0
    assert nora.post("/sign-up/", choice(catalogue.free))["Location"] == "/sign-up/site/"
    assert SignUp.objects.filter(state="open").count() == 1
    assert Membership.objects.count() == 1  # the one that was never begun


def test_an_order_that_waits_for_its_money_is_not_left(
    signs_up: SignsUp, catalogue: Catalogue, gateway_double
) -> None:
    nora = signs_up(catalogue.premium)
    reviews(nora)
    presses(nora)
    SignUp.objects.update(touched_at=timezone.now() - timedelta(days=60))
    sweep_sign_ups()
    assert SignUp.objects.get().state == SignUp.State.OPEN
