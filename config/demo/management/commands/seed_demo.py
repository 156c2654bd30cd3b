from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo.seed import logins, seed


class Command(BaseCommand):
    help = "Fill a demo network, once: catalogue, customers with their memberships, and their sites."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print-logins", action="store_true", help="only say who can sign in, and where")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["print_logins"]:
            seed(now=timezone.now(), say=self.stdout.write)
        else:
            self.stdout.write(logins())
