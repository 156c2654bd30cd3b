"""VAT numbers, and who pays the VAT."""

import pytest

from memberships.policies.vat import NotAVatNumber, is_reverse_charged, vat_number

GERMAN, DUTCH, GREEK = "DE136695976", "NL004495445B01", "EL094259216"


@pytest.mark.parametrize(
    ("typed", "country", "written"),
    [
        ("de 136.695.976", "DE", GERMAN),
        ("136695976", "DE", GERMAN),
        ("NL004495445B01", "NL", DUTCH),
        ("BE697449992", "BE", "BE0697449992"),
        ("094259216", "GR", GREEK),
        ("el 094259216", "GR", GREEK),
        ("", "DE", ""),
        ("che-123.456.788 mwst", "CH", "CHE123456788MWST"),
    ],
)
def test_a_number_is_written_with_its_country_and_without_spaces(typed, country, written):
    assert vat_number(typed, country=country) == written


@pytest.mark.parametrize(
    ("typed", "country"),
    [("DE136695977", "DE"), (DUTCH, "DE"), ("123", "NL"), ("EU826010755", "DE"), ("-x-", "DE")],
)
def test_what_is_no_number_of_the_country_is_refused(typed, country):
    with pytest.raises(NotAVatNumber):
        vat_number(typed, country=country)


@pytest.mark.parametrize(
    ("seller", "customer", "number", "reverse"),
    [
        ("NL", "DE", GERMAN, True),
        ("NL", "GR", GREEK, True),
        ("NL", "NL", DUTCH, False),  # at home the seller collects it
        ("NL", "DE", "", False),  # a consumer
        ("NL", "DE", "DE136695977", False),
        ("NL", "DE", DUTCH, False),  # a number of another country
        ("NL", "GB", "XI980780684", False),  # not in the union
        ("CH", "DE", GERMAN, False),  # nor is this seller
        ("NL", "", GERMAN, False),
    ],
)
def test_vat_is_reversed_for_a_business_in_another_member_state(seller, customer, number, reverse):
    assert is_reverse_charged(seller_country=seller, customer_country=customer, number=number) is reverse
