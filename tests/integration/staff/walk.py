"""Every address of the desk, filled in with a row where it takes one."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.cache import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.urls import get_resolver, resolve
from django.urls.resolvers import URLPattern, URLResolver

from accounts.models import User

URLCONF = "config.urls_network"
FILLED_IN = {
    "app_label": "memberships",
    "content_type_id": "1",
    "key": "recurring-revenue",
    "kind": "products",
    "name": "sites",
    "url": "nowhere",
}
ROW = ("object_id", "pk", "id")


def addresses() -> dict[str, str]:
    """The path of each address by its name; one of a row names the first of its kind, or one that is not there."""
    desk = next(each for each in get_resolver(URLCONF).url_patterns if str(each.pattern) == "admin/")
    return {name: f"/admin/{path}" for name, path in _below(desk, "", "")}


def _below(part: Any, prefix: str, kind: str) -> Iterator[tuple[str, str]]:
    for each in part.url_patterns:
        pattern = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from _below(each, pattern, pattern.strip("/").replace("/", "_"))
        elif isinstance(each, URLPattern) and each.name and "(?P" not in pattern and "^" not in pattern:
            yield each.name, _filled(pattern, kind)


def _filled(pattern: str, kind: str) -> str:
    parts = pattern.split("/")
    for at, part in enumerate(parts):
        if part.startswith("<"):
            name, _bracket, rest = part.partition(">")
            name = name.strip("<").rpartition(":")[2]
            parts[at] = (first_row(kind) if name in ROW else FILLED_IN[name]) + rest
    return "/".join(parts)


def first_row(kind: str) -> str:
    row = next(
        (each._default_manager.first() for each in admin.site._registry if kind_of(each) == kind), None
    )
    return "0" if row is None else str(row.pk)


def kind_of(model: Any) -> str:
    return str(model._meta.label_lower.replace(".", "_"))


def desks() -> dict[str, ModelAdmin[Any]]:
    """What is on the desk, by its kind."""
    assert addresses()  # what is not for it is taken off as it is laid
    return {kind_of(model): each for model, each in admin.site._registry.items()}


def status(path: str, *, user: User, sent: dict[str, str] | None = None) -> int:
    """What the desk answers to `user` who opens `path`, or sends it something. The view alone is asked, and its page is
    not drawn: what a page looks like is the matter of other tests, and most of the time that it takes."""
    factory = RequestFactory(SERVER_NAME="localhost")
    request: Any = factory.get(path) if sent is None else factory.post(path, sent)
    request.user, request.tenant, request.session = user, None, SessionStore()
    request._dont_enforce_csrf_checks = True
    request._messages = FallbackStorage(request)
    request.resolver_match = found = resolve(path, URLCONF)
    try:
        answer = found.func(request, *found.args, **found.kwargs)
    except PermissionDenied:
        return 403
    except Http404:
        return 404
    return 404 if answer.get("Location") == "/admin/" else int(answer.status_code)


def everything() -> dict[str, str]:
    """A digest of each of the network's tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = sorted(row[0] for row in cursor.fetchall() if row[0] not in NOT_HELD)
        parts = " UNION ALL ".join(
            f"SELECT '{table}', md5(COALESCE(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t"
            for table in tables
        )
        cursor.execute(parts)
        return dict(cursor.fetchall())


NOT_HELD = {"django_session", "usersessions_usersession"}
