"""Looking through a site's pages."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe
from wagtail.models import Page

LONGEST = 100  # characters of a question
FOUND_ON_A_PAGE = 10


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Published pages that hold the words of `?q=`, the best first."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]  # PostgreSQL's texts hold no NUL
    pages = Page.objects.live().public().specific()
    found = pages.search(words) if words else pages.none()
    context = {
        "words": words,
        "query": f"{urlencode({'q': words})}&",
        "found": Paginator(found, FOUND_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "content/search.html", context)
