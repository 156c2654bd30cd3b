"""Make a second site with another's content."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from memberships.models import Membership
from sites.entitlements import LimitReached
from sites.management.progress import find_site, show
from sites.operations.archives.manifest import ArchiveRefused
from sites.operations.archives.write import NotExportable
from sites.operations.clone import clone_site
from sites.operations.site_lock import SiteBusy


class Command(BaseCommand):
    help = "Make a second site with another's content. It takes a place among its membership's sites."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first part of the site's address")
        parser.add_argument("new_slug", help="the first part of the copy's address")
        parser.add_argument("--name", default="", help="the copy's name; the site's when none is given")
        parser.add_argument(
            "--membership", type=int, help="the copy's, by number; the site's when none is given"
        )

    def handle(
        self, *_args: Any, slug: str, new_slug: str, name: str, membership: int | None, **_options: Any
    ) -> None:
        source = find_site(slug)
        holder = Membership.objects.filter(pk=membership or source.membership_id).first()
        if holder is None:
            raise CommandError(f"There is no membership {membership}.")
        try:
            clone = clone_site(
                source=source,
                membership=holder,
                name=name or source.name,
                slug=new_slug,
                now=timezone.now(),
                tell=show(self.stderr),
            )
        except (ArchiveRefused, LimitReached, NotExportable, SiteBusy, ValidationError, OSError) as error:
            raise CommandError(f"No site was made. {error}") from error
        self.stdout.write(f"{clone.slug}: {clone.url}")
