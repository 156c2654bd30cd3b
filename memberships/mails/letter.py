"""A notice as a mail: a subject, a text and its HTML, in the customer's language."""

import re
import textwrap
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation

from memberships.mails.content import content_of
from memberships.models import Notice

WIDTH = 74  # characters in a line of text: room for a reader's "> " within the usual 78


def in_their_language(notice: Notice) -> EmailMultiAlternatives:
    """The mail as its reader gets it; who has chosen no language gets the network's."""
    with translation.override(notice.membership.customer.user.language or settings.LANGUAGE_CODE):
        return compose(notice)


def compose(notice: Notice) -> EmailMultiAlternatives:
    """The mail in the active language, as text and HTML."""
    content = content_of(notice)
    subject, text = _subject_and_text(notice.kind, content)
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[notice.to],
        headers={
            "Message-ID": f"<notice-{notice.pk}-{notice.membership.uid}@{settings.SITES_DOMAIN}>",
            "Auto-Submitted": "auto-generated",  # so that nobody's absence is told to us
        },
    )
    message.attach_alternative(
        render_to_string(f"mail/{notice.kind}.html", {**content, "subject": subject}), "text/html"
    )
    return message


def _subject_and_text(kind: str, content: dict[str, Any]) -> tuple[str, str]:
    """The text's first line is the subject."""
    template = Engine.get_default().get_template(f"mail/{kind}.txt")
    subject, text = template.render(Context(content, autoescape=False)).strip().split("\n", 1)
    return subject.strip(), _wrapped(text)


def _wrapped(text: str) -> str:
    """Paragraphs of lines that fit, with one blank line between them; addresses and amounts stay whole."""
    lines = "\n".join(_fill(line) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _fill(line: str) -> str:
    words = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        words,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if words.startswith("- ") else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
