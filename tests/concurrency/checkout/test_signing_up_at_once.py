"""Many sign up at the same moment: for one address, with one account, from two windows."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from checkout.models import Order, SignUp
from checkout.operations.selection import Choice
from checkout.operations.sign_up import address_site, begin, make_site
from memberships.models import Membership
from products.limits import Kind
from sites.models import AddressHold, Site
from sites.operations import create_site
from tests.factories.at_once import at_once
from tests.factories.catalogue import Catalogue
from tests.factories.world import MONTHLY
from tests.plugins.sites import NOW, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db) -> Catalogue:
    return Catalogue()


def signing_up(name: str, shop: Catalogue) -> SignUp:
    user = User.objects.create_user(f"{name}@example.com", name=name.title())
    return begin(user=user, choice=Choice(plan=shop.free.uid, interval=MONTHLY, addons={}), now=NOW)


def test_of_many_who_want_one_address_one_gets_it(shop: Catalogue) -> None:
    sign_ups = [signing_up(name, shop) for name in ("ada", "bob", "cleo", "dan")]

    def take(number: int) -> str:
        address_site(sign_up=sign_ups[number], name="Bikes", slug="bikes", starter=None, now=NOW)
        return "held"

    told = at_once(4, take)
    assert told.count("held") == 1
    assert sum(isinstance(each, ValidationError) for each in told) == 3
    assert AddressHold.objects.get().membership == SignUp.objects.exclude(slug="").get().membership


def test_two_who_trade_addresses_do_not_wait_for_each_other(shop: Catalogue) -> None:
    sign_ups = [signing_up(name, shop) for name in ("ada", "bob")]
    for number, slug in enumerate(("left", "right")):
        address_site(sign_up=sign_ups[number], name="Bikes", slug=slug, starter=None, now=NOW)

    def trade(number: int) -> str:
        slug = ("right", "left")[number]
        address_site(sign_up=sign_ups[number], name="Bikes", slug=slug, starter=None, now=NOW)
        return "held"

    assert [type(each) for each in at_once(2, trade)] == [ValidationError, ValidationError]
    assert AddressHold.objects.count() == 2


def test_who_holds_an_address_and_who_makes_a_site_of_it_at_once(shop: Catalogue) -> None:
    sign_up = signing_up("ada", shop)
    other = member("omar", limits={Kind.SITES: 1})

    def take(number: int) -> str:
        if number:
            create_site(membership=other, name="Bikes", slug="bikes", now=NOW)
            return "made"
        address_site(sign_up=sign_up, name="Bikes", slug="bikes", starter=None, now=NOW)
        return "held"

    told = at_once(2, take)
    assert sum(isinstance(each, ValidationError) for each in told) == 1
    assert Site.objects.count() + AddressHold.objects.count() == 1


def test_an_address_whose_time_is_over_goes_to_one_of_those_who_want_it(shop: Catalogue) -> None:
    before = signing_up("before", shop)
    address_site(sign_up=before, name="Bikes", slug="bikes", starter=None, now=NOW - timedelta(hours=3))
    sign_ups = [signing_up(name, shop) for name in ("ada", "bob", "cleo")]

    def take(number: int) -> str:
        address_site(sign_up=sign_ups[number], name="Bikes", slug="bikes", starter=None, now=NOW)
        return "held"

    assert at_once(3, take).count("held") == 1


def test_two_windows_begin_one_sign_up(shop: Catalogue) -> None:
    user = User.objects.create_user("ada@example.com", name="Ada")
    plans = (shop.free, shop.premium)

    def choose(number: int) -> int:
        choice = Choice(plan=plans[number % 2].uid, interval=MONTHLY, addons={})
        return begin(user=user, choice=choice, now=NOW).pk

    assert len(set(at_once(4, choose))) == 1
    assert (SignUp.objects.count(), Membership.objects.count()) == (1, 1)


def test_the_news_the_page_and_the_sweep_make_one_site(shop: Catalogue) -> None:
    sign_up = signing_up("ada", shop)
    address_site(sign_up=sign_up, name="Bikes", slug="bikes", starter=None, now=NOW)
    sign_up.membership.items.create(
        product=shop.free, price=shop.free.prices.get(), unit_price=0, added_at=NOW
    )
    Membership.objects.update(state="active", activated_at=NOW)  # and its news is lost

    made = at_once(4, lambda _number: make_site(sign_up=sign_up, now=NOW))
    assert len({site.pk for site in made}) == 1
    assert Site.objects.count() == 1


def test_one_address_of_mail_sent_at_once_is_one_account(shop: Catalogue, gateway_double) -> None:
    path = f"/sign-up/account/?plan={shop.free.uid}&period=month-1"
    form = {"name": "Ada", "email": "ada@example.com", "password1": "a-long-and-new-word"}

    def send(_number: int) -> str:
        answer = Client(headers={"host": "localhost"}).post(path, form)
        return f"{answer.status_code} {answer.get('Location')}"

    told = sorted(at_once(3, send))
    assert told == ["302 /auth/confirm-email/", "302 /auth/confirm-email/", "302 /sign-up/site/"]
    assert (User.objects.count(), SignUp.objects.count(), Order.objects.count()) == (1, 1, 0)
