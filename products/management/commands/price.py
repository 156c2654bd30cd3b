import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from products.pricing.cli import answer, answers


class Command(BaseCommand):
    help = (
        "Price a change of membership. Reads a scenario as JSON on standard input and writes the quote as "
        "one line of JSON. Ends with 1 when a scenario breaks a rule. docs/pricing.md describes both."
    )
    requires_system_checks = []  # it needs neither a database nor a complete installation

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lines", action="store_true", help="read one scenario per line")
        parser.add_argument(
            "--explain", action="store_true", help="write sentences a customer can read instead"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        source, explained = sys.stdin.buffer, options["explain"]
        found = (
            answers(source, explained=explained)
            if options["lines"]
            else [answer(source.read(), explained=explained)]
        )
        failed = False
        for one in found:
            failed = failed or one.is_error
            self.stdout.write(one.text)
            if options["lines"] and explained:
                self.stdout.write()
        if failed:
            sys.exit(1)
