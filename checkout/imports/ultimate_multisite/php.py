"""Values as PHP serializes them: `a:1:{s:3:"key";i:5;}`. Only what is data; an object is read as its properties."""

import json
import re
from typing import Any

SCALAR = re.compile(rb"(?:(N);|([ibd]):([^;]+);)")
SIZED = re.compile(rb"([saO]):(\d+):")
PROPERTY = re.compile(r"^\x00[^\x00]*\x00")  # of what is private or protected, before its name


def unserialize(text: str | None) -> Any:
    """The value that `text` stands for: arrays are dicts. None for what is none, or no data."""
    if not text:
        return None
    if text[0] in "[{":
        try:
            return json.loads(text)
        except ValueError:
            return None
    try:
        value, _end = _read(text.encode(), 0)
    except (ValueError, IndexError, RecursionError):
        return None
    return value


def _read(data: bytes, at: int) -> tuple[Any, int]:
    scalar = SCALAR.match(data, at)
    if scalar is not None:
        return _scalar(scalar), scalar.end()
    sized = SIZED.match(data, at)
    if sized is None:
        raise ValueError(f"what begins at {at} is no data")
    kind, size, at = sized[1], int(sized[2]), sized.end()
    if kind == b"s":
        return _text(data, at, size)
    if kind == b"O":  # its class, and how many properties
        _name, at = _text(data, at, size, closes=b'":')
        count = re.compile(rb"(\d+):").match(data, at)
        if count is None:
            raise ValueError(f"the object at {at} has no properties")
        size, at = int(count[1]), count.end()
    return _array(data, at, size)


def _scalar(found: re.Match[bytes]) -> Any:
    if found[1]:
        return None
    number = found[3].decode()
    match found[2]:
        case b"i":
            return int(number)
        case b"d":
            return float(number)
        case _:
            return number == "1"


def _text(data: bytes, at: int, size: int, *, closes: bytes = b'";') -> tuple[str, int]:
    end = at + 1 + size
    if data[at : at + 1] != b'"' or data[end : end + 2] != closes:
        raise ValueError(f"the text at {at} has another length")
    return data[at + 1 : end].decode(), end + 2


def _array(data: bytes, at: int, size: int) -> tuple[dict[Any, Any], int]:
    if data[at : at + 1] != b"{":
        raise ValueError(f"no array begins at {at}")
    at += 1
    found: dict[Any, Any] = {}
    for _entry in range(size):
        key, at = _read(data, at)
        value, at = _read(data, at)
        found[PROPERTY.sub("", key) if isinstance(key, str) else key] = value
    if data[at : at + 1] != b"}":
        raise ValueError(f"the array ends at {at} with more than it should have")
    return found, at + 1
