"""A price in use is changed for those who have it: told before, in force at a renewal, stoppable until its day."""

from datetime import UTC, datetime

import pytest

from checkout.operations.confirm import QuoteStale, confirm
from checkout.operations.renew import renew
from memberships.models import Membership, Notice, PriceCampaign
from memberships.operations.next_bill import next_bill
from memberships.operations.price_campaigns import (
    PriceChangeRefused,
    choose_members,
    draft_campaign,
    edit_campaign,
    holders,
    publish_campaign,
    stop_campaign,
    take_in_members,
)
from memberships.operations.price_previews import preview_bills
from products.models import Price
from products.operations.prices import retire_price, revise_price
from tests.factories.catalogue import MONTH, YEAR, Catalogue
from tests.factories.world import YEARLY, World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_10 = datetime(2026, 3, 10, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
APRIL_10 = datetime(2026, 4, 10, tzinfo=UTC)
MAY_1 = datetime(2026, 5, 1, tzinfo=UTC)
JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def price(catalogue: Catalogue) -> Price:
    return catalogue.premium.prices.get(interval_unit=MONTH)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1, addons={catalogue.disk: 1})


def change(price: Price, *, amount: int = 3500, starts_at: datetime = APRIL_10) -> PriceCampaign:
    return draft_campaign(
        from_price=price,
        amount=amount,
        starts_at=starts_at,
        message="Power is dearer.",
        actor=None,
        now=MARCH_10,
    )


def published(price: Price, **what) -> PriceCampaign:
    campaign = change(price, **what)
    publish_campaign(campaign=campaign, actor=None, now=MARCH_10)
    campaign.refresh_from_db()
    return campaign


def bills(campaign: PriceCampaign) -> dict[str, tuple[datetime, int, int]]:
    campaign = PriceCampaign.objects.select_related("from_price__product").get(pk=campaign.pk)
    members = list(campaign.members.select_related("membership__customer__user"))
    names = {member.membership_id: member.membership.customer.user.name for member in members}
    found = preview_bills(campaign=campaign, members=members, now=MARCH_10)
    return {names[pk]: (each.at, each.before, each.after) for pk, each in found.items()}


def renewed_for(membership: Membership, *, now: datetime) -> int:
    return renew(membership_id=membership.pk, now=now).payment.amount


# In the making


def test_a_change_in_the_making_changes_nothing(world, catalogue, price, alice):
    campaign = change(price)
    assert campaign.state == "draft"
    assert catalogue.premium.prices.current().get(interval_unit=MONTH) == price
    assert next_bill(membership=alice, now=MARCH_10).due_now == 3400
    assert not alice.items.exclude(next_price=None).exists()


def test_it_names_everybody_who_goes_on_paying_the_price(world, catalogue, price, alice):
    world.signs_up("bob", catalogue.premium, now=MARCH_1, interval=YEARLY)
    world.signs_up("carol", catalogue.business, now=MARCH_1)
    gone = world.signs_up("dave", catalogue.premium, now=MARCH_1)
    gone.move(Membership.State.CANCELLED, now=MARCH_10)
    assert list(change(price).members.values_list("membership", "moves")) == [(alice.pk, True)]


def test_who_comes_to_have_the_price_later_is_taken_in_when_asked(world, catalogue, price, alice):
    campaign = change(price)
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_10)
    assert [take_in_members(campaign=campaign), take_in_members(campaign=campaign)] == [1, 0]
    assert list(campaign.members.values_list("membership", flat=True)) == [alice.pk, bob.pk]


def test_the_bills_shown_are_those_that_the_renewal_makes(world, catalogue, price, alice):
    """Bob pays by half for two periods; the period of 1 April comes before the day."""
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1)
    alice.wallet_entries.create(amount=1000, reason="adjustment", reference="gift", created_at=MARCH_1)
    campaign = change(price)
    shown = bills(campaign)
    assert shown == {"Alice": (MAY_1, 3400, 3900), "Bob": (MAY_1, 3000, 3500)}
    publish_campaign(campaign=campaign, actor=None, now=MARCH_10)
    assert bills(campaign) == shown
    assert [renewed_for(alice, now=APRIL_1), renewed_for(bob, now=APRIL_1)] == [2400, 3000]
    assert [renewed_for(alice, now=MAY_1), renewed_for(bob, now=MAY_1)] == [3900, 3500]


def test_a_scheduled_change_is_in_the_bills_that_are_shown(world, catalogue, price, alice):
    world.orders(alice, catalogue.premium, now=MARCH_10)  # the package goes on 1 April
    carol = world.signs_up("carol", catalogue.business, now=MARCH_1)
    world.orders(carol, catalogue.premium, now=MARCH_10)
    assert bills(change(price)) == {"Alice": (MAY_1, 3000, 3500)}


def test_a_change_that_makes_no_sense_is_refused(world, catalogue, price, alice):
    world.signs_up("fay", catalogue.free, now=MARCH_1)
    free = catalogue.free.prices.get()
    once = catalogue.design.prices.get()
    for refused, amount, code in ((price, 3000, "same"), (free, 500, "free"), (once, 500, "once")):
        with pytest.raises(PriceChangeRefused, match=code):
            change(refused, amount=amount)
    change(price)
    with pytest.raises(PriceChangeRefused, match="in_the_making"):
        change(price, amount=3600)
    assert PriceCampaign.objects.count() == 1


def test_members_of_an_earlier_price_can_only_move_to_what_is_sold(world, catalogue, price, alice):
    revise_price(price=price, amount=3900, setup_fee=0, trial_days=0, now=MARCH_10)
    price.refresh_from_db()
    with pytest.raises(PriceChangeRefused, match="sold_otherwise"):
        change(price, amount=3500)
    campaign = published(price, amount=3900)
    sold = catalogue.premium.prices.current().get(interval_unit=MONTH)
    assert campaign.to_price == sold
    retire_price(price=sold, now=MARCH_10)
    bob_keeps = Price.objects.get(pk=price.pk)
    with pytest.raises(PriceChangeRefused, match="not_sold"):
        change(bob_keeps, amount=4000)


# Published


def test_the_new_price_is_sold_at_once_and_members_pay_it_from_their_renewal_on_the_day(
    world, catalogue, price, alice
):
    campaign = published(price)
    assert catalogue.premium.prices.current().get(interval_unit=MONTH) == campaign.to_price
    assert (
        world.quote(world.comes("bob", now=MARCH_10), catalogue.premium, now=MARCH_10).price.due_now == 3500
    )
    assert next_bill(membership=alice, now=MARCH_10).due_now == 3400
    assert renewed_for(alice, now=APRIL_1) == 3400
    assert next_bill(membership=world.fresh(alice), now=APRIL_10).due_now == 3900
    assert renewed_for(alice, now=MAY_1) == 3900
    item = alice.items.live().get(product=catalogue.premium)
    assert (item.price, item.unit_price, item.next_price) == (campaign.to_price, 3500, None)
    assert renewed_for(alice, now=JUNE_1) == 3900


def test_days_without_a_scheduler_bill_each_period_at_its_own_price(world, catalogue, price, alice):
    published(price)
    renew(membership_id=alice.pk, now=JUNE_1)
    nets = alice.invoices.order_by("id").values_list("net", flat=True)
    assert list(nets) == [3400, 3400, 3900, 3900]


def test_who_does_not_move_keeps_the_price(world, catalogue, price, alice):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1)
    campaign = change(price, starts_at=APRIL_1)
    (member,) = campaign.members.filter(membership=bob)
    assert choose_members(campaign=campaign, member_ids=[member.pk], moves=False) == 1
    assert publish_campaign(campaign=campaign, actor=None, now=MARCH_10) == 1
    assert [renewed_for(alice, now=APRIL_1), renewed_for(bob, now=APRIL_1)] == [3900, 3000]
    assert list(holders(price=price.pk).values_list("membership", flat=True)) == [bob.pk]


def test_a_change_of_packages_shows_the_bill_to_come_and_takes_the_announcement_along(
    world, catalogue, price, alice
):
    published(price, starts_at=APRIL_1)
    order = world.orders(alice, catalogue.premium, now=MARCH_17, addons={catalogue.disk: 2})
    assert order.quote.price.next_bill.due == 3500 + 800
    world.pays(order, now=MARCH_17)
    assert renewed_for(alice, now=APRIL_1) == 3500 + 800


def test_a_package_that_stays_beside_another_plan_keeps_its_announcement(world, catalogue, alice):
    disk = catalogue.disk.prices.get()
    published(disk, amount=500, starts_at=APRIL_10)
    order = world.orders(alice, catalogue.business, now=MARCH_17, addons={catalogue.disk: 1})
    assert order.quote.price.next_bill.due == 9000 + 500  # of 17 April
    world.pays(order, now=MARCH_17)
    assert renewed_for(alice, now=datetime(2026, 4, 17, tzinfo=UTC)) == 9500


def test_a_quote_from_before_is_shown_anew_and_nobody_is_charged(world, catalogue, price, alice):
    quote = world.quote(alice, catalogue.premium, now=MARCH_10, addons={catalogue.disk: 2})
    published(price, starts_at=APRIL_1)
    with pytest.raises(QuoteStale) as stale:
        confirm(quote=quote, user=alice.customer.user, now=MARCH_10)
    assert (quote.price.next_bill.due, stale.value.fresh.price.next_bill.due) == (3800, 4300)


def test_a_change_that_waits_for_its_money_is_carried_out_as_it_was_confirmed(world, catalogue, price, alice):
    order = world.orders(alice, catalogue.premium, now=MARCH_10, addons={catalogue.disk: 2})
    published(price, starts_at=APRIL_1)
    assert world.pays(order, now=MARCH_10).state == "fulfilled"
    assert renewed_for(alice, now=APRIL_1) == 3500 + 800


def test_who_leaves_the_plan_leaves_the_new_price_with_it(world, catalogue, price, alice):
    published(price, starts_at=APRIL_1)
    world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    assert next_bill(membership=alice, now=MARCH_17).due_now == 9000


def test_the_first_bill_after_a_trial_is_the_one_that_was_promised(world, catalogue, price):
    catalogue.premium.prices.filter(pk=price.pk).update(trial_days=14)
    tess = world.signs_up("tess", catalogue.premium, now=MARCH_1)
    campaign = published(price, starts_at=MARCH_10.replace(day=12))
    april_15 = datetime(2026, 4, 15, tzinfo=UTC)
    assert bills(campaign) == {"Tess": (april_15, 3000, 3500)}
    world.saves_a_card(tess, now=MARCH_10)
    assert renewed_for(tess, now=datetime(2026, 3, 15, tzinfo=UTC)) == 3000
    assert renewed_for(tess, now=april_15) == 3500


# Told, once


def test_each_member_who_moves_is_told_once(world, catalogue, price, alice):
    bob = world.signs_up("bob", catalogue.premium, now=MARCH_1)
    campaign = change(price)
    keeps = campaign.members.get(membership=bob)
    choose_members(campaign=campaign, member_ids=[keeps.pk], moves=False)
    publish_campaign(campaign=campaign, actor=None, now=MARCH_10)
    world.a_day(MARCH_10)
    world.a_day(MARCH_17)
    (notice,) = Notice.objects.filter(kind="price_change")
    assert (notice.membership, notice.reference) == (alice, f"price-change-{campaign.pk}")
    assert (notice.facts["amount"], notice.facts["at"]) == (3900, "2026-05-01T00:00:00+00:00")
    (told,) = alice.transitions.filter(kind="price_change")
    assert told.headline == "Announced a new price of Premium"


def test_published_twice_is_published_once(world, catalogue, price, alice):
    campaign = published(price)
    with pytest.raises(PriceChangeRefused, match="settled"):
        publish_campaign(campaign=campaign, actor=None, now=MARCH_10)
    with pytest.raises(PriceChangeRefused, match="settled"):
        take_in_members(campaign=campaign)
    with pytest.raises(PriceChangeRefused, match="settled"):
        edit_campaign(campaign=campaign, amount=1, starts_at=MAY_1, message="")
    assert catalogue.premium.prices.filter(interval_unit=MONTH).count() == 2
    assert catalogue.premium.prices.filter(interval_unit=YEAR).count() == 1


def test_a_change_whose_day_has_come_can_no_longer_be_published(world, catalogue, price, alice):
    campaign = change(price, starts_at=MARCH_17)
    with pytest.raises(PriceChangeRefused, match="too_late"):
        publish_campaign(campaign=campaign, actor=None, now=MARCH_17)


# Stopped


def test_stopped_before_its_day_everybody_keeps_the_price_and_who_was_told_is_told(
    world, catalogue, price, alice
):
    campaign = published(price)
    world.a_day(MARCH_10)
    late = world.fresh(alice)
    assert stop_campaign(campaign=campaign, actor=None, now=MARCH_17) == 1
    world.a_day(MARCH_17)
    world.a_day(MARCH_17)
    kinds = late.notices.filter(kind__in=["price_change", "price_stays"]).order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["price_change", "price_stays"]
    assert [renewed_for(alice, now=APRIL_1), renewed_for(alice, now=MAY_1)] == [3400, 3400]


def test_stopped_before_anybody_was_told_nobody_is(world, catalogue, price, alice):
    stop_campaign(campaign=published(price), actor=None, now=MARCH_10)
    world.a_day(MARCH_10)
    assert not alice.notices.filter(kind__in=["price_change", "price_stays"]).exists()


def test_from_its_day_on_it_cannot_be_stopped(world, catalogue, price, alice):
    with pytest.raises(PriceChangeRefused, match="too_late"):
        stop_campaign(campaign=published(price), actor=None, now=APRIL_10)
    with pytest.raises(PriceChangeRefused, match="settled"):
        stop_campaign(campaign=change(catalogue.disk.prices.get(), amount=9900), actor=None, now=MARCH_10)
