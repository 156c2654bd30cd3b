"""Write a site into one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sites.management.progress import find_site, show
from sites.operations.archives.write import NotExportable, export_site
from sites.operations.site_lock import SiteBusy


class Command(BaseCommand):
    help = "Write a site, its rows and its files, into one file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first part of the site's address")
        parser.add_argument("file", type=Path, help="the archive to be made, such as garden.zip")

    def handle(self, *_args: Any, slug: str, file: Path, **_options: Any) -> None:
        site = find_site(slug)
        try:
            manifest = export_site(site=site, path=file, now=timezone.now(), tell=show(self.stderr))
        except (NotExportable, SiteBusy, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(table.rows for table in manifest.tables)
        self.stdout.write(
            f"{file}: {rows} rows of {len(manifest.tables)} tables, {len(manifest.files)} files,"
            f" {file.stat().st_size} bytes"
        )
