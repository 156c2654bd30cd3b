"""Bring the schemas of all sites to the migrations of this code. The network's own come first: migrate."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import migrate
from django.utils import timezone
from django_tenants.utils import tenant_context

from sites.models import Site
from sites.operations import ensure_template, template


class Command(BaseCommand):
    help = "Bring the schemas of all sites to the migrations of this code, and the template with them."

    def handle(self, *_args: Any, **_options: Any) -> None:
        ensure_template(now=timezone.now())
        failed: list[str] = []
        for site in template.sites_behind():
            try:
                with tenant_context(site):
                    call_command(migrate.Command(), interactive=False, verbosity=0)
            except Exception as error:  # noqa: BLE001 -- one site that fails must not keep the others from their migrations
                failed.append(site.slug)
                self.stderr.write(f"{site.slug}: {error}")
            else:
                self.stdout.write(f"{site.slug}: migrated")
        if failed:
            raise CommandError(f"{len(failed)} of {Site.objects.count()} sites failed: {', '.join(failed)}.")
