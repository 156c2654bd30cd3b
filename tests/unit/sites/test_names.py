"""Names people may give an address, and schemas they may not name."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites.names import LONGEST_NAME, RESERVED_NAMES, schema_name, why_not


@pytest.mark.parametrize("name", ["a", "alice", "alice-2", "2026", "x" * 40])
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


def test_a_schema_is_named_after_the_identifier() -> None:
    uid = uuid.UUID("12345678-1234-5678-1234-567812345678")
    assert schema_name(uid) == "site_12345678123456781234567812345678"
