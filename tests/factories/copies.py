"""Many rows like one: for pages that must not ask the database more when there is more to show."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import count as counting
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import ForeignKey, Max, Model, Q

from memberships.models import Invoice

DIGITS = 9
LONG = 32  # a text that is longer is a digest or a schema's name, and stays as long as it is
OURS = {
    "accounts",
    "checkout",
    "hooks",
    "imports",
    "legal",
    "memberships",
    "products",
    "sites",
    "staff",
    "tokens",
}
_numbers = counting(1)


def copies(row: Model, count: int, *, below: bool = True) -> list[Any]:
    """Write `count` rows like `row`. What is there once only, such as a number or an address, is another in each; so is
    a row that one alone may refer to. With `below`, each has copies of what refers to `row`, one level down. Raises
    LookupError for a row that cannot differ."""
    made = _make(row, count, given={})
    for field, child in _children(row) if below else ():
        _make(child, count, given={field.attname: [parent.pk for parent in made]})
    return made


def _make(row: Any, count: int, *, given: Mapping[str, Sequence[Any]]) -> list[Any]:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    same = {field.attname: getattr(row, field.attname) for field in fields}
    other = {field.attname: _others(field, row, count) for field in _differing(row, set(given))}
    return list(
        type(row)._base_manager.bulk_create(
            type(row)(**same | {name: values[at] for name, values in {**other, **given}.items()})
            for at in range(count)
        )
    )


def _differing(row: Any, given: set[str]) -> Iterator[Any]:
    """A field of each group of fields that no two rows share."""
    groups = [[field] for field in row._meta.concrete_fields if field.unique and not field.primary_key]
    groups += [
        [row._meta.get_field(name) for name in constraint.fields]
        for constraint in row._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and _holds(constraint.condition, row)
    ]
    for group in groups:
        names = {field.attname for field in group}
        if names and not names & given and all(getattr(row, name) not in {None, ""} for name in names):
            yield min(reversed(group), key=_reluctance)


def _holds(condition: Q | None, row: Any) -> bool:
    return condition is None or bool(type(row)._base_manager.filter(condition, pk=row.pk).exists())


def _reluctance(field: Any) -> int:
    """Texts and numbers are made other easily, rows that are referred to are not, words of a list cannot be."""
    if field.choices or getattr(field, "max_length", None) in range(1, 10):
        return 2
    return 1 if isinstance(field, ForeignKey) else 0


def _others(field: Any, row: Any, count: int) -> Sequence[Any]:
    value, numbers = getattr(row, field.attname), list(islice(_numbers, count))
    if isinstance(field, ForeignKey):
        return [other.pk for other in _make(getattr(row, field.name), count, given={})]
    if _reluctance(field) > 1:
        raise LookupError(f"{row._meta.label}.{field.name} is {value!r} once only")
    if isinstance(value, bool):
        return [False] * count
    if isinstance(field, models.UUIDField):
        return [uuid.uuid4() for _number in numbers]
    if isinstance(value, int):
        last = type(row)._base_manager.aggregate(last=Max(field.name))["last"]
        return range(last + 1, last + count + 1)
    if isinstance(field, models.DateField):
        return [value + timedelta(days=number) for number in numbers]
    longest = len(value) if len(value) > LONG else (field.max_length or len(value) + DIGITS)
    return [f"{value[: longest - DIGITS]}{number:0{DIGITS}}" for number in numbers]


def _children(row: Any) -> Iterator[tuple[Any, Any]]:
    """The rows that refer to `row`, with the field that does; those of the network's own tables. A bill is left
    out: the database takes none without its lines."""
    for relation in row._meta.related_objects:
        model = relation.related_model
        if isinstance(relation.field, ForeignKey) and model._meta.app_label in OURS and model is not Invoice:
            for child in model._base_manager.filter(**{relation.field.name: row}):
                yield relation.field, child
