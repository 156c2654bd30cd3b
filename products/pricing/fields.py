"""Strict reading of JSON objects. A key that is not known is an error, since it may be a typing error."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from products.pricing.facts import ScenarioError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?")
_MAX_TEXT = 200


class Fields:
    """One JSON object that is being read. An error names the path of the value it is about.

    Every method raises ScenarioError: `wrong_type`, `bad_value`, `missing_key`, … A default stands for a key
    that is left out; without a default the key must be there.
    """

    __slots__ = ("_path", "_values")

    def __init__(self, value: object, path: str, known: frozenset[str]) -> None:
        if not isinstance(value, dict):
            raise ScenarioError("wrong_type", "This must be an object.", path)
        self._values = value
        self._path = path
        if not value.keys() <= known:
            key = min(map(str, value.keys() - known))
            raise ScenarioError("unknown_key", "There is no such key here.", self.path(key))

    def __contains__(self, key: str) -> bool:
        """Whether the key is there with a value; null counts as absent."""
        return self._values.get(key) is not None

    def path(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def integer(self, key: str, default: int | None = None) -> int:
        value = self._value(key, default)
        if type(value) is int:  # and not a bool, which is an int too
            return value
        raise ScenarioError("wrong_type", "This must be a whole number.", self.path(key))

    def flag(self, key: str, default: bool) -> bool:  # noqa: FBT001 - reads as a value, not as a switch
        value = self._value(key, default)
        if value is True or value is False:
            return value
        raise ScenarioError("wrong_type", "This must be true or false.", self.path(key))

    def text(self, key: str) -> str:
        value = self._value(key, None)
        if type(value) is not str:
            raise ScenarioError("wrong_type", "This must be a text.", self.path(key))
        if len(value) > _MAX_TEXT:
            raise ScenarioError("out_of_range", f"A text has at most {_MAX_TEXT} characters.", self.path(key))
        return value

    def decimal(self, key: str, default: str | None = None) -> Decimal:
        """A decimal written as a text, like "8.875", or a whole number; never a float."""
        value = self._value(key, default)
        if type(value) is int:
            return Decimal(value)
        if type(value) is not str:
            raise ScenarioError("wrong_type", 'This must be a decimal in quotes: "8.875".', self.path(key))
        if not _DECIMAL.fullmatch(value):
            raise ScenarioError("bad_value", 'This must be a decimal of 0 or more: "8.875".', self.path(key))
        return Decimal(value)

    def instant(self, key: str) -> datetime:
        """An ISO 8601 time with its time zone, in UTC."""
        text = self.text(key)
        try:
            at = datetime.fromisoformat(text)
            if at.tzinfo is not None:
                return at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            message = "This must be a time like 2026-03-17T00:00:00Z."
            raise ScenarioError("bad_value", message, self.path(key)) from error
        raise ScenarioError("naive_datetime", "A time needs its zone, for example Z for UTC.", self.path(key))

    def choice(self, key: str, choices: type[E], *, code: str = "bad_value", default: E | None = None) -> E:
        value = self._value(key, default)
        try:
            return choices(str(value))
        except ValueError as error:
            message = f"This must be one of: {', '.join(choices)}."
            raise ScenarioError(code, message, self.path(key)) from error

    def part(self, key: str, read: Callable[[object, str], T]) -> T:
        """What `read(value, path)` makes of the value."""
        return read(self._value(key, None), self.path(key))

    def optional(self, key: str, read: Callable[[object, str], T]) -> T | None:
        value = self._values.get(key)
        return None if value is None else read(value, self.path(key))

    def parts(self, key: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """What `read` makes of each value of a list."""
        values, path = self._value(key, None), self.path(key)
        if not isinstance(values, list):
            raise ScenarioError("wrong_type", "This must be a list.", path)
        return tuple([read(value, f"{path}[{n}]") for n, value in enumerate(values)])

    def _value(self, key: str, default: object) -> object:
        value = self._values.get(key, default)
        if value is None:
            if key not in self._values:
                raise ScenarioError("missing_key", "This key is missing.", self.path(key))
            raise ScenarioError("wrong_type", "This may not be null.", self.path(key))
        return value
