"""Taking an invoice back: the parts make the amount exactly, whatever was taken back before."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from products.pricing.corrections import MoreThanIsLeft, Part, explain_taking_back, take_back

PLAN = Part(net=9000, tax=1890, discount=1000)
CREDIT = Part(net=-1452, tax=-305)

amounts = st.integers(min_value=-1_000_000, max_value=5_000_000)
lines = st.lists(
    st.builds(Part, net=amounts, tax=amounts, discount=st.integers(0, 10_000)), min_size=1, max_size=8
)


def minus(left: list[Part], taken: list[Part]) -> list[Part]:
    return [
        Part(net=a.net - b.net, tax=a.tax - b.tax, discount=a.discount - b.discount)
        for a, b in zip(left, taken, strict=True)
    ]


def is_within(part: int, whole: int) -> bool:
    return min(0, whole) <= part <= max(0, whole)


def test_all_that_is_left_is_the_exact_mirror():
    assert take_back([PLAN, CREDIT], 9133) == [PLAN, CREDIT]


def test_a_part_is_taken_from_every_line_in_proportion():
    assert take_back([PLAN, CREDIT], 3000) == [
        Part(net=2956, tax=621, discount=328),
        Part(net=-477, tax=-100, discount=0),
    ]


def test_of_equal_remainders_the_earlier_line_gives_the_cent():
    thirds = [Part(net=100, tax=0), Part(net=100, tax=0), Part(net=100, tax=0)]
    assert [part.net for part in take_back(thirds, 100)] == [34, 33, 33]


@pytest.mark.parametrize("amount", [0, -1, 9134])
def test_more_than_is_left_is_refused(amount):
    with pytest.raises(MoreThanIsLeft):
        take_back([PLAN, CREDIT], amount)


def test_a_document_below_zero_is_taken_back_as_a_whole_only():
    assert take_back([CREDIT], -1757) == [CREDIT]
    with pytest.raises(MoreThanIsLeft):
        take_back([CREDIT], -1000)


@settings(max_examples=2000, deadline=None)
@given(lines=lines, shares=st.lists(st.floats(0, 1), max_size=2))
def test_however_it_is_taken_back_the_sums_are_exact_and_no_line_gives_more_than_it_has(lines, shares):
    left, whole = lines, sum(part.total for part in lines)
    assume(whole > 0)
    for share in shares:
        amount = max(1, round(whole * share))
        taken = take_back(left, amount)
        assert sum(part.total for part in taken) == amount
        for part, line in zip(taken, left, strict=True):
            assert is_within(part.net, line.net)
            assert is_within(part.tax, line.tax)
        left, whole = minus(left, taken), whole - amount
        if not whole:
            break
    assert take_back(left, whole) == left


def test_a_part_is_explained_with_its_formula_in_both_languages():
    part = take_back([PLAN, CREDIT], 3000)[0]
    sentences = explain_taking_back(
        invoice="2026-00012", name="Business", left=PLAN, part=part, amount=3000, whole=9133, currency="EUR"
    )
    assert {language: text.replace("\N{NO-BREAK SPACE}", " ") for language, text in sentences.items()} == {
        "en": "Refund of invoice 2026-00012: Business, €90.00 × €30.00 / €91.33 = €29.56, rounded so that all lines "
        "add up. Tax: €18.90 × €30.00 / €91.33 = €6.21.",
        "nl": "Terugbetaling van factuur 2026-00012: Business, € 90,00 × € 30,00 / € 91,33 = € 29,56, "
        "zo afgerond dat de regels samen kloppen. Btw: € 18,90 × € 30,00 / € 91,33 = € 6,21.",
    }


def test_all_of_it_is_explained_as_such():
    sentences = explain_taking_back(
        invoice="2026-00012", name="Business", left=PLAN, part=PLAN, amount=9133, whole=9133, currency="EUR"
    )
    assert sentences["en"] == "Refund of invoice 2026-00012: Business, €90.00 in full. Tax: €18.90 in full."
