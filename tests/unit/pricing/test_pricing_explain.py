"""Every figure as a sentence, in English and Dutch."""
# ruff: noqa: E501, ISC004 - the sentences stand here as customers read them

from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given

from products.pricing import (
    ItemType,
    OnUpgrade,
    Paid,
    Status,
    explain,
    quote,
    quote_from_json,
    quote_to_json,
    renewal,
)
from products.pricing.wording import LANGUAGES, SENTENCES
from tests.unit.pricing.cases import (
    APR_1,
    MAR_1,
    MAR_17,
    amount,
    at,
    change,
    held,
    member,
    percent,
    trial_member,
    wanted,
)
from tests.unit.pricing.examples import EXAMPLES
from tests.unit.pricing.strategies import scenarios, thorough

NAMES = {"basic": "Basic", "pro": "Pro", "disk": "Extra disk"}


def sentences(scenario, language="en"):
    """The sentences, with plain spaces instead of the no-break spaces of Dutch amounts."""
    told = explain(scenario, quote(scenario), language, names=NAMES)
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in told]


def test_an_upgrade_is_explained_in_english():
    assert sentences(EXAMPLES[3][0]) == [
        "Starts now.",
        "Pro: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026. Tax: 21 % of €90.00 = €18.90.",
        "Credit for unused time of Basic: €30.00 × 15/31 = €14.52 back, for the 15 of 31 days left until 1 April 2026. "
        "Tax: €6.30 × 15/31 = €3.05 back.",
        "Due today: €75.48 + €15.85 tax = €91.33.",
        "Next bill on 17 April 2026: Pro €90.00 + tax €18.90 = €108.90.",
    ]


def test_an_upgrade_is_explained_in_dutch():
    assert sentences(EXAMPLES[3][0], "nl") == [
        "Gaat nu in.",
        "Pro: 1 × € 90,00 = € 90,00, voor 17 maart 2026 tot 17 april 2026. Btw: 21 % van € 90,00 = € 18,90.",
        "Tegoed voor ongebruikte tijd van Basic: € 30,00 × 15/31 = € 14,52 terug, voor 15 van 31 dagen tot 1 april 2026. "
        "Btw: € 6,30 × 15/31 = € 3,05 terug.",
        "Vandaag te betalen: € 75,48 + € 15,85 btw = € 91,33.",  # codespell:ignore
        "Volgende rekening op 17 april 2026: Pro € 90,00 + btw € 18,90 = € 108,90.",
    ]


def test_a_downgrade_says_when_it_starts_and_that_nothing_is_due():
    assert sentences(EXAMPLES[6][0]) == [
        "Starts on 1 April 2026; until then nothing changes.",
        "Due today: nothing.",
        "Next bill on 1 April 2026: Basic €30.00.",
    ]


def test_a_credit_that_is_left_goes_to_the_wallet():
    assert sentences(EXAMPLES[5][0])[3:] == [
        "Due today: nothing; €184.52 goes to your wallet.",
        "Your wallet: €0.00 + €184.52 = €184.52.",
        "Next bill on 1 March 2026: Pro €90.00 - €90.00 from your wallet = €0.00.",
    ]


def test_too_little_to_charge_is_said_to_come_with_the_next_bill():
    assert sentences(EXAMPLES[14][0])[2:] == [
        "Due today: nothing; €0.29 is less than €0.50, the least that can be charged, and comes with the next bill.",
        "Your wallet: €0.00 - €0.29 = -€0.29.",
        "Next bill on 1 April 2026: Basic €30.00 + mail €0.60 = €30.60 + €0.29 still open = €30.89.",
    ]


def test_a_prorated_order_with_all_that_can_stand_on_it():
    scenario = change(
        member(held("basic", 3000), wallet=2000),
        wanted("pro", 9000, tax_rate=Decimal(21)),
        wanted("disk", 500, quantity=2, setup_fee=2500, tax_rate=Decimal("8.875")),
        wanted("design", 20000, type=ItemType.SERVICE, recurring=False),
        code=amount(1000, periods_left=2, products=("pro", "disk")),
        as_of=at("2026-03-17T10:11"),
        on_upgrade=OnUpgrade.KEEP_RENEWAL_DATE,
    )
    assert sentences(scenario)[1:5] == [
        "Pro: 1 × €90.00 × 20989/44640 = €42.32, for the 14 d 13 h 49 min of 31 days left until 1 April 2026. "
        "Code AMOUNT: €10.00 × 20989/44640 = €4.70 off the whole order, €4.23 of it here. Tax: 21 % of €38.09 = €8.00.",
        "Extra disk: 2 × €5.00 × 20989/44640 = €4.70, for the 14 d 13 h 49 min of 31 days left until 1 April 2026. "
        "Code AMOUNT: €10.00 × 20989/44640 = €4.70 off the whole order, €0.47 of it here. Tax: 8.875 % of €4.23 = €0.38.",
        "design: 1 × €200.00 = €200.00, paid once.",
        "Setup fee for Extra disk: €25.00, paid once. Tax: 8.875 % of €25.00 = €2.22.",
    ]
    assert sentences(scenario)[-3:] == [
        "Due today: €253.21 + €10.60 tax = €263.81 - €20.00 from your wallet = €243.81.",
        "Your wallet: €20.00 - €20.00 = €0.00.",
        "Next bill on 1 April 2026: Pro €90.00 + Extra disk €10.00 - discount €10.00 + tax €17.81 = €107.81.",
    ]


def test_inclusive_prices_say_which_tax_they_contain():
    scenario = change(
        None, wanted("pro", 9000, tax_rate=Decimal(21)), code=percent("10"), prices_include_tax=True
    )
    assert sentences(scenario)[1:4] == [
        "Pro: 1 × €90.00 = €90.00, for 17 March 2026 to 17 April 2026. Code PERCENT: 10 % of €90.00 = €9.00 off. "
        "Tax included: €81.00 × 21 / 121 = €14.06.",
        "Code PERCENT stays for every bill.",
        "Due today: €81.00, €14.06 of it tax.",
    ]


def test_a_credit_names_each_of_its_payments():
    parts = (Paid(net=500, tax=0, start=MAR_1), Paid(net=242, tax=0, start=MAR_17))
    scenario = change(
        member(held("basic", 3000), held("disk", 500, quantity=2, paid=parts)),
        wanted("pro", 9000),
        as_of=at("2026-03-22"),
    )
    assert sentences(scenario)[3] == (
        "Credit for unused time of Extra disk: €5.00 × 10/31 + €2.42 × 10/15 = €3.23 back, "
        "for the 10 of 31 days left until 1 April 2026."
    )


def test_a_setup_fee_says_what_was_paid_before():
    scenario = change(member(held("basic", 3000, setup_fee_paid=2000)), wanted("pro", 9000, setup_fee=5000))
    assert sentences(scenario)[2] == "Setup fee for Pro: €50.00 - €20.00 paid before = €30.00."


def test_a_trial_says_until_when_and_what_it_leads_to():
    scenario = change(None, wanted("pro", 9000, trial_days=14, setup_fee=1000))
    assert sentences(scenario) == [
        "Your trial runs until 31 March 2026.",
        "Due today: nothing.",
        "Next bill on 31 March 2026: Pro €90.00 + setup fee for Pro €10.00 = €100.00.",
    ]
    moved = change(trial_member(held("basic", 3000, net=0)), wanted("pro", 9000, trial_days=14))
    assert sentences(moved)[0] == "Your trial runs until 24 March 2026."


def test_a_mixed_change_says_both_dates():
    scenario = change(
        member(held("basic", 3000), held("disk", 500)), wanted("basic", 3000), wanted("mail", 600)
    )
    assert sentences(scenario)[0] == "What you add starts now; what you give up ends on 1 April 2026."


def test_a_renewal_is_explained_too():
    scenario = change(member(held("basic", 3000)), wanted("basic", 3000), as_of=APR_1)
    told = explain(scenario, renewal(scenario))
    assert list(told) == [
        "Renews on 1 April 2026.",
        "basic: 1 × €30.00 = €30.00, for 1 April 2026 to 1 May 2026.",
        "Due today: €30.00.",
        "Next bill on 1 May 2026: basic €30.00.",
    ]


@pytest.mark.parametrize(
    ("status", "language", "told"),
    [
        (Status.ACTIVE, "en", "This is what you have now, so nothing changes."),
        (Status.ACTIVE, "nl", "Dit is wat u nu hebt, dus er verandert niets."),
        (Status.PAST_DUE, "en", "There is an open invoice. Pay or cancel it first."),
    ],
)
def test_what_changes_nothing_says_why(status, language, told):
    scenario = change(member(held("basic", 3000), status=status), wanted("basic", 3000))
    assert sentences(scenario, language) == [told]


def test_a_language_that_is_not_known_is_english():
    scenario, _ = EXAMPLES[1]
    assert sentences(scenario, "fr") == sentences(scenario, "en")


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_is_there_in_each_language_with_the_same_figures(key):
    assert set(SENTENCES[key]) == LANGUAGES
    figures = [
        {name for _, name, _, _ in Formatter().parse(text) if name} for text in SENTENCES[key].values()
    ]
    assert all(names <= figures[0] for names in figures)


@thorough
@given(scenarios)
def test_any_quote_can_be_explained_line_by_line_also_when_it_was_stored(scenario):
    priced = quote(scenario)
    for language in LANGUAGES:
        told = explain(scenario, priced, language)
        assert len(told.lines) == len(priced.lines)
        assert told == explain(scenario, quote_from_json(quote_to_json(priced)), language)
