"""A sheet of A4 in the network's type: what every document is written on."""

import unicodedata
from datetime import datetime
from pathlib import Path
from typing import cast

from django.utils.translation import gettext as _
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import Align, MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Inter"
MARGIN, WIDTH, BOTTOM = 20, 170, 24  # millimetres
INK, MUTED, ACCENT, LINE = (19, 32, 29), (79, 93, 89), (15, 95, 92), (205, 213, 209)
UNKNOWN = "\N{WHITE SQUARE}"
LEADING = 0.5  # a line's height in millimetres, for each point of its letters


class Paper(FPDF):
    """Writes text of any kind: a character that the type does not have becomes a mark. Given the same instant and the
    same calls, the same bytes come out."""

    def __init__(self, *, title: str, author: str, language: str, made_at: datetime) -> None:
        super().__init__(unit="mm", format="A4")
        self.add_font(FAMILY, "", FONTS / "Inter-Regular.ttf")
        self.add_font(FAMILY, "B", FONTS / "Inter-SemiBold.ttf")
        self._letters = cast("TTFFont", self.fonts[FAMILY.lower()]).cmap
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self.set_title(title)
        self.set_author(self.known(author))
        self.set_lang(language)
        self.set_creation_date(made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._foot = " · ".join(filter(None, [author, title]))
        self.add_page()

    def footer(self) -> None:
        self.set_y(-BOTTOM + 10)
        self.write_at(MARGIN, self._foot, width=120, size=7.5, colour=MUTED)
        self.set_y(-BOTTOM + 10)
        place = "{nb}"  # the number of pages is not known yet; it takes less room than what stands for it
        number = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": place}
        width = WIDTH - 120 + self.get_string_width(place) - self.get_string_width("1")
        self.write_at(MARGIN + 120, number, width=width, size=7.5, colour=MUTED, align=Align.R)

    def write_at(
        self,
        x: float,
        text: str,
        *,
        width: float,
        size: float,
        bold: bool = False,
        colour: tuple[int, int, int] = INK,
        align: Align = Align.L,
    ) -> None:
        """Write `text`, in as many lines as `width` takes, at `x` and the present height; the next text goes below."""
        self._take(size, bold=bold)
        self.set_text_color(*colour)
        self.set_x(x)
        self.multi_cell(
            width,
            size * LEADING,
            self.known(text),
            align=align,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            padding=0,
        )

    def height_of(self, text: str, *, width: float, size: float, bold: bool = False) -> float:
        """How high `text` will stand, in millimetres."""
        if not text:
            return 0
        self._take(size, bold=bold)
        height = self.multi_cell(
            width, size * LEADING, self.known(text), dry_run=True, output=MethodReturnValue.HEIGHT
        )
        return cast("float", height)

    def rule(self, *, strong: bool = False) -> None:
        """A line across the page."""
        self.set_draw_color(*(INK if strong else LINE))
        self.set_line_width(0.3 if strong else 0.15)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())

    def room_for(self, height: float) -> bool:
        return self.get_y() + height <= self.h - BOTTOM

    def known(self, text: str) -> str:
        """`text` with what the type can show."""
        return "".join(
            character if character == "\n" or ord(character) in self._letters else _instead_of(character)
            for character in unicodedata.normalize("NFC", text)
        )

    def _take(self, size: float, *, bold: bool) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)


def _instead_of(character: str) -> str:
    """What stands for a character that the type does not have."""
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    return "" if category[0] in "CM" else UNKNOWN
