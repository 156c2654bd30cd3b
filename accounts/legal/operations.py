"""Find the text that is in force, and note who agreed to it."""

from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from accounts.legal.models import Acceptance, LegalText
from accounts.models import User

AGREED_AT_SIGN_UP: Final = (LegalText.Kind.TERMS, LegalText.Kind.PRIVACY)


def text_in_force(*, kind: str, language: str, on: date) -> LegalText | None:
    """The wording of `kind` on that day: in `language`, else in the network's, else in whichever there is. None when
    nothing was in force yet."""
    wordings = {text.language: text for text in LegalText.objects.of_version(kind, on=on)}
    return (
        wordings.get(language) or wordings.get(settings.LANGUAGE_CODE) or next(iter(wordings.values()), None)
    )


def accept(*, user: User, now: datetime) -> list[LegalText]:
    """Note that `user` agrees to what the page they look at links to: the terms and the privacy text in force at `now`,
    as they are worded in the active language. Answers them. Agreeing again to the same wording changes nothing."""
    language, today = get_language() or settings.LANGUAGE_CODE, timezone.localdate(now)
    found = [text_in_force(kind=kind, language=language, on=today) for kind in AGREED_AT_SIGN_UP]
    texts = [text for text in found if text is not None]
    Acceptance.objects.bulk_create(
        [Acceptance(user=user, text=text, accepted_at=now) for text in texts], ignore_conflicts=True
    )
    return texts
