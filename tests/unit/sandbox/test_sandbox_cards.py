"""The test cards."""

import pytest

from sandbox.cards import CARDS, look_up
from sandbox.refusals import CardRefused


def test_the_cards_behave_as_stripes_do():
    said = {
        card.number: (
            card.on_saving and card.on_saving.decline_code,
            card.on_charging and card.on_charging.decline_code,
            card.asks,
            card.refunds,
        )
        for card in CARDS.values()
    }
    assert said == {
        "4242424242424242": (None, None, False, "at once"),
        "4000000000000002": ("generic_decline", "generic_decline", False, "at once"),
        "4000000000009995": ("insufficient_funds", "insufficient_funds", False, "at once"),
        "4000002760003184": (None, None, True, "at once"),
        "4000000000000341": (None, "generic_decline", False, "at once"),
        "4000000000007726": (None, None, False, "later"),
        "4000000000005126": (None, None, False, "in vain"),
    }


def test_a_number_may_be_typed_with_spaces_or_dashes():
    assert look_up(" 4242 4242-4242 4242").number == "4242424242424242"


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4242424242424241", "incorrect_number", None),
        ("", "incorrect_number", None),
        ("hello", "incorrect_number", None),
        ("²", "incorrect_number", None),
        ("5555555555554444", "card_declined", "test_mode_live_card"),
    ],
)
def test_any_other_number_is_refused(number, code, decline_code):
    with pytest.raises(CardRefused) as refused:
        look_up(number)
    error = refused.value.answer.body["error"]
    assert (error["code"], error.get("decline_code")) == (code, decline_code)


def test_each_card_has_its_own_name_and_fingerprint():
    assert len({card.alias for card in CARDS.values()}) == len(CARDS)
    assert len({card.fingerprint for card in CARDS.values()}) == len(CARDS)
