"""The demo's post office: every mail the network has sent, newest first, to look at in the browser."""

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

SEPARATOR = b"-" * 79 + b"\n"


def inbox(request: HttpRequest) -> HttpResponse:
    """The mail asked for with `?mail=`, and the list of all."""
    mails = _mails()
    rows = [
        {"number": number, "to": mail["To"], "subject": mail["Subject"], "date": mail["Date"]}
        for number, mail in sorted(mails.items(), reverse=True)
    ]
    context = {"mails": rows, "chosen": _shown(request, mails) if "mail" in request.GET else None}
    return render(request, "pages/demo_mails.html", context)


@xframe_options_sameorigin
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


def attachment(request: HttpRequest) -> HttpResponse:
    """The file `?file=` of a mail, counted from 0."""
    files = list(_chosen(request, _mails()).iter_attachments())
    number = request.GET.get("file", "")
    if not number.isdecimal() or int(number) >= len(files):
        raise Http404("There is no such file.")
    file = files[int(number)]
    return HttpResponse(
        cast("bytes", file.get_payload(decode=True)),
        content_type=file.get_content_type(),
        headers={"Content-Disposition": f'attachment; filename="{file.get_filename()}"'},
    )


def _shown(request: HttpRequest, mails: dict[int, EmailMessage]) -> dict[str, object]:
    mail = _chosen(request, mails)
    text = mail.get_body(("plain",))
    return {
        "number": request.GET["mail"],
        "subject": mail["Subject"],
        "to": mail["To"],
        "date": mail["Date"],
        "text": text.get_content() if text else "",
        "has_html": mail.get_body(("html",)) is not None,
        "files": [part.get_filename() for part in mail.iter_attachments()],
    }


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
