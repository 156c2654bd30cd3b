"""Turn an export of an Ultimate Multisite network into files that can be imported."""

import csv
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checkout.imports.forms import ROWS
from checkout.imports.ultimate_multisite import NotAnExport, convert, read_tables


class Command(BaseCommand):
    help = (
        "Read an export of an Ultimate Multisite network (an SQL dump, or a JSON or CSV file for each table) and write"
        " products.csv and memberships.csv for import_csv. Says what does not go into them. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "export", type=Path, help="the dump, the JSON file, or the folder with a file per table"
        )
        parser.add_argument(
            "--into", type=Path, default=Path(), help="the folder for the two files (default: here)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["into"]
        try:
            found = convert(read_tables(options["export"]))
            folder.mkdir(parents=True, exist_ok=True)
            for kind, rows in (("products", found.products), ("memberships", found.memberships)):
                _write(folder / f"{kind}.csv", kind, rows)
                self.stdout.write(f"{folder / f'{kind}.csv'}: {len(rows)} rows")
        except KeyError as missing:
            raise CommandError(f"A table of the export has no column {missing}.") from missing
        except (NotAnExport, OSError) as error:
            raise CommandError(str(error)) from error
        for note in found.notes:
            self.stdout.write(f"- {note}")


def _write(file: Path, kind: str, rows: Sequence[Mapping[str, str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.DictWriter(lines, [name for name, _field in ROWS[kind].columns()])
        writer.writeheader()
        writer.writerows(rows)
