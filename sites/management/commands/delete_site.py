"""Put a site into the recycle bin, take it out, or erase it at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.network.live import network
from sites.entitlements import LimitReached
from sites.management.progress import find_site
from sites.operations.recycle import NotInTheBin, erase_site, put_back_site, recycle_site
from sites.operations.retire import erase_due


class Command(BaseCommand):
    help = (
        "Put a site into the recycle bin, from where it is erased later; or take it out; or erase it at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first part of the site's address")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--put-back", action="store_true", help="take it out of the recycle bin")
        which.add_argument("--erase", action="store_true", help="erase it now; it must be in the recycle bin")

    def handle(self, *_args: Any, slug: str, **options: Any) -> None:
        site, now = find_site(slug), timezone.now()
        try:
            if options["put_back"]:
                site = put_back_site(site_id=site.pk, now=now)
                self.stdout.write(f"{slug}: {site.get_state_display()}")
            elif options["erase"]:
                erase_site(site_id=site.pk, now=now, at_once=True)
                erase_due(now=now)
                self.stdout.write(f"{slug}: erased")
            else:
                recycle_site(site_id=site.pk, now=now)
                self.stdout.write(f"{slug}: in the recycle bin for {network.recycle_days} days")
        except (NotInTheBin, LimitReached) as error:
            raise CommandError(str(error)) from error
