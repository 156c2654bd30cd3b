"""The legal texts, for everybody."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_safe

from accounts.legal.models import LegalText
from accounts.legal.operations import text_in_force
from accounts.legal.wording import blocks


@require_safe
def page(request: HttpRequest, kind: str, day: date | None = None) -> HttpResponse:
    """The wording of today, or the one that was in force on `day`. Three queries. Raises Http404 for a text that the
    network has none of, and for a day to come."""
    today = timezone.localdate()
    language = get_language() or ""
    text = None
    if kind in LegalText.Kind and (day is None or day <= today):
        text = text_in_force(kind=kind, language=language, on=day or today)
    if text is None:
        raise Http404("There is no such text.")
    days = LegalText.objects.filter(kind=kind, in_force_from__lte=today).order_by("-in_force_from")
    versions = list(days.values_list("in_force_from", flat=True).distinct())
    context = {
        "text": text,
        "blocks": list(blocks(text.body)),
        "written_in": ""
        if text.language == language
        else get_language_info(text.language)["name_translated"],
        "versions": versions,
        "is_newest": text.in_force_from == versions[0],
    }
    return render(request, "pages/legal.html", context)
