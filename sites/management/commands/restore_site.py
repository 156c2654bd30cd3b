"""Show an archive's content on the site it was made of."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sites.management.progress import find_site, show
from sites.operations.archives.manifest import ArchiveRefused
from sites.operations.archives.restore import restore_site
from sites.operations.site_lock import SiteBusy


class Command(BaseCommand):
    help = "Show an archive's content on a site, in place of its own, which is kept for a week."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first part of the site's address")
        parser.add_argument("file", type=Path, help="an archive from export_site")
        parser.add_argument("--from-another", action="store_true", help="take the archive of another site")

    def handle(self, *_args: Any, slug: str, file: Path, from_another: bool, **_options: Any) -> None:
        site = find_site(slug)
        try:
            restore_site(
                site=site, path=file, now=timezone.now(), tell=show(self.stderr), from_another=from_another
            )
        except (ArchiveRefused, SiteBusy, OSError) as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        self.stdout.write(f"{slug}: restored from {file}")
