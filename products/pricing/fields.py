"""Strict reading of JSON objects. A key that is not known is an error, since it may be a typing error."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from products.pricing.errors import ScenarioError, within

T = TypeVar("T")

_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?")
_MAX_TEXT = 200


class Fields:
    """One JSON object that is being read.

    Every method raises ScenarioError, with the key as its path: `wrong_type`, `bad_value`, `missing_key`, … A
    default stands for a key that is left out; without a default the key must be there.
    """

    __slots__ = ("_values",)

    def __init__(self, value: object, known: frozenset[str]) -> None:
        if not isinstance(value, dict):
            raise ScenarioError("wrong_type", "This must be an object.")
        if not known.issuperset(value):
            key = min(map(str, value.keys() - known))
            raise ScenarioError("unknown_key", "There is no such key here.", key)
        self._values = value

    def __contains__(self, key: str) -> bool:
        """Whether the key is there with a value; null counts as absent."""
        return self._values.get(key) is not None

    def integer(self, key: str, default: int | None = None) -> int:
        value = self._values.get(key, default)
        if type(value) is int:  # and not a bool, which is an int too
            return value
        raise self._wrong(key, "This must be a whole number.")

    def flag(self, key: str, default: bool) -> bool:  # noqa: FBT001 - reads as a value, not as a switch
        value = self._values.get(key, default)
        if value is True or value is False:
            return value
        raise self._wrong(key, "This must be true or false.")

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if type(value) is not str:
            raise self._wrong(key, "This must be a text.")
        if len(value) > _MAX_TEXT:
            raise ScenarioError("out_of_range", f"A text has at most {_MAX_TEXT} characters.", key)
        return value

    def decimal(self, key: str, default: str | None = None) -> Decimal:
        """A decimal written as a text, like "8.875", or a whole number; never a float."""
        value = self._values.get(key, default)
        if type(value) is int:
            return Decimal(value)
        if type(value) is not str:
            raise self._wrong(key, 'This must be a decimal in quotes: "8.875".')
        if not _DECIMAL.fullmatch(value):
            raise ScenarioError("bad_value", 'This must be a decimal of 0 or more: "8.875".', key)
        return Decimal(value)

    def instant(self, key: str) -> datetime:
        """An ISO 8601 time with its time zone, in UTC."""
        text = self.text(key)
        try:
            at = datetime.fromisoformat(text)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ScenarioError("bad_value", "This must be a time like 2026-03-17T00:00:00Z.", key) from error
        raise ScenarioError("naive_datetime", "A time needs its zone, for example Z for UTC.", key)

    def choice(
        self, key: str, choices: Mapping[str, T], *, code: str = "bad_value", default: T | None = None
    ) -> T:
        """What the value stands for among the choices."""
        value = self._values.get(key)
        if value is None:
            if default is None or key in self._values:
                raise self._wrong(key, "")
            return default
        found = choices.get(str(value))
        if found is None:
            raise ScenarioError(code, f"This must be one of: {', '.join(choices)}.", key)
        return found

    def part(self, key: str, read: Callable[[object], T]) -> T:
        """What `read` makes of the value."""
        value = self._values.get(key)
        if value is None:
            raise self._wrong(key, "")
        return within(key, read, value)

    def optional(self, key: str, read: Callable[[object], T]) -> T | None:
        """The same, or None when it is not there."""
        value = self._values.get(key)
        return None if value is None else within(key, read, value)

    def parts(self, key: str, read: Callable[[object], T]) -> tuple[T, ...]:
        """What `read` makes of each value of a list."""
        values = self._values.get(key)
        if not isinstance(values, list):
            raise self._wrong(key, "This must be a list.")
        return tuple([within(f"{key}[{n}]", read, value) for n, value in enumerate(values)])

    def _wrong(self, key: str, message: str) -> ScenarioError:
        """Why the value is not what it must be: it is not there, or not of that type."""
        if key not in self._values:
            return ScenarioError("missing_key", "This key is missing.", key)
        if self._values[key] is None:
            return ScenarioError("wrong_type", "This may not be null.", key)
        return ScenarioError("wrong_type", message, key)
