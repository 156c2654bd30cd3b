"""On a site: how staff who visit it leave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from sites.content.staff_visit import leave, visit_of
from sites.operations.owner_visits import end_visit


@require_POST
@never_cache
def end(request: HttpRequest) -> HttpResponse:
    """End the visit and sign out. Whoever visits nothing, or has left already, is sent to the dashboard's door."""
    visit = visit_of(request)
    if visit is None:
        return redirect("site_enter")
    site_id: int = request.tenant.id  # type: ignore[attr-defined]  # set by SiteMiddleware
    end_visit(uid=visit["uid"], site_id=site_id, now=timezone.now())
    return leave(request)
