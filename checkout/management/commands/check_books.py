"""`manage.py check_books`: says what contradicts itself in the books, and ends with 1 if anything does."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.operations.books import what_is_wrong


class Command(BaseCommand):
    help = "Say what contradicts itself in the books. Ends with 1 if anything does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, **options: Any) -> None:
        found = 0
        for finding in what_is_wrong(now=timezone.now()):
            found += 1
            self.stdout.write(json.dumps(asdict(finding)) if options["json"] else str(finding))
        if found:
            self.stderr.write(_("%(count)d findings.") % {"count": found})
            sys.exit(1)
        if not options["json"]:
            self.stdout.write(_("The books are in order."))
