"""What the commands that work on one site have in common."""

from django.core.management.base import CommandError, OutputWrapper

from sites.models import Site
from sites.operations.archives.write import Tell


def find_site(slug: str) -> Site:
    """The site at the address `slug`. Raises CommandError."""
    site: Site | None = Site.objects.select_related("membership").filter(slug=slug).first()
    if site is None:
        raise CommandError(f"There is no site {slug}.")
    return site


def show(screen: OutputWrapper) -> Tell:
    """Write a line whenever ten per cent more is done."""
    shown = -1

    def tell(percent: int, what: str) -> None:
        nonlocal shown
        if percent // 10 > shown:
            shown = percent // 10
            screen.write(f"{percent:3} % {what}")

    return tell
