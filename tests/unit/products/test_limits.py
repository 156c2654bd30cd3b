"""Limits add up: plan + package x quantity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.limits import UNITS, Kind, Limits, Scope, Unit, is_near

amounts = st.none() | st.integers(min_value=0, max_value=10**15)
all_limits = st.builds(Limits, st.dictionaries(st.sampled_from(Kind), amounts))


@given(all_limits, all_limits)
def test_the_order_of_two_products_does_not_matter(left: Limits, right: Limits):
    assert left + right == right + left


@given(all_limits, all_limits, all_limits)
def test_it_does_not_matter_which_products_are_added_first(one: Limits, two: Limits, three: Limits):
    assert (one + two) + three == one + (two + three)


@given(all_limits)
def test_a_product_without_limits_adds_nothing(limits: Limits):
    assert limits + Limits() == limits


@given(all_limits, all_limits)
def test_unlimited_from_either_product_is_unlimited(left: Limits, right: Limits):
    total = left + right
    for kind in Kind:
        assert (total[kind] is None) == (left[kind] is None or right[kind] is None)


@given(all_limits, all_limits)
def test_numbers_are_summed(left: Limits, right: Limits):
    total = left + right
    for kind in Kind:
        one, other = left[kind], right[kind]
        if one is not None and other is not None:
            assert total[kind] == one + other


@given(all_limits, st.integers(min_value=0, max_value=20))
def test_a_quantity_is_the_same_product_that_many_times(limits: Limits, quantity: int):
    assert limits * quantity == sum((limits for _ in range(quantity)), Limits())


@given(all_limits)
def test_what_is_stored_reads_back_the_same(limits: Limits):
    assert Limits.from_json(limits.to_json()) == limits


@given(all_limits)
def test_equal_limits_have_equal_hashes(limits: Limits):
    spelled_out = Limits({kind: limits[kind] for kind in Kind})
    assert spelled_out == limits
    assert hash(spelled_out) == hash(limits)


def test_a_quantity_below_zero_is_refused():
    with pytest.raises(ValueError, match="A quantity is 0 or more, this is -1"):
        Limits({Kind.POSTS: 1}) * -1


def test_a_limit_below_zero_is_refused():
    with pytest.raises(ValueError, match="The limit of posts is -1"):
        Limits({Kind.POSTS: -1})


def test_none_of_an_unlimited_product_is_nothing():
    assert (Limits({Kind.POSTS: None}) * 0)[Kind.POSTS] == 0


@pytest.mark.parametrize(
    ("amount", "used", "more", "allowed"),
    [
        (3, 2, 1, True),
        (3, 3, 1, False),
        (3, 0, 4, False),
        (None, 10**9, 1, True),
        (0, 0, 1, False),
        (3, 3, 0, True),
    ],
)
def test_more_is_allowed_up_to_the_limit(amount: int | None, used: int, more: int, allowed: bool):
    assert Limits({Kind.POSTS: amount}).allows(Kind.POSTS, used=used, more=more) is allowed


@pytest.mark.parametrize(
    ("allowed", "first"), [(1000, 800), (10, 8), (9, 8), (7, 6), (5, 4), (4, 4), (3, 3), (1, 1), (0, 1)]
)
def test_near_the_limit_is_from_four_fifths_on(allowed: int, first: int):
    assert [is_near(used=used, allowed=allowed) for used in (0, first - 1, first)] == [False, False, True]


def test_a_kind_that_is_not_mentioned_is_not_allowed():
    assert not Limits().allows(Kind.CUSTOM_CSS)
    assert Limits({Kind.CUSTOM_CSS: None}).allows(Kind.CUSTOM_CSS)


def test_stored_kinds_that_no_longer_exist_are_left_out():
    assert Limits.from_json({"posts": 5, "fax_machines": None}) == Limits({Kind.POSTS: 5})


def test_limits_do_not_change_after_they_are_made():
    source = {Kind.POSTS: 5}
    limits = Limits(source)
    source[Kind.POSTS] = 6
    assert limits[Kind.POSTS] == 5
    with pytest.raises(TypeError):
        limits.amounts[Kind.POSTS] = 6  # type: ignore[index]  # the attempt is the test


def test_every_kind_has_a_unit_and_a_scope():
    assert set(UNITS) == set(Kind)
    assert [kind for kind in Kind if kind.scope == Scope.MEMBERSHIP] == [Kind.SITES]
    assert [kind for kind in Kind if kind.unit == Unit.BYTES] == [Kind.DISK]
