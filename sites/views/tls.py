"""On the network, for the proxy alone: whose name is this?"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sites.models import Domain, Site


@never_cache
@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    """200 when `?domain=` is, letter for letter, a name that leads to one of our sites: it may have a certificate.

    404 for any other, 400 without a name. The network's own host has its certificate by configuration.
    """
    name = request.GET.get("domain", "")
    if not name:
        return HttpResponse(status=400)
    led_here = Domain.objects.filter(domain=name).exclude(tenant__state=Site.State.RECYCLED)
    return HttpResponse(status=200 if "\0" not in name and led_here.exists() else 404)
