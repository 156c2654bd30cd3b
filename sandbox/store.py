"""Reading and writing objects. All writing goes through `writing()`, one writer at a time."""

import secrets
import string
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from sandbox.models import Resource
from sandbox.refusals import NoSuchResource, Refusal

Body = dict[str, Any]

_LETTERS = string.ascii_letters + string.digits
_writer = threading.RLock()

# kind: (prefix of its ids, number of random letters, what an error message calls it)
_KINDS = {
    "customer": ("cus_", 14, "customer"),
    "payment_method": ("pm_", 24, "PaymentMethod"),
    "payment_intent": ("pi_", 24, "payment_intent"),
    "setup_intent": ("seti_", 24, "setupintent"),
    "charge": ("ch_", 24, "charge"),
    "refund": ("re_", 24, "refund"),
    "checkout.session": ("cs_test_", 58, "checkout.session"),
    "event": ("evt_", 24, "event"),
    "webhook_endpoint": ("we_", 24, "webhook endpoint"),
}
LARGEST_PAGE = 100
USUAL_PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as the operations need to know it. `at`: seconds since 1970, read once."""

    at: float
    request_ref: str | None = None
    idempotency_key: str | None = None

    @property
    def now(self) -> int:
        return int(self.at)


@contextmanager
def writing() -> Iterator[None]:
    """Holds the process's only writer, so SQLite never has to say that the database is locked."""
    with _writer, transaction.atomic():
        yield


def random_text(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def new_ref(kind: str) -> str:
    prefix, length, _ = _KINDS[kind]
    return prefix + random_text(length)


def add(body: Body, *, hidden: Body | None = None) -> Resource:
    """Stores a new object; `body` carries its id, kind (`object`) and `created`."""
    resource = Resource(
        ref=body["id"], kind=body["object"], created=body["created"], body=body, hidden=hidden or {}
    )
    save(resource)
    return resource


def save(resource: Resource) -> None:
    resource.customer = resource.body.get("customer") or ""
    resource.payment_intent = resource.body.get("payment_intent") or ""
    resource.save()


def find(kind: str, ref: str, *, param: str | None = None) -> Resource:
    """Raises NoSuchResource; `param`: the parameter the id came in, None when it stood in the address."""
    resource = Resource.objects.filter(kind=kind, ref=ref).first()
    if resource is None:
        raise NoSuchResource(kind=_KINDS[kind][2], ref=ref, param=param)
    return resource


def of_kind(kind: str, given: Mapping[str, Any] | None = None) -> "QuerySet[Resource]":
    """All objects of a kind, narrowed by the parameter `created` when it is there."""
    rows = Resource.objects.filter(kind=kind)
    bounds = (given or {}).get("created") or {}
    return rows.filter(**{f"created__{bound}": moment for bound, moment in bounds.items()})


def page(rows: "QuerySet[Resource]", given: Mapping[str, Any], *, url: str) -> Body:
    """A list object, newest first, with Stripe's cursors."""
    limit = given.get("limit", USUAL_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise Refusal(f"This value must be between 1 and {LARGEST_PAGE}", param="limit")
    if "starting_after" in given and "ending_before" in given:
        raise Refusal("You may only specify one of these parameters: ending_before, starting_after")
    if "ending_before" in given:
        found = list(rows.filter(pk__gt=_cursor(given, "ending_before")).order_by("pk")[: limit + 1])
        shown = found[:limit][::-1]
    else:
        if "starting_after" in given:
            rows = rows.filter(pk__lt=_cursor(given, "starting_after"))
        found = list(rows.order_by("-pk")[: limit + 1])
        shown = found[:limit]
    return {
        "object": "list",
        "data": [resource.body for resource in shown],
        "has_more": len(found) > limit,
        "url": url,
    }


def _cursor(given: Mapping[str, Any], param: str) -> int:
    place: int | None = Resource.objects.filter(ref=given[param]).values_list("pk", flat=True).first()
    if place is None:
        raise NoSuchResource(kind="object", ref=given[param], param=param)
    return place
