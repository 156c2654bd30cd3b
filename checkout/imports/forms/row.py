"""What the rows of all kinds of files have in common."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class Row(forms.Form):
    """A line of a file. A subclass names in `alone` the columns whose value stands in one line of a file only."""

    alone: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[dict[str, str]] = {}

    def __init__(self, values: Any = None, *, now: datetime) -> None:
        super().__init__(values)
        self.now = now

    def wrong(self) -> dict[str, list[str]]:
        """What is wrong, by column, in the active language. Empty for a row that is right."""
        return {column: [str(message) for message in messages] for column, messages in self.errors.items()}

    def refuse(self, column: str, sentence: str) -> None:
        """Say at `column` what is wrong, unless something was said there before."""
        if column not in self.errors:
            self.add_error(column, ValidationError(sentence))

    def refuse_if_given(self, sentence: str, *columns: str) -> None:
        for column in columns:
            if self.cleaned_data.get(column):
                self.refuse(column, sentence)

    def require(self, sentence: str, *columns: str) -> None:
        for column in columns:
            if column not in self.errors and not self.cleaned_data.get(column):
                self.refuse(column, sentence)

    @classmethod
    def columns(cls) -> Iterator[tuple[str, forms.Field]]:
        """Each column by its name, in the order of the documentation."""
        yield from cls.base_fields.items()

    def stands_alone(self, lines: Mapping[tuple[str, str], int], *, line: int) -> None:
        """Refuse what another line of the file says; `lines` knows which is the first to say it."""
        for column in self.alone:
            said = str(self.data.get(column, "")).lower()
            if said and lines[column, said] != line:
                sentence = _("Line %(line)s has the same. Leave one of them out.")
                self.refuse(column, sentence % {"line": lines[column, said]})
