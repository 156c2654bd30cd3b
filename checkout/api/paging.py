"""Long lists, a page at a time: where one ends, `next` says where it goes on, with what was asked for."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja import Query
from pydantic import AfterValidator, AwareDatetime, Field

MOST: int = 100
_Row = TypeVar("_Row", bound=Model)


def _in_utc(instant: datetime) -> datetime:
    """PostgreSQL knows no zone as far from UTC as Python does. Raises ValueError for what is no day there."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("This is beyond the calendar.") from None


Since = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Limit = Annotated[int, Query(ge=1, le=MOST, description="At most this many.")]
After = Annotated[UUID | None, Query(description="Go on after the row with this identifier.")]
Next = Annotated[str | None, Field(description="Where the list goes on; null at its end.")]


def page_of(
    rows: QuerySet[_Row], request: HttpRequest, *, limit: int, after: UUID | None
) -> tuple[list[_Row], str | None]:
    """The first `limit` of `rows`, the oldest first, after the one that `after` names, if it is among them; and the
    address of what follows. One query."""
    if after is not None:
        rows = rows.filter(id__gt=rows.model._default_manager.filter(uid=after, pk__in=rows).values("id")[:1])  # noqa: SLF001 -- Django's public API
    found = list(rows.order_by("id")[: limit + 1])
    if len(found) <= limit:
        return found, None
    query = request.GET.copy()
    query["limit"], query["after"] = str(limit), str(vars(found[limit - 1])["uid"])
    return found[:limit], f"{request.path}?{query.urlencode()}"
