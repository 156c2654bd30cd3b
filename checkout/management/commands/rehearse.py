"""`manage.py rehearse MEMBERSHIP --until DATE`: what would become of a membership, as a table. Nothing happens."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.operations.rehearsal import TooLong, rehearse
from checkout.operations.rehearsal.table import table_of
from memberships.billing.rehearsal import CardBehaviour
from memberships.models import Membership


class Command(BaseCommand):
    help = "Walk a membership through the time to come, without anything happening, and show it as a table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("membership", help="its number, its identifier or its customer's e-mail address")
        parser.add_argument(
            "--until", required=True, type=date.fromisoformat, help="the last day, as 2027-12-31"
        )
        parser.add_argument(
            "--card",
            default="works",
            choices=[each.value for each in CardBehaviour],
            help="how the card behaves",
        )

    def handle(self, **options: Any) -> None:
        membership = _membership(options["membership"])
        until = datetime.combine(options["until"], time.max, tzinfo=UTC)
        try:
            rehearsal = rehearse(
                membership=membership, until=until, card=CardBehaviour(options["card"]), now=timezone.now()
            )
        except TooLong:
            raise CommandError(_("Choose a day to come, within the next three years.")) from None
        table = table_of(rehearsal, membership.currency)
        for line in _lines([table["headers"], *table["rows"]]):
            self.stdout.write(line)
        if rehearsal.stopped:
            self.stderr.write(rehearsal.stopped)
            sys.exit(1)


def _membership(named: str) -> Membership:
    """Raises CommandError."""
    memberships = Membership.objects.select_related("customer__user")
    if named.isdecimal():
        found = memberships.filter(pk=int(named))
    elif "@" in named:
        found = memberships.filter(customer__user__email__iexact=named)
    else:
        try:
            found = memberships.filter(uid=UUID(named))
        except ValueError:
            raise CommandError(_("%(name)s names no membership.") % {"name": named}) from None
    if len(found) != 1:
        raise CommandError(_("%(name)s names %(count)d memberships.") % {"name": named, "count": len(found)})
    return found[0]


def _lines(rows: Sequence[Sequence[Any]]) -> list[str]:
    """The table in columns."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]
