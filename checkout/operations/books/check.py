"""What a check of the books is: one statement that finds what should not be, and a sentence about each row it finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that contradicts itself. `code` names the check, `subject` the row: “invoice 2026-00007”. Amounts in
    `detail` are minor units.
    """

    code: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`sql` selects `subject` and whatever `says` names, a row for each thing that is wrong; `given` is the WITH clause
    before it, where several checks share one. `says` is marked for translation where it is written."""

    code: str
    says: str
    sql: str
    given: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def findings(self, **parameters: Any) -> Iterator[Finding]:
        """Run it with a cursor that holds a few rows at a time, however many there are."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.given + self.sql, {**self.parameters, **parameters})
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor:
                facts = dict(zip(columns, row, strict=True))
                yield Finding(code=self.code, subject=str(facts["subject"]), detail=_(self.says) % facts)
