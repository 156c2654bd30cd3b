"""Take a site's remaining provisioning steps, here and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sites.models import ProvisioningStep, Site
from sites.operations import provision_site


class Command(BaseCommand):
    help = "Take a site's remaining provisioning steps, here and now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first part of the site's address")

    def handle(self, *_args: Any, slug: str, **_options: Any) -> None:
        site = Site.objects.filter(slug=slug).first()
        if site is None:
            raise CommandError(f"There is no site {slug}.")
        try:
            provision_site(site_id=site.pk, now=timezone.now())
        finally:
            for step in ProvisioningStep.objects.filter(site=site):
                self.stdout.write(f"{step.name}: {step.get_state_display()} {step.error}".rstrip())
