"""Names people may give an address, and schemas they may not name."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites.names import LONGEST_NAME, RESERVED_NAMES, proposals, schema_name, why_not


@pytest.mark.parametrize(
    "name", ["a", "alice", "alice-2", "2026", "x" * 40, "mall", "pope", "modern", "admin-2", "shop-berlin"]
)
def test_a_plain_name_may_be_used(name: str) -> None:
    assert why_not(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("x" * 41, "long"),
        ("Alice", "characters"),
        ("alice.b", "characters"),
        ("-alice", "characters"),
        ("alice-", "characters"),
        ("al ice", "characters"),
        ("älice", "characters"),
        ("alice\n", "characters"),
        ("a\x00", "characters"),
        ("xn--alice", "punycode"),
        ("ab--cd", "punycode"),
        ("www", "reserved"),
        ("admin", "reserved"),
        ("api", "reserved"),
        ("mail", "reserved"),
        ("site-template", "reserved"),
        ("adm1n", "lookalike"),
        ("supp0rt", "lookalike"),
        ("rnail", "lookalike"),
        ("vvebmail", "lookalike"),
        ("sign-up", "lookalike"),
        ("s3cur1ty", "lookalike"),
        ("5itewright", "lookalike"),
    ],
)
def test_a_name_that_may_not_be_used_says_why(name: str, reason: str) -> None:
    assert why_not(name) == reason


@given(st.text(max_size=60))
def test_whatever_is_typed_a_name_that_passes_is_one_lower_case_host_label(name: str) -> None:
    if why_not(name) is None:
        assert name.isascii()
        assert name == name.lower()
        assert 1 <= len(name) <= LONGEST_NAME
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert name not in RESERVED_NAMES


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Nora's Bikes", ["nora-s-bikes", "nora-s-bikes-site"]),
        ("  Café Noël & Söhne! ", ["cafe-noel-sohne", "cafe-noel-sohne-site"]),
        ("admin", ["admin-site", "admin-online"]),
        ("xn--alice", ["xn-alice", "xn-alice-site"]),
        ("A" * 50, ["a" * 40, "a" * 35 + "-site"]),
        ("日本語", []),
        ("", []),
    ],
)
def test_addresses_are_proposed_from_what_was_typed(text: str, first: list[str]) -> None:
    assert proposals(text)[:2] == first


@given(st.text(max_size=200))
def test_whatever_is_typed_what_is_proposed_may_be_used(text: str) -> None:
    assert [why_not(name) for name in proposals(text)] == [None] * len(proposals(text))


def test_a_schema_is_named_after_the_identifier() -> None:
    uid = uuid.UUID("12345678-1234-5678-1234-567812345678")
    assert schema_name(uid) == "site_12345678123456781234567812345678"
