"""Brings the demo up to date: files, schemas, the template of new sites, data. Quick when all is there.

Also writes down who can sign in, for the summary on the screen.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(logins_file: Path) -> None:
    """Needs the databases, and the gateway double, where the demo's customers pay."""
    django.setup()
    call_command(
        "collectstatic", interactive=False, verbosity=0
    )  # first: mails of the seed show static files
    call_command("migrate", interactive=False, verbosity=0)
    call_command("migrate_sites")
    call_command("seed_demo")
    from config.demo.seed import logins  # needs Django's set-up

    logins_file.write_text(logins())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
