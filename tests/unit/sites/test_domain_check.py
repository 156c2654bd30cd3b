"""What follows from what the DNS says."""

import pytest

from sites.policies.domain_check import Records, is_proven, leads_here, private_addresses

OURS = ("203.0.113.10", "2001:db8::10")


@pytest.mark.parametrize(
    ("records", "here"),
    [
        (Records(addresses=("203.0.113.10",)), True),
        (Records(addresses=("203.0.113.10", "2001:0db8:0::10")), True),
        (Records(alias="alpha.sites.example", addresses=("198.51.100.1",)), True),
        (Records(alias="bravo.sites.example"), False),
        (Records(alias="alpha.sites.example.evil.example"), False),
        (Records(addresses=("203.0.113.10", "198.51.100.1")), False),
        (Records(addresses=("203.0.113.1",)), False),
        (Records(), False),
    ],
)
def test_a_name_leads_here_when_everything_it_leads_to_is_ours(records: Records, here: bool) -> None:
    assert leads_here(records, own_host="alpha.sites.example", our_addresses=OURS) is here


def test_nothing_leads_here_by_address_when_we_have_none() -> None:
    assert leads_here(Records(addresses=("203.0.113.10",)), own_host="a", our_addresses=()) is False


def test_the_proof_is_the_whole_text_and_not_a_part() -> None:
    proofs = ("v=spf1 -all", "sitewright=abc")
    assert is_proven(Records(proofs=proofs), proof="sitewright=abc") is True
    assert is_proven(Records(proofs=proofs), proof="sitewright=ab") is False
    assert is_proven(Records(proofs=("x sitewright=abc",)), proof="sitewright=abc") is False


def test_addresses_that_nobody_outside_reaches_are_named() -> None:
    records = Records(addresses=("10.0.0.5", "8.8.8.8", "127.0.0.1", "169.254.169.254", "fd00::1"))
    assert private_addresses(records) == ["10.0.0.5", "127.0.0.1", "169.254.169.254", "fd00::1"]


def test_what_was_seen_is_read_as_it_was_stored() -> None:
    records = Records(proofs=("a",), alias="b", addresses=("203.0.113.10",), silent=True)
    assert Records.from_json(records.to_json()) == records
    assert Records.from_json({}) == Records()
