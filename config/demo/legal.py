"""Sample legal texts, so that the demo shows what such pages look like. No lawyer has seen them."""

from datetime import date
from pathlib import Path
from typing import Final

from accounts.legal.models import LegalText

WORDINGS: Final = Path(__file__).with_name("legal_texts")  # files named kind.day.language.txt


def make_legal_texts() -> None:
    """What is there already stays as it is, also when an admin changed it."""
    for file in sorted(WORDINGS.iterdir()):
        kind, day, language = file.stem.split(".")
        LegalText.objects.get_or_create(
            kind=kind,
            language=language,
            in_force_from=date.fromisoformat(day),
            defaults={"body": file.read_text()},
        )
