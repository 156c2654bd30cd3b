"""A mail in words: a subject, a text and its HTML, made from a pair of templates in the frame of all our mails."""

import re
import textwrap
from dataclasses import dataclass
from typing import Any

from django.template import Context, Engine
from django.template.loader import render_to_string

WIDTH = 74  # characters in a line of text: room for a reader's "> " within the usual 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is read: `text` and `html` say the same."""

    subject: str
    text: str
    html: str


def letter_from(template: str, content: dict[str, Any]) -> Letter:
    """The letter of the pair of templates `template`.txt and `template`.html, in the active language."""
    subject, text = _subject_and_text(template, content)
    html = render_to_string(f"{template}.html", {**content, "subject": subject})
    return Letter(subject=subject, text=text, html=html.lstrip())


def _subject_and_text(name: str, content: dict[str, Any]) -> tuple[str, str]:
    """The text's first line is the subject."""
    template = Engine.get_default().get_template(f"{name}.txt")
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
