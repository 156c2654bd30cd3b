"""Build the template that new sites are made from, when there is none for these migrations."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sites.operations import ensure_template


class Command(BaseCommand):
    help = "Build the template that new sites are made from, when there is none for these migrations."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        template = ensure_template(now=timezone.now())
        self.stdout.write(f"template {template}: {len(template.sql)} characters of SQL")
