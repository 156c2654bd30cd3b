"""What a session in a site knows of the visit that it is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sites import addresses
from sites.models import OwnerVisit

IN_SESSION = "staff_visit"


def remember_visit(request: HttpRequest, visit: OwnerVisit | None) -> None:
    """Let the session of who visits end with the visit, whatever is done in it. Others do not visit."""
    if visit is None:
        request.session.pop(IN_SESSION, None)
        return
    request.session[IN_SESSION] = {"uid": str(visit.uid), "ends_at": visit.ends_at.isoformat()}
    request.session.set_expiry(visit.ends_at)


def visit_of(request: HttpRequest) -> dict[str, Any] | None:
    """The visit that this request is part of: its `uid`, and when it `ends_at`."""
    kept = request.session.get(IN_SESSION)
    return {"uid": UUID(kept["uid"]), "ends_at": datetime.fromisoformat(kept["ends_at"])} if kept else None


def is_over(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this request comes from a visit whose time is over. A session that Redis keeps does not say it itself."""
    visit = visit_of(request)
    return visit is not None and visit["ends_at"] <= now


def leave(request: HttpRequest) -> HttpResponse:
    """Sign out who visits, and say so."""
    logout(request)
    site_id: int = request.tenant.id  # type: ignore[attr-defined]  # set by SiteMiddleware
    return render(request, "content/visit_ended.html", {"desk_url": addresses.desk_url(site_id)})
