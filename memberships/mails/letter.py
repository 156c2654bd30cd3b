"""A notice as a letter."""

from django.conf import settings
from django.utils import translation

from accounts.letters import Letter, letter_from
from memberships.mails.content import content_of
from memberships.models import Notice
from memberships.notices import reader_of


def language_of(notice: Notice) -> str:
    """The reader's language; who has chosen none gets the network's."""
    return reader_of(notice).user.language or settings.LANGUAGE_CODE


def letter_of(notice: Notice, *, language: str) -> Letter:
    with translation.override(language):
        return letter_from(f"mail/{notice.kind}", content_of(notice))
