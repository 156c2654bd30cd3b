"""Form-encoded parameters with brackets, as Stripe's clients write them: `a[b][0][c]=1` and `expand[]=x`."""

import re
from collections.abc import Iterable
from typing import Any

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_SEGMENT = re.compile(r"\[([^\[\]]*)\]")


class MalformedKey(ValueError):
    """A parameter's name whose brackets do not close, or that is both a value and a hash."""


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested dicts, lists and strings out of flat pairs. Raises MalformedKey."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        match = _KEY.match(name)
        if match is None:
            raise MalformedKey(name)
        _put(tree, [match[1], *_SEGMENT.findall(match[2])], value, name=name)
    return {key: _lists(value) for key, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str, *, name: str) -> None:
    for segment in path[:-1]:
        tree = tree.setdefault(_slot(tree, segment), {})
        if not isinstance(tree, dict):
            raise MalformedKey(name)
    last = _slot(tree, path[-1])
    if isinstance(tree.get(last), dict):
        raise MalformedKey(name)
    tree[last] = value


def _slot(tree: dict[str, Any], segment: str) -> str:
    """`[]` means: the next place of the list."""
    return segment or str(len(tree))


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}
