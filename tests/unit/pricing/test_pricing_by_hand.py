"""Cases worked out by hand: proration, setup fees, discounts, tax, the wallet, trials, one-off items."""

from datetime import timedelta
from decimal import Decimal

import pytest

from products.pricing import (
    ItemType,
    Kind,
    LineType,
    OnUpgrade,
    Paid,
    Period,
    Quote,
    ScenarioError,
    Status,
    quote,
    renewal,
)
from tests.unit.pricing.cases import (
    APR_1,
    MAR_1,
    MAR_17,
    MARCH,
    YEAR,
    amount,
    at,
    change,
    free_member,
    held,
    member,
    percent,
    trial_member,
    wanted,
)

BASIC = held("basic", 3000)
KEEP = OnUpgrade.KEEP_RENEWAL_DATE


def figures(priced: Quote) -> list[tuple[str, str, int, int, int, int]]:
    """Of each line: type, product, gross, discount, net, tax."""
    return [
        (line.type.value, line.product, line.gross, line.discount, line.net, line.tax)
        for line in priced.lines
    ]


def grosses(priced: Quote) -> list[tuple[str, str, int]]:
    return [(line.type.value, line.product, line.gross) for line in priced.lines]


# --- proration ---


def test_a_change_is_prorated_to_the_second():
    left = timedelta(seconds=445_540)
    membership = member(held("basic", 1000))
    priced = quote(change(membership, wanted("pro", 3252), as_of=APR_1 - left, on_upgrade=KEEP))
    assert grosses(priced) == [("charge", "pro", 541), ("credit", "basic", -166)]
    assert priced.due_now == 375


def test_half_a_cent_is_rounded_up():
    # 249.95 for 30 days, 9 of them left: 74.985
    april = Period(APR_1, at("2026-05-01"))
    basic = held("basic", 24995, paid=(Paid(net=24995, tax=0, start=APR_1),))
    priced = quote(change(member(basic, period=april), wanted("pro", 0), as_of=at("2026-04-22")))
    assert grosses(priced) == [("credit", "basic", -7499)]
    assert priced.wallet_added == 7499


def test_a_leap_day_makes_the_month_longer():
    priced = quote(
        change(
            member(
                held("basic", 2900, paid=(Paid(net=2900, tax=0, start=at("2028-02-01")),)),
                period=Period(at("2028-02-01"), at("2028-03-01")),
            ),
            *(wanted("basic", 2900), wanted("disk", 2900)),
            as_of=at("2028-02-29"),
        )
    )
    assert grosses(priced) == [("charge", "disk", 100)]


def test_three_switches_in_one_period_each_credit_what_was_paid_since_the_last():
    plans = [wanted("p2", 4000), wanted("p3", 6000), wanted("p4", 8000)]
    membership, seen = member(held("p1", 3100, type=ItemType.PLAN, rank=1)), []
    for rank, (plan, day) in enumerate(zip(plans, (11, 21, 26), strict=True), start=2):
        item = wanted(plan.product, plan.unit_price, type=ItemType.PLAN, rank=rank)
        priced = quote(change(membership, item, as_of=at(f"2026-03-{day}"), on_upgrade=KEEP))
        assert priced.after is not None
        membership = priced.after
        seen.append(grosses(priced))
    assert seen == [
        [("charge", "p2", 2710), ("credit", "p1", -2100)],  # 4000 * 21/31; 3100 * 21/31
        [("charge", "p3", 2129), ("credit", "p2", -1420)],  # 6000 * 11/31; 2710 * 11/21
        [("charge", "p4", 1548), ("credit", "p3", -1161)],  # 8000 * 6/31;  2129 * 6/11
    ]
    assert membership.period == MARCH


def test_the_parts_of_an_item_are_summed_exactly_and_rounded_once():
    # on 17 March 48.39 + 5 = 53.39; on 22 March 32.26 + 3.33 = 35.59, which rounded apart would be 35
    parts = (Paid(net=100, tax=0, start=MAR_1), Paid(net=10, tax=0, start=at("2026-03-02")))
    membership = member(held("basic", 3000, paid=parts))
    assert grosses(quote(change(membership, wanted("pro", 0)))) == [("credit", "basic", -53)]
    later = quote(change(membership, wanted("pro", 0), as_of=at("2026-03-22")))
    assert grosses(later) == [("credit", "basic", -36)]


def test_a_package_bought_in_the_middle_is_credited_for_the_time_it_was_paid_for():
    first = quote(change(member(BASIC), wanted("basic", 3000), wanted("disk", 500)))
    assert first.after is not None
    assert first.after.items[1].paid == (Paid(net=242, tax=0, start=MAR_17),)
    same_moment = quote(change(first.after, wanted("pro", 9000), wanted("disk", 500)))
    assert grosses(same_moment)[2:] == [("credit", "basic", -1452), ("credit", "disk", -242)]
    ten_days_on = quote(change(first.after, wanted("pro", 9000), wanted("disk", 500), as_of=at("2026-03-27")))
    assert grosses(ten_days_on)[2:] == [("credit", "basic", -484), ("credit", "disk", -81)]


@pytest.mark.parametrize(("as_of", "credit"), [("2026-04-01", 0), ("2026-05-09", 0), ("2026-02-20", 3000)])
def test_outside_its_period_a_payment_is_credited_whole_or_not_at_all(as_of, credit):
    priced = quote(change(member(BASIC), wanted("pro", 9000), as_of=at(as_of)))
    assert priced.due_now == 9000 - credit
    assert (priced.period and priced.period.start) == at(as_of)


def test_after_the_end_of_the_period_nothing_is_left_to_prorate():
    priced = quote(change(member(BASIC), wanted("pro", 9000), as_of=at("2026-04-03"), on_upgrade=KEEP))
    assert (priced.lines, priced.due_now, priced.period) == ((), 0, MARCH)
    assert priced.next_bill is not None
    assert (priced.next_bill.at, priced.next_bill.due) == (APR_1, 9000)


def test_keeping_the_renewal_date_needs_the_same_interval():
    priced = quote(change(member(BASIC), wanted("pro", 90000), interval=YEAR, on_upgrade=KEEP))
    assert priced.period == Period(MAR_17, at("2027-03-17"))
    assert priced.due_now == 90000 - 1452


def test_an_unchanged_package_is_credited_and_charged_anew():
    priced = quote(change(member(BASIC, held("disk", 500)), wanted("pro", 9000), wanted("disk", 500)))
    assert grosses(priced) == [
        ("charge", "pro", 9000),
        ("charge", "disk", 500),
        ("credit", "basic", -1452),
        ("credit", "disk", -242),
    ]


def test_what_was_credited_is_not_paid_for_any_more():
    membership = member(BASIC, held("disk", 500))
    priced = quote(change(membership, wanted("pro", 9000), wanted("disk", 500), on_upgrade=KEEP))
    assert [item.paid for item in priced.now_items] == [
        (Paid(net=4355, tax=0, start=MAR_17),),
        (Paid(net=242, tax=0, start=MAR_17),),
    ]


# --- setup fees ---


@pytest.mark.parametrize(
    ("fee", "paid", "asked"), [(5000, 2000, 3000), (2000, 5000, 0), (5000, 5000, 0), (5000, 0, 5000)]
)
def test_an_upgrade_asks_the_setup_fee_less_what_was_paid_for_the_old_plan(fee, paid, asked):
    membership = member(held("basic", 3000, setup_fee=paid, setup_fee_paid=paid))
    priced = quote(change(membership, wanted("pro", 9000, setup_fee=fee)))
    assert [line.gross for line in priced.lines if line.type == LineType.SETUP_FEE] == (
        [asked] if asked else []
    )
    assert priced.now_items[0].setup_fee_paid == max(fee, paid)


def test_a_package_asks_its_setup_fee_once_whatever_the_quantity():
    disk = wanted("disk", 500, quantity=3, setup_fee=700)
    first = quote(change(member(BASIC), wanted("basic", 3000), disk))
    assert grosses(first) == [("charge", "disk", 726), ("setup_fee", "disk", 700)]
    assert first.after is not None
    more = quote(change(first.after, wanted("basic", 3000), wanted("disk", 500, quantity=4, setup_fee=700)))
    assert grosses(more) == [("charge", "disk", 242)]
    up = quote(change(first.after, wanted("pro", 9000), disk))
    assert [line for line in grosses(up) if line[0] == "setup_fee"] == []


def test_coming_back_is_in_full_with_setup_fees_and_without_credit():
    gone = member(
        held("basic", 3000, setup_fee=1000, setup_fee_paid=1000),
        *(held("disk", 500), held("design", 20000, recurring=False)),
        status=Status.CANCELLED,
    )
    priced = quote(change(gone, wanted("basic", 3000, setup_fee=1000), wanted("disk", 500)))
    assert grosses(priced) == [
        ("charge", "basic", 3000),
        ("charge", "disk", 500),
        ("setup_fee", "basic", 1000),
    ]
    assert [item.product for item in priced.now_items] == ["basic", "disk", "design"]
    assert priced.now_items[0].setup_fee_paid == 1000


def test_coming_back_asks_nothing_again_for_what_was_bought_for_good():
    design = {"recurring": False, "setup_fee": 300}
    gone = member(BASIC, held("design", 20000, **design, setup_fee_paid=300), status=Status.EXPIRED)
    priced = quote(change(gone, wanted("basic", 3000), wanted("design", 20000, **design)))
    assert grosses(priced) == [("charge", "basic", 3000)]
    more = quote(change(gone, wanted("basic", 3000), wanted("design", 20000, quantity=2, **design)))
    assert grosses(more) == [("charge", "basic", 3000), ("charge", "design", 20000)]


def test_a_pending_membership_has_bought_nothing_yet():
    design = {"recurring": False, "setup_fee": 300}
    pending = member(BASIC, held("design", 20000, **design), status=Status.PENDING, period=None)
    priced = quote(change(pending, wanted("basic", 3000), wanted("design", 20000, **design)))
    assert grosses(priced) == [
        ("charge", "basic", 3000),
        ("charge", "design", 20000),
        ("setup_fee", "design", 300),
    ]
    assert [item.product for item in quote(change(pending, wanted("pro", 9000))).now_items] == ["pro"]


def test_a_downgrade_asks_no_setup_fee():
    priced = quote(change(member(held("pro", 9000)), wanted("basic", 3000, setup_fee=1000)))
    assert priced.next_bill is not None
    assert (priced.due_now, priced.next_bill.total) == (0, 3000)


# --- one-off items ---


def test_a_one_off_item_is_charged_in_full_for_the_quantity_added():
    membership = member(BASIC, held("design", 20000, recurring=False))
    design = wanted("design", 20000, recurring=False, quantity=3)
    assert grosses(quote(change(membership, wanted("basic", 3000), design))) == [("charge", "design", 40000)]
    up = quote(change(membership, wanted("pro", 9000), design))
    assert grosses(up) == [("charge", "pro", 9000), ("charge", "design", 40000), ("credit", "basic", -1452)]
    assert up.next_bill is not None
    assert up.next_bill.total == 9000


def test_a_one_off_item_is_never_given_up():
    membership = member(BASIC, held("design", 20000, recurring=False, quantity=2))
    priced = quote(change(membership, wanted("pro", 9000), wanted("design", 20000, recurring=False)))
    assert [(item.product, item.quantity) for item in priced.now_items] == [("pro", 1), ("design", 2)]


def test_a_one_off_item_wanted_with_a_downgrade_is_bought_when_it_takes_effect():
    scenario = change(
        member(held("pro", 9000)), wanted("basic", 3000), wanted("design", 20000, recurring=False)
    )
    priced = quote(scenario)
    assert priced.next_bill is not None
    assert (priced.due_now, priced.next_bill.total) == (0, 23000)


def test_a_one_off_item_alone_starts_no_period():
    priced = quote(change(free_member(), wanted("free", 0), wanted("design", 20000, recurring=False)))
    assert (priced.due_now, priced.period, priced.next_bill) == (20000, None, None)


# --- what follows later ---


def test_a_mixed_change_holds_everything_until_the_period_ends():
    membership = member(BASIC, held("disk", 500, quantity=2))
    scenario = change(membership, wanted("basic", 3000), wanted("disk", 500), wanted("visits", 1000))
    priced = quote(scenario)
    assert grosses(priced) == [("charge", "visits", 484)]
    assert [(item.product, item.quantity) for item in priced.now_items] == [
        ("basic", 1),
        ("disk", 2),
        ("visits", 1),
    ]
    assert [(item.product, item.quantity) for item in priced.later_items or ()] == [
        ("basic", 1),
        ("disk", 1),
        ("visits", 1),
    ]
    assert priced.next_bill is not None
    assert priced.next_bill.total == 4500


def test_a_downgrade_changes_nothing_now():
    membership = member(held("pro", 9000), wallet=700, discount=percent("10", periods_left=2))
    scenario = change(membership, wanted("basic", 3000), code=amount(100))
    priced = quote(scenario)
    assert priced.after == membership
    assert priced.later == scenario.selection
    assert priced.next_bill is not None
    assert (priced.next_bill.total, priced.next_bill.wallet_used, priced.next_bill.due) == (2900, 700, 2200)


def test_what_takes_effect_now_leaves_nothing_for_later():
    assert quote(change(member(BASIC), wanted("pro", 9000))).later is None


# --- discounts ---


def test_a_percentage_is_rounded_line_by_line():
    priced = quote(change(None, wanted("pro", 9001), wanted("disk", 333), code=percent("12.5")))
    assert figures(priced) == [("charge", "pro", 9001, 1125, 7876, 0), ("charge", "disk", 333, 42, 291, 0)]


def test_of_equal_remainders_the_earlier_line_is_discounted_first():
    items = [wanted("pro", 300), wanted("disk", 300), wanted("mail", 300)]
    assert [line.discount for line in quote(change(None, *items, code=amount(200))).lines] == [67, 67, 66]


def test_a_fixed_amount_is_scaled_by_the_share_of_the_charge():
    membership = member(BASIC, discount=amount(1000, periods_left=2))
    priced = quote(change(membership, wanted("pro", 9000), on_upgrade=KEEP))
    assert figures(priced)[0] == ("charge", "pro", 4355, 484, 3871, 0)
    assert priced.after is not None
    assert priced.after.discount == amount(1000, periods_left=2)


def test_a_fixed_amount_is_capped_at_what_it_applies_to():
    priced = quote(change(None, wanted("basic", 300, setup_fee=900), code=amount(1000)))
    assert figures(priced) == [("charge", "basic", 300, 300, 0, 0), ("setup_fee", "basic", 900, 0, 900, 0)]


def test_a_code_reduces_only_the_products_it_names_and_setup_fees_if_it_says_so():
    items = [wanted("pro", 9000, setup_fee=1000), wanted("disk", 500, setup_fee=1000)]
    named = quote(change(None, *items, code=percent("50", products=("disk",), setup_fee=True)))
    assert [line.discount for line in named.lines] == [0, 250, 0, 500]
    plain = quote(change(None, *items, code=percent("50")))
    assert [line.discount for line in plain.lines] == [4500, 250, 0, 0]


def test_a_full_period_uses_up_one_of_the_codes_periods():
    membership = member(BASIC, discount=percent("50", periods_left=1))
    priced = quote(change(membership, wanted("pro", 9000)))
    assert figures(priced)[0] == ("charge", "pro", 9000, 4500, 4500, 0)
    assert priced.next_bill is not None
    assert priced.next_bill.total == 9000


def test_a_prorated_charge_does_not_use_up_a_period():
    membership = member(BASIC, discount=percent("50", periods_left=1))
    priced = quote(change(membership, wanted("basic", 3000), wanted("disk", 500)))
    assert figures(priced) == [("charge", "disk", 242, 121, 121, 0)]
    assert priced.next_bill is not None
    assert priced.next_bill.total == 1750


def test_a_code_without_periods_left_is_spent():
    membership = member(BASIC, discount=percent("50", periods_left=0))
    assert quote(change(membership, wanted("pro", 9000))).due_now == 7548


def test_a_code_entered_with_the_change_replaces_the_memberships_own():
    membership = member(BASIC, discount=percent("50"))
    priced = quote(change(membership, wanted("pro", 9000), code=percent("10", periods_left=3)))
    assert priced.lines[0].discount == 900
    assert priced.after is not None
    assert priced.after.discount == percent("10", periods_left=2)


def test_a_code_of_a_hundred_per_cent_leaves_a_line_that_says_so():
    priced = quote(
        change(None, wanted("pro", 9000, tax_rate=Decimal(21)), code=percent("100", periods_left=1))
    )
    assert figures(priced) == [("charge", "pro", 9000, 9000, 0, 0)]
    assert priced.due_now == 0
    assert priced.period == Period(MAR_17, at("2026-04-17"))
    assert priced.next_bill is not None
    assert priced.next_bill.total == 10890


# --- tax ---


def test_inclusive_prices_contain_their_tax():
    basic = held("basic", 3000, net=2479, tax=521, tax_rate=Decimal(21))
    pro = wanted("pro", 9000, tax_rate=Decimal(21))
    priced = quote(change(member(basic), pro, code=percent("10", periods_left=1), prices_include_tax=True))
    assert figures(priced) == [
        ("charge", "pro", 9000, 900, 6694, 1406),
        ("credit", "basic", -1452, 0, -1200, -252),
    ]
    assert (priced.net, priced.tax, priced.total) == (5494, 1154, 6648)


def test_tax_rates_may_have_decimals():
    priced = quote(change(None, wanted("pro", 9999, tax_rate=Decimal("8.875"))))
    assert (priced.net, priced.tax) == (9999, 887)


def test_a_credit_gives_back_the_tax_of_its_day():
    basic = held("basic", 3000, tax=570, tax_rate=Decimal(21))  # 19 % was paid
    priced = quote(change(member(basic), wanted("pro", 9000, tax_rate=Decimal(21))))
    assert figures(priced)[1] == ("credit", "basic", -1452, 0, -1452, -276)


# --- the wallet ---


def test_what_is_too_small_to_charge_is_added_to_the_debt():
    membership = member(BASIC, wallet=-20)
    priced = quote(change(membership, wanted("basic", 3000), wanted("mail", 60)))
    assert (priced.total, priced.wallet_used, priced.wallet_added, priced.due_now) == (29, -20, -49, 0)
    assert priced.after is not None
    assert priced.after.wallet == -49
    assert priced.next_bill is not None
    assert (priced.next_bill.wallet_used, priced.next_bill.due) == (-49, 3109)


def test_a_debt_in_the_wallet_is_collected_with_a_charge():
    priced = quote(change(member(BASIC, wallet=-29), wanted("basic", 3000), wanted("mail", 600)))
    assert (priced.total, priced.wallet_used, priced.due_now) == (290, -29, 319)


def test_exactly_the_minimum_is_charged():
    priced = quote(change(None, wanted("basic", 50)))
    assert (priced.due_now, priced.wallet_added) == (50, 0)


def test_a_wallet_that_covers_all_but_a_little_leaves_a_debt_instead_of_a_charge():
    priced = quote(change(member(BASIC, wallet=7500), wanted("pro", 9000)))
    assert (priced.wallet_used, priced.wallet_added, priced.due_now) == (7500, -48, 0)


@pytest.mark.parametrize("wallet", [-29, -5000, 5000])
@pytest.mark.parametrize(
    ("status", "item", "kind"),
    [
        (Status.ACTIVE, wanted("basic", 3000), Kind.REMOVAL),
        (Status.TRIALING, wanted("pro", 9000, trial_days=7), Kind.TRIAL_CHANGE),
        (Status.PENDING, wanted("pro", 9000, trial_days=7), Kind.TRIAL),
    ],
)
def test_where_nothing_is_due_the_wallet_is_left_alone(wallet, status, item, kind):
    membership = member(BASIC, held("disk", 500), status=status, trial_end=at("2026-03-24"), wallet=wallet)
    priced = quote(change(membership, item))
    assert priced.kind == kind
    assert (priced.wallet_used, priced.wallet_added, priced.due_now) == (0, 0, 0)
    assert priced.after is not None
    assert priced.after.wallet == wallet


@pytest.mark.parametrize("wallet", [-29, -5000, 5000])
def test_a_downgrade_leaves_the_wallet_alone(wallet):
    priced = quote(change(member(held("pro", 9000), wallet=wallet), wanted("basic", 3000)))
    assert (priced.wallet_used, priced.wallet_added, priced.due_now) == (0, 0, 0)
    assert priced.next_bill is not None
    assert priced.next_bill.wallet_used == min(wallet, 3000)


# --- trials ---


def test_the_end_of_a_trial_asks_for_everything_setup_fees_included():
    items = (
        wanted("pro", 9000, trial_days=14, setup_fee=1000),
        wanted("disk", 500, quantity=2),
        wanted("design", 20000, recurring=False, setup_fee=300),
    )
    priced = quote(change(None, *items, code=percent("50", periods_left=1)))
    assert (priced.due_now, priced.period, priced.trial_end) == (0, None, at("2026-03-31"))
    assert priced.next_bill is not None
    assert priced.next_bill.total == 4500 + 500 + 10000 + 1000 + 300
    assert priced.after is not None
    bill = renewal(change(priced.after, *items, as_of=at("2026-03-31")))
    assert (bill.total, bill.period) == (16300, Period(at("2026-03-31"), at("2026-04-30")))
    assert bill.next_bill is not None
    assert bill.next_bill.total == 10000


def test_a_one_off_item_of_a_trial_stays_owed_when_it_is_left_out():
    membership = trial_member(held("basic", 3000, net=0), held("design", 20000, recurring=False, net=0))
    moved = quote(change(membership, wanted("pro", 9000, trial_days=7)))
    assert (moved.due_now, moved.trial_end) == (0, at("2026-03-24"))
    assert moved.next_bill is not None
    assert (moved.next_bill.at, moved.next_bill.total) == (at("2026-03-24"), 29000)
    paid = quote(change(membership, wanted("pro", 9000)))
    assert grosses(paid) == [("charge", "pro", 9000), ("charge", "design", 20000)]


def test_leaving_a_trial_asks_setup_fees_and_gives_no_credit():
    membership = trial_member(
        held("pro", 9000, net=0, setup_fee=1000), held("disk", 500, net=0, setup_fee=700)
    )
    priced = quote(
        change(membership, wanted("basic", 3000, setup_fee=400), wanted("disk", 500, setup_fee=700))
    )
    assert grosses(priced) == [
        ("charge", "basic", 3000),
        ("charge", "disk", 500),
        ("setup_fee", "basic", 400),
        ("setup_fee", "disk", 700),
    ]
    assert (priced.trial_end, priced.period) == (None, Period(MAR_17, at("2026-04-17")))


# --- free memberships ---


def test_a_free_plan_has_no_period_and_no_next_bill():
    priced = quote(change(None, wanted("free", 0)))
    assert (priced.kind, priced.lines, priced.period, priced.next_bill) == (Kind.NEW, (), None, None)


def test_a_downgrade_to_a_free_plan_has_no_next_bill():
    priced = quote(change(member(held("pro", 9000)), wanted("free", 0)))
    assert (priced.effective_at, priced.period, priced.next_bill) == (APR_1, MARCH, None)


def test_a_package_on_a_free_plan_starts_a_period_and_uses_up_a_codes_period():
    priced = quote(
        change(free_member(), wanted("free", 0), wanted("disk", 500), code=percent("50", periods_left=1))
    )
    assert (priced.due_now, priced.period) == (250, Period(MAR_17, at("2026-04-17")))
    assert priced.next_bill is not None
    assert priced.next_bill.total == 500


def test_an_addon_that_opens_the_first_period_charges_all_that_recurs():
    membership = free_member(held("basic", 0), held("gift", 0))
    priced = quote(change(membership, wanted("basic", 3000), wanted("gift", 100), wanted("disk", 500)))
    assert priced.kind == Kind.ADDON
    assert grosses(priced) == [("charge", "basic", 3000), ("charge", "gift", 100), ("charge", "disk", 500)]


def test_a_code_entered_with_a_mixed_change_is_used_for_it_and_goes_on():
    code = percent("50", periods_left=2)
    scenario = change(member(BASIC, held("disk", 500)), wanted("basic", 3000), wanted("mail", 600), code=code)
    priced = quote(scenario)
    assert figures(priced) == [("charge", "mail", 290, 145, 145, 0)]
    assert priced.after is not None
    assert priced.later is not None
    assert priced.after.discount == code
    bill = renewal(change(priced.after, *priced.later.items, code=priced.later.discount, as_of=APR_1))
    assert bill.total == 1800
    assert bill.after is not None
    assert bill.after.discount == percent("50", periods_left=1)


# --- renewals ---


def test_a_renewal_carries_out_what_was_scheduled():
    scenario = change(member(held("pro", 9000)), wanted("basic", 3000))
    asked = quote(scenario)
    assert asked.after is not None
    assert asked.later is not None
    bill = renewal(change(asked.after, *asked.later.items, as_of=APR_1))
    assert (bill.kind, bill.effective_at, bill.period) == (
        Kind.RENEWAL,
        APR_1,
        Period(APR_1, at("2026-05-01")),
    )
    assert grosses(bill) == [("charge", "basic", 3000)]
    assert bill.now_items[0].paid == (Paid(net=3000, tax=0, start=APR_1),)


def test_a_renewal_that_runs_late_bills_from_the_end_of_the_period():
    bill = renewal(change(member(BASIC), wanted("basic", 3000), as_of=at("2026-04-04")))
    assert (bill.effective_at, bill.period) == (APR_1, Period(APR_1, at("2026-05-01")))


def test_a_renewal_with_another_interval_counts_from_the_end_of_the_period():
    bill = renewal(change(member(BASIC), wanted("basic", 30000), interval=YEAR, as_of=APR_1))
    assert bill.period == Period(APR_1, at("2027-04-01"))
    assert bill.after is not None
    assert bill.after.anchor == APR_1


@pytest.mark.parametrize(
    "membership",
    [None, free_member(), member(BASIC, status=Status.CANCELLED), member(BASIC, status=Status.PAST_DUE)],
)
def test_only_a_running_period_or_trial_renews(membership):
    with pytest.raises(ScenarioError) as raised:
        renewal(change(membership, wanted("basic", 3000)))
    assert raised.value.path == "membership"


# --- other currencies ---


def test_a_yen_and_a_thousandth_are_not_divided():
    yen = quote(change(member(held("basic", 5)), wanted("pro", 9), currency="JPY", minimum_charge=0))
    assert grosses(yen) == [("charge", "pro", 9), ("credit", "basic", -2)]
    dinar = quote(change(member(held("basic", 12345)), wanted("pro", 54321), currency="KWD"))
    assert grosses(dinar) == [("charge", "pro", 54321), ("credit", "basic", -5973)]
