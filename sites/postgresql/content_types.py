"""Django remembers content types per process; their ids differ from schema to schema. Here they are
remembered per schema."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connections

SCHEMAS_REMEMBERED = 200  # about 40 kB each


class SchemaCache:
    """Stands in for the dictionary of `ContentTypeManager`: the same key leads to another entry in each
    schema.

    It holds the schemas used last. Threads share it, so the order is kept under a lock; what a schema's entry
    holds is written whole by Django, one item at a time.
    """

    def __init__(self, size: int = SCHEMAS_REMEMBERED) -> None:
        self._size = size
        self._schemas: OrderedDict[tuple[str, str], dict[Hashable, ContentType]] = OrderedDict()
        self._lock = Lock()

    def __getitem__(self, alias: str) -> dict[Hashable, ContentType]:
        key = self._key(alias)
        with self._lock:
            self._schemas.move_to_end(
                key
            )  # KeyError when this schema is not remembered: Django asks the database
            return self._schemas[key]

    def setdefault(self, alias: str, default: dict[Hashable, ContentType]) -> dict[Hashable, ContentType]:
        key = self._key(alias)
        with self._lock:
            entry = self._schemas.setdefault(key, default)
            self._schemas.move_to_end(key)
            while len(self._schemas) > self._size:
                self._schemas.popitem(last=False)
            return entry

    def clear(self) -> None:
        with self._lock:
            self._schemas.clear()

    @staticmethod
    def _key(alias: str) -> tuple[str, str]:
        connection: Any = connections[alias]
        return alias, connection.schema_name


def keep_apart_by_schema() -> None:
    """Give `ContentType.objects` a memory per schema. Called once, when the apps are ready."""
    ContentType.objects._cache = SchemaCache()  # type: ignore[attr-defined]  # noqa: SLF001 -- Django has no public door
