"""One page, the same whichever way the sites are told apart."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.views import readyz


def note(_request: HttpRequest) -> HttpResponse:
    """One query, one line of HTML."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM bench_note_0")
        (text,) = cursor.fetchone()
    return HttpResponse(f"<p>{text}</p>")


urlpatterns = [path("", note), path("readyz", readyz)]
