"""The demo's post office: what the network sent, as mail readers show it."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

PAGE = "/demo/mails/"


@pytest.fixture
def visitor(db, settings, tmp_path) -> Client:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    return Client(SERVER_NAME="localhost")


def send(subject: str = "Your receipt") -> None:
    message = EmailMultiAlternatives(subject, "You paid €30.00.\n", to=["kim@example.com"])
    message.attach_alternative("<p>You paid €30.00.</p>", "text/html")
    message.attach("invoice-2026-00001.pdf", b"%PDF-1.7 \xff", "application/pdf")
    message.send()


def test_a_mail_is_shown_as_html_in_a_frame_as_text_and_with_its_files(visitor):
    send()
    html = visitor.get(PAGE, {"mail": 1}).content.decode()
    assert "You paid €30.00." in html
    file, frame = re.findall(f'"({PAGE}(?:body|file)/[^"]*)"', html)
    shown = visitor.get(frame.replace("&amp;", "&"))
    assert shown.content.decode().strip() == "<p>You paid €30.00.</p>"
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in shown["Content-Security-Policy"]
    kept = visitor.get(file.replace("&amp;", "&"))
    assert (kept.content, kept["Content-Type"]) == (b"%PDF-1.7 \xff", "application/pdf")
    assert kept["Content-Disposition"] == 'attachment; filename="invoice-2026-00001.pdf"'


def test_the_newest_mail_is_the_first_of_the_list(visitor):
    for subject in ("first", "second"):
        send(subject)
    assert re.findall(r"\?mail=\d\">(\w+)", visitor.get(PAGE).content.decode()) == ["second", "first"]


def test_without_mails_the_page_says_so(visitor):
    assert "No mail yet." in visitor.get(PAGE).content.decode()


@pytest.mark.parametrize("asked", [{"mail": 7}, {"mail": "x"}])
def test_what_is_not_there_is_not_found(visitor, asked):
    send()
    assert visitor.get(PAGE, asked).status_code == 404
    assert visitor.get(f"{PAGE}file/", {"mail": 1, "file": 3}).status_code == 404
