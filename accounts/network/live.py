"""The network's settings as they are now: what was set at the desk, else what the environment says.

    from accounts.network.live import network

    until = order.settled_at + timedelta(hours=network.undo_hours)

Whatever may be changed at the desk is read here and nowhere else, at the moment it is needed. A request or a task sees
one state of it from its first look to its end (`one_look`); the next one looks anew. A look is one question to the
cache, and one statement when that does not know.

What is remembered carries the version that was read *before* the row; whoever changes the row sets a new version after
the commit, so that what was read in between is never believed.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Generic, Self, TypeVar, overload

from django.conf import settings
from django.core.cache import caches
from django.db import connection

SECONDS_KEPT: Final = 60  # how long a value may be wrong when Redis was away while it changed
VERSION: Final = "settings-version"
VALUES: Final = "settings-1"  # the next number whenever their shape changes
NOT_SETTINGS: Final = ("id", "version", "changed_at", "changed_by_id")

T = TypeVar("T")


class _Look:
    """What a request or a task saw, once it has looked."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: Mapping[str, Any] | None = None


_looking: ContextVar[_Look | None] = ContextVar("looking", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Whatever is read inside is of one moment."""
    token = _looking.set(_Look())
    try:
        yield
    finally:
        _looking.reset(token)


def set_at_the_desk() -> Mapping[str, Any]:
    """The values that replace the environment's, by name in lower case."""
    look = _looking.get()
    if look is None:
        return _find()
    if look.seen is None:
        look.seen = _find()
    return look.seen


def forget() -> None:
    """Make every process look anew. To be called after the commit."""
    caches["network"].set(VERSION, uuid.uuid4().hex, timeout=None)


class Setting(Generic[T]):
    """A setting by its name in the environment, which is its attribute's in capitals."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        value: T = set_at_the_desk().get(self.name, self.in_the_environment)
        return value

    @property
    def in_the_environment(self) -> T:
        value: T = getattr(settings, self.name.upper())
        return value


class Network:
    """Every setting that can be changed while the network runs. `NetworkSettings` has a column for each."""

    network_name = Setting[str]()
    seller_name = Setting[str]()
    seller_address = Setting[str]()
    seller_country = Setting[str]()
    seller_vat_number = Setting[str]()
    seller_iban = Setting[str]()
    seller_bic = Setting[str]()
    transfer_lifetime_days = Setting[int]()
    trials_need_a_card = Setting[bool]()
    undo_hours = Setting[int]()
    dunning_days = Setting[list[int]]()
    expire_after_days = Setting[int]()
    grace_days = Setting[int]()
    spare_sites = Setting[int]()
    recycle_days = Setting[int]()
    domain_quarantine_days = Setting[int]()
    staff_need_second_factor = Setting[bool]()
    email_confirmation = Setting[str]()


network: Final = Network()


def names() -> list[str]:
    """The settings that can be changed at the desk, in lower case."""
    return [name for name, each in vars(Network).items() if isinstance(each, Setting)]


def name_of_the_network() -> str:
    """For what takes a function: templates, and settings of libraries."""
    return network.network_name


def _find() -> Mapping[str, Any]:
    known = caches["network"].get_many([VERSION, VALUES])
    version, stored = known.get(VERSION), known.get(VALUES)
    if stored is not None and stored["version"] == version:
        values: Mapping[str, Any] = stored["values"]
        return values
    values = _read()
    caches["network"].set(VALUES, {"version": version, "values": values}, timeout=SECONDS_KEPT)
    return values


def _read() -> dict[str, Any]:
    """By the table's full name, for it may be asked in a site's schema. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(chosen) FROM public.network_networksettings AS chosen")
        row = cursor.fetchone()
    stored: dict[str, Any] = json.loads(row[0]) if row else {}
    return {name: value for name, value in stored.items() if value is not None and name not in NOT_SETTINGS}
