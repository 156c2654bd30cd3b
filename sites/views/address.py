"""On the network: whether an address can be had, while it is typed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event

from accounts.models import User
from accounts.rates import is_too_often
from sites import addresses
from sites.models.site import LONGEST_SITE_NAME
from sites.operations.addresses import look_up, suggest

LONGEST_TYPED = 200


@never_cache
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Whether `slug` can be had, as a part of a page. With `take`, that of a pressed button. With `fill`, one made of
    the `name`, unless something was typed already (204). What did not come from the field goes into it: the page hears
    of it as the event `address-found`."""
    if not isinstance(request.user, User):
        return HttpResponseClientRefresh()
    if is_too_often(request, action="addresses"):
        return HttpResponse(status=429)
    now, name = timezone.now(), request.GET.get("name", "")[:LONGEST_SITE_NAME]
    typed, found = (_slug(request.GET.get(field, "")) for field in ("slug", "take"))
    if "fill" in request.GET:
        if typed:
            return HttpResponse(status=204)
        found = suggest(name=name, user=request.user, now=now)
    slug = found or typed
    answer = look_up(slug=slug, name=name, user=request.user, now=now) if slug else None
    context = {"answer": answer, "domain": addresses.site_host("")}
    response = render(request, "components/address_answer.html", context)
    if found:
        trigger_client_event(response, "address-found", {"slug": found})
    return response


def _slug(typed: str) -> str:
    return typed.replace("\x00", "")[:LONGEST_TYPED].strip().lower()
