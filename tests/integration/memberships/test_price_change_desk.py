"""Price changes at the desk: made, looked at member by member, published or stopped."""

from datetime import timedelta
from operator import attrgetter

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from memberships.models import CampaignMember, MembershipItem, PriceCampaign
from memberships.operations.price_campaigns import draft_campaign, publish_campaign
from products.models import PlanGroup, Price, Product
from products.operations.prices import revise_price
from tests.integration.products.desk_rows import full_membership

LIST = "/admin/memberships/pricecampaign/"
MEMBERS = "/admin/memberships/campaignmember/"


@pytest.fixture
def premium(db) -> Product:
    group = PlanGroup.objects.create(name="High End")
    plan = Product.objects.create(code="premium", name="Premium", group=group)
    Price.objects.create(product=plan, currency="EUR", amount=3000)
    return plan


@pytest.fixture
def price(premium) -> Price:
    return premium.prices.get()


@pytest.fixture
def members(premium):
    """Members whose period ends in 20 days and who plan nothing."""

    def make(*numbers: int) -> None:
        now = timezone.now()
        for number in numbers:
            membership = full_membership(number, plan=premium)
            membership.scheduled_changes.all().delete()
            membership.period_start, membership.period_end = (
                now - timedelta(days=10),
                now + timedelta(days=20),
            )
            membership.anchor = membership.period_start
            membership.save()

    return make


@pytest.fixture
def campaign(members, price) -> PriceCampaign:
    members(1, 2)
    now = timezone.now()
    return draft_campaign(
        from_price=price, amount=3500, starts_at=now + timedelta(days=5), message="", actor=None, now=now
    )


def page_of(campaign: PriceCampaign, step: str = "") -> str:
    return reverse(
        f"admin:memberships_pricecampaign_{step or 'change'}",
        args=[campaign.pk],
        urlconf=settings.PUBLIC_SCHEMA_URLCONF,
    )


def typed(price: Price, **more: str) -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=30)
    return {"from_price": str(price.pk), "amount": "35.00", "starts_on": f"{day}", "message": "", **more}


def wrong(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200, "it was saved"
    return dict(answer.context["adminform"].form.errors)


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def rows_of(answer) -> list[CampaignMember]:
    return list(answer.context["cl"].result_list)


# Made


def test_a_change_is_made_for_everybody_who_has_the_price(desk, members, price):
    members(1, 2)
    answer = desk.post(f"{LIST}add/", typed(price, message="Power is dearer."))
    campaign = PriceCampaign.objects.get()
    assert answer["Location"] == f"{MEMBERS}?campaign__id__exact={campaign.pk}"
    assert (campaign.amount, campaign.state, campaign.message) == (3500, "draft", "Power is dearer.")
    assert timezone.localtime(campaign.starts_at).date() == timezone.localdate() + timedelta(days=30)
    assert campaign.created_by.email == "admin@network.example"
    assert list(campaign.members.values_list("moves", flat=True)) == [True, True]
    assert price.product.prices.get() == price


def test_the_products_page_leads_to_it_with_its_price(desk, members, premium, price):
    members(1)
    answer = desk.get(f"/admin/products/product/{premium.pk}/change-price/")
    assert answer["Location"] == f"{LIST}add/?from_price={price.pk}"
    page = desk.get(answer["Location"]).content.decode()
    assert "Premium · €30.00 per month · 1 member</option>" in page
    assert f'<option value="{price.pk}" selected' in page


@pytest.mark.parametrize(
    ("more", "field", "sentence"),
    [
        ({"amount": "30.00"}, "amount", "This is what they pay already."),
        ({"amount": ""}, "amount", "Enter the new amount."),
        ({"amount": "35.001"}, "amount", "EUR has 2 decimals."),
        ({"amount": "-1"}, "amount", "An amount cannot be negative."),
        ({"amount": "9" * 14}, "amount", "The largest amount is €10,000,000,000.00."),
        ({"amount": "much"}, "amount", "Enter a number."),
        ({"starts_on": "2020-01-01"}, "starts_on", "Choose a day to come: members are told before it."),
        ({"starts_on": "2999-01-01"}, "starts_on", "Choose a day within the next two years."),
        ({"starts_on": "soon"}, "starts_on", "Enter a valid date."),
        (
            {"from_price": "999"},
            "from_price",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
        ({"message": "x" * 1001}, "message", "Ensure this value has at most 1000 characters (it has 1001)."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused_at_its_field(desk, campaign, more, field, sentence):
    price = campaign.from_price
    campaign.delete()
    assert wrong(desk.post(f"{LIST}add/", typed(price, **more))) == {field: [sentence]}
    assert not PriceCampaign.objects.exists()


def test_a_second_change_of_the_same_price_waits_for_the_first(desk, campaign, price):
    sentence = "A change of this price is in the making already: go on with that one."
    assert wrong(desk.post(f"{LIST}add/", typed(price))) == {"from_price": [sentence]}


def test_members_of_an_earlier_price_move_to_what_is_sold(desk, members, price):
    members(1)
    revise_price(price=price, amount=3900, setup_fee=0, trial_days=0, now=timezone.now())
    sentence = "Members of an earlier price can only move to the price that is sold today."
    assert wrong(desk.post(f"{LIST}add/", typed(price))) == {"amount": [sentence]}
    assert desk.post(f"{LIST}add/", typed(price, amount="")).status_code == 302
    assert PriceCampaign.objects.get().amount == 3900


def test_it_can_be_edited_and_thrown_away_until_it_is_published(desk, campaign, price):
    sent = typed(price, amount="36.00", message="Why")
    assert desk.post(page_of(campaign), sent).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.amount, campaign.message) == (3600, "Why")
    publish_campaign(campaign=campaign, actor=None, now=timezone.now())
    assert desk.post(page_of(campaign), typed(price, amount="40.00")).status_code == 403
    assert desk.post(page_of(campaign, "delete"), {"post": "yes"}).status_code == 403
    campaign.refresh_from_db()
    assert campaign.amount == 3600


def test_one_in_the_making_is_thrown_away_with_its_members(desk, campaign):
    assert desk.post(page_of(campaign, "delete"), {"post": "yes"}).status_code == 302
    assert not CampaignMember.objects.exists()


# Looked at


def test_each_members_bill_is_shown_before_and_after(desk, campaign):
    MembershipItem.objects.update(tax_percent="21")
    answer = desk.get(MEMBERS, {"campaign__id__exact": campaign.pk})
    bills = [(bills.before, bills.after) for bills in map(attrgetter("bills"), rows_of(answer))]
    assert bills == [(2750, 3250), (2750, 3250)]  # with €2.50 from the wallet
    page = answer.content.decode()
    for text in ("Company 1", "€27.50", "€32.50", "+€5.00", "the new price"):
        assert text in page


def test_who_keeps_theirs_is_chosen_by_filter_and_search(desk, campaign):
    asked = f"{MEMBERS}?campaign__id__exact={campaign.pk}&q=company+2"
    (row,) = rows_of(desk.get(asked))
    answer = desk.post(asked, {"action": "let_keep", "_selected_action": row.pk, "select_across": "1"})
    assert said(answer) == ["1 member keeps their price."]
    chosen = campaign.members.order_by("membership").values_list("moves", flat=True)
    assert list(chosen) == [True, False]
    desk.post(asked, {"action": "let_move", "_selected_action": row.pk})
    assert campaign.members.filter(moves=True).count() == 2


def test_after_publishing_nobody_can_be_chosen_otherwise(desk, campaign):
    publish_campaign(campaign=campaign, actor=None, now=timezone.now())
    row = campaign.members.first()
    answer = desk.post(MEMBERS, {"action": "let_keep", "_selected_action": row.pk})
    assert said(answer) == ["This was done already."]
    assert campaign.members.filter(moves=True).count() == 2


def test_the_lists_take_the_same_queries_whatever_their_length(
    desk, campaign, members, price, django_assert_num_queries
):
    asked = {"campaign__id__exact": campaign.pk}
    desk.get(MEMBERS, asked), desk.get(LIST)
    for length in (2, 40):
        members(*range(campaign.members.count() + 1, length + 1))
        CampaignMember.objects.bulk_create(
            CampaignMember(campaign=campaign, membership_id=pk)
            for pk in price.items.values_list("membership", flat=True)
            if not campaign.members.filter(membership=pk).exists()
        )
        with django_assert_num_queries(8):
            assert len(rows_of(desk.get(MEMBERS, asked))) == length
        with django_assert_num_queries(4):
            assert len(rows_of(desk.get(LIST))) == 1


# Published, stopped


def test_publishing_is_asked_for_and_says_what_happens(desk, campaign, members):
    members(3)
    page = desk.get(page_of(campaign, "publish")).content.decode()
    for text in (
        "Premium, €30.00 per month",
        "€35.00 per month",
        "Publish and tell 2 members",
        "1 member has come to have this price since, and keeps it unless you take them in.",
    ):
        assert text in page
    assert desk.post(page_of(campaign, "take_in")).status_code == 302
    assert "Publish and tell 3 members" in desk.get(page_of(campaign, "publish")).content.decode()


def test_published_twice_it_is_published_once(desk, campaign, price):
    first, second = (desk.post(page_of(campaign, "publish")) for _time in range(2))
    assert said(first) == ["Published. Members are being told."]
    assert second.status_code == 403
    campaign.refresh_from_db()
    assert (campaign.state, campaign.published_by.email) == ("published", "admin@network.example")
    assert list(price.product.prices.order_by("pk").values_list("amount", flat=True)) == [3000, 3500]
    assert MembershipItem.objects.filter(next_price=campaign.to_price).count() == 2


def test_nobody_moves_when_everybody_keeps_theirs(desk, campaign, price):
    campaign.members.update(moves=False)
    assert "Publish for new customers only" in desk.get(page_of(campaign, "publish")).content.decode()
    desk.post(page_of(campaign, "publish"))
    assert not MembershipItem.objects.exclude(next_price=None).exists()
    assert price.product.prices.current().get().amount == 3500


def test_it_is_stopped_before_its_day(desk, campaign):
    publish_campaign(campaign=campaign, actor=None, now=timezone.now())
    assert said(desk.post(page_of(campaign, "stop"))) == ["Stopped. Everybody keeps their price."]
    assert desk.post(page_of(campaign, "stop")).status_code == 403
    assert not MembershipItem.objects.exclude(next_price=None).exists()


def test_every_step_needs_the_permission_to_change_it(desk, staff, campaign, premium):
    staff.is_superuser = False
    staff.save()
    looks = ["view_pricecampaign", "view_campaignmember", "view_product"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=looks))
    assert desk.get(page_of(campaign)).status_code == 200
    assert desk.get(MEMBERS).status_code == 200
    for step in ("publish", "stop", "take_in", "delete"):
        assert desk.post(page_of(campaign, step), {"post": "yes"}).status_code == 403
    assert desk.post(page_of(campaign), {}).status_code == 403
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.get(f"/admin/products/product/{premium.pk}/change-price/").status_code == 403
    row = campaign.members.first()
    desk.post(MEMBERS, {"action": "let_keep", "_selected_action": row.pk})
    assert campaign.members.filter(moves=True).count() == 2
