"""Reading the double's form-encoded parameters."""

import pytest

from sandbox.parameters import (
    FLAG,
    INTEGER,
    METADATA,
    TEXT,
    choice,
    hash_of,
    list_of,
    merge_metadata,
    read,
    required,
)
from sandbox.refusals import Refusal
from sandbox.wire import MalformedKey, decode


def test_brackets_become_hashes_and_lists():
    pairs = [
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][quantity]", "1"),
        ("line_items[1][quantity]", "2"),
        ("expand[]", "customer"),
        ("expand[]", "line_items"),
        ("metadata[a b]", "x=y"),
    ]
    assert decode(pairs) == {
        "mode": "payment",
        "line_items": [{"price_data": {"currency": "eur"}, "quantity": "1"}, {"quantity": "2"}],
        "expand": ["customer", "line_items"],
        "metadata": {"a b": "x=y"},
    }


@pytest.mark.parametrize(
    "pairs", [[("a[b", "1")], [("a", "1"), ("a[b]", "2")], [("a[b]", "1"), ("a", "2")], [("", "1")]]
)
def test_brackets_that_make_no_sense_are_refused(pairs):
    with pytest.raises(MalformedKey):
        decode(pairs)


FIELDS = {
    "amount": required(INTEGER),
    "confirm": FLAG,
    "usage": choice("on_session", "off_session"),
    "metadata": METADATA,
    "items": list_of(hash_of(name=required(TEXT))),
}


def test_values_are_read_by_their_kind():
    raw = {"amount": "1250", "confirm": "true", "items": [{"name": "Premium"}], "metadata": {"a": "1"}}
    assert read(raw, FIELDS) == {
        "amount": 1250,
        "confirm": True,
        "items": [{"name": "Premium"}],
        "metadata": {"a": "1"},
    }


@pytest.mark.parametrize(
    ("raw", "code", "param"),
    [
        ({}, "parameter_missing", "amount"),
        ({"amount": "1", "colour": "red"}, "parameter_unknown", "colour"),
        ({"amount": "1", "items": [{"name": "a", "size": "b"}]}, "parameter_unknown", "items[0][size]"),
        ({"amount": "1", "items": [{}]}, "parameter_missing", "items[0][name]"),
        ({"amount": "12.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_empty", "amount"),
        ({"amount": "1", "usage": "never"}, None, "usage"),
        ({"amount": "1", "confirm": "yes"}, None, "confirm"),
        ({"amount": "1", "metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"amount": "1", "metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"amount": "1", "metadata": {str(n): "v" for n in range(51)}}, None, "metadata"),
        ({"amount": {"a": "1"}}, None, "amount"),
        ({"amount": "1", "items": "none"}, None, "items"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(raw, code, param):
    with pytest.raises(Refusal) as refused:
        read(raw, FIELDS)
    error = refused.value.answer.body["error"]
    assert (refused.value.answer.status, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)


def test_updated_metadata_changes_what_is_named_and_takes_away_what_is_empty():
    stored = {"a": "1", "b": "2"}
    assert merge_metadata(stored, {"b": "", "c": "3"}) == {"a": "1", "c": "3"}
    assert merge_metadata(stored, None) == {}
    assert stored == {"a": "1", "b": "2"}
