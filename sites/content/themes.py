"""The designs a site can wear. A theme is one stylesheet over the same pages, so changing it changes no content.

Adding one: a line in `Theme`, its font in `FONTS`, and `static/content/themes/<name>.css`.
"""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    MEADOW = "meadow", _("Meadow: friendly and round, pictures in front")
    GAZETTE = "gazette", _("Gazette: a printed paper, for people who read")
    POSTER = "poster", _("Poster: large type on blocks of colour")

    @property
    def stylesheet(self) -> str:
        """The static file's name."""
        return f"content/themes/{self.value}.css"

    @property
    def font(self) -> str:
        """The static file of the font that the first words on a page are set in."""
        return FONTS[self]


class Accent(models.TextChoices):
    """Colours that every theme can be read in, on light and on dark."""

    INK = "ink", _("Ink")
    OCEAN = "ocean", _("Ocean")
    FOREST = "forest", _("Forest")
    CLAY = "clay", _("Clay")
    PLUM = "plum", _("Plum")
    AMBER = "amber", _("Amber")


class Mode(models.TextChoices):
    AUTO = "auto", _("As the visitor's device is set")
    LIGHT = "light", _("Always light")
    DARK = "dark", _("Always dark")


FONTS: Final = {
    Theme.MEADOW: "fonts/inter-latin.woff2",
    Theme.GAZETTE: "fonts/newsreader-latin.woff2",
    Theme.POSTER: "fonts/bricolage-grotesque-latin.woff2",
}
