"""A small network over the first quarter of 2026, in euros and dollars, whose figures can be worked out by hand.

in EUR                                                     a month
3 Jan   anna takes Premium                                   30.00
3 Jan   bram takes Premium for a year at 300.00              25.00
5 Jan   cleo takes Free                                       0.00
17 Jan  anna upgrades to Business, 90.00, and undoes it     +60.00 -60.00
25 Jan  anna gets 10.00 back, for a slow week                  none
10 Feb  cleo upgrades to Premium, 20 % off for three bills   24.00
10 Feb  anna adds twice the disk space at 4.00               +8.00
15 Feb  eva and finn try Business for 14 days                  none
20 Feb  finn cancels: his trial ends on 1 March                none
1 Mar   eva's trial ends, and she pays                       90.00
10 Mar  bram is cancelled at once, the rest paid back       -25.00
25 Mar  bram comes back, monthly                             30.00
in USD
20 Jan  dirk takes Premium                                   35.00
25 Feb  dirk upgrades to Business, 100.00                   +65.00
5 Mar   dirk chooses Premium again, from 25 March           -65.00
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.test import override_settings

from checkout.operations.undo import undo
from memberships.models import Membership
from memberships.operations.lifecycle import cancel_at_period_end, cancel_now
from memberships.operations.refunds import refund
from products.models import Price
from tests.factories.catalogue import EVER_SINCE, Catalogue, discount
from tests.factories.world import YEARLY, World

AFTERWARDS = datetime(2026, 3, 31, 12, tzinfo=UTC)


def at(month: int, day: int) -> datetime:
    """Noon."""
    return datetime(2026, month, day, 12, tzinfo=UTC)


def first_quarter(world: World, catalogue: Catalogue) -> dict[str, Membership]:
    """Who was there, by name; afterwards it is noon on 31 March 2026."""
    free, premium, business, disk = catalogue.free, catalogue.premium, catalogue.business, catalogue.disk
    for plan, amount in ((premium, 3500), (business, 10000)):
        Price.objects.create(product=plan, currency="USD", amount=amount, created_at=EVER_SINCE)
    discount("WELCOME", percent=20, periods=3)
    anna = world.signs_up("anna", premium, now=at(1, 3))
    bram = world.signs_up("bram", premium, now=at(1, 3), interval=YEARLY)
    cleo = world.signs_up("cleo", free, now=at(1, 5))
    upgrade = world.pays(world.orders(anna, business, now=at(1, 17)), now=at(1, 17))
    undo(order=upgrade, actor=None, now=at(1, 17) + timedelta(hours=1))
    with override_settings(CURRENCY="USD"):
        dirk = world.signs_up("dirk", premium, now=at(1, 20))
    first = anna.payments.order_by("pk")[0]
    refund(payment=first, amount=1000, reason="A slow week", actor=None, now=at(1, 25))

    world.a_day(at(2, 3))
    world.pays(world.orders(cleo, premium, now=at(2, 10), code="WELCOME"), now=at(2, 10))
    world.pays(world.orders(anna, premium, now=at(2, 10), addons={disk: 2}), now=at(2, 10))
    business.prices.filter(currency="EUR").update(trial_days=14)
    eva = world.signs_up("eva", business, now=at(2, 15))
    finn = world.signs_up("finn", business, now=at(2, 15))
    world.saves_a_card(eva, now=at(2, 15))
    business.prices.update(trial_days=0)
    cancel_at_period_end(membership=finn, actor=None, reason="No time", now=at(2, 20))
    world.a_day(at(2, 20))
    world.pays(world.orders(dirk, business, now=at(2, 25)), now=at(2, 25))

    world.a_day(at(3, 1))
    world.a_day(at(3, 3))
    world.orders(dirk, premium, now=at(3, 5))
    world.a_day(at(3, 10))
    cancel_now(membership=bram, actor=None, reason="Moved away", refund=True, now=at(3, 10))
    world.a_day(at(3, 25))
    world.pays(world.orders(bram, premium, now=at(3, 25)), now=at(3, 25))
    world.a_day(AFTERWARDS)
    assert settings.CURRENCY == "EUR"
    names = {"anna": anna, "bram": bram, "cleo": cleo, "dirk": dirk, "eva": eva, "finn": finn}
    return {name: world.fresh(membership) for name, membership in names.items()}
