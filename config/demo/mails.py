"""The demo's post office: every mail the network has sent, newest first, to look at in the browser."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

SEPARATOR = b"-" * 79 + b"\n"


def inbox(request: HttpRequest) -> HttpResponse:
    """The list of mails, and the text of the one asked for with `?mail=`."""
    mails = _mails()
    chosen = _chosen(request, mails) if "mail" in request.GET else None
    rows = [
        {"number": number, "to": mail["To"], "subject": mail["Subject"], "date": mail["Date"]}
        for number, mail in sorted(mails.items(), reverse=True)
    ]
    body = chosen.get_body(("plain",)) if chosen else None
    context = {"mails": rows, "chosen": request.GET.get("mail"), "text": body.get_content() if body else ""}
    return render(request, "pages/demo_mails.html", context)


@csp_replace(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "sandbox": True,
        "frame-ancestors": ["'self'"],
    }
)
def body(request: HttpRequest) -> HttpResponse:
    """The HTML of a mail as a mail reader would show it: nothing runs, nothing is fetched."""
    part = _chosen(request, _mails()).get_body(("html",))
    if part is None:
        raise Http404("This mail has no HTML.")
    return HttpResponse(part.get_content())


def _mails() -> dict[int, EmailMessage]:
    """Every mail by its number, the order in which they were sent."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda file: file.stat().st_mtime)
    raw = [part for file in files for part in file.read_bytes().split(SEPARATOR) if part.strip()]
    return {
        number: email.message_from_bytes(part.lstrip(), policy=default) for number, part in enumerate(raw, 1)
    }


def _chosen(request: HttpRequest, mails: dict[int, EmailMessage]) -> EmailMessage:
    number = request.GET.get("mail", "")
    if not number.isdecimal() or int(number) not in mails:
        raise Http404("There is no such mail.")
    return mails[int(number)]
