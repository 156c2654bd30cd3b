"""What stands on a document, and where: parties, facts, the lines of a bill with their why, sums and notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from fpdf.enums import Align

from memberships.bills import Bill, BillLine
from memberships.documents.paper import ACCENT, INK, MARGIN, MUTED, WIDTH, Paper
from memberships.parties import Party

HALF = WIDTH / 2
AMOUNT, TAX, DISCOUNT = 30.0, 16.0, 26.0  # the columns' widths, in millimetres
REASON = WIDTH - AMOUNT - 8  # the why of a line reaches under its figures
SUMS = 95.0

Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The texts of a document, in the language that is active when it is printed. `facts` and `payment` are pairs of a
    label and a text; `payment` says how to pay."""

    title: str
    number: str
    language: str
    made_at: datetime
    seller: Party
    buyer: Party
    facts: Facts
    headline: str
    bill: Bill
    total_label: str
    notes: Sequence[str] = ()
    payment: Facts = ()

    def pdf(self) -> bytes:
        """The document as a file. The same document gives the same bytes."""
        title = f"{self.title} {self.number}".strip()
        paper = Paper(title=title, author=self.seller.name, language=self.language, made_at=self.made_at)
        _Printer(paper, self).print()
        return bytes(paper.output())


class _Printer:
    """Puts one document on paper, from top to bottom."""

    def __init__(self, paper: Paper, document: Document) -> None:
        self._paper = paper
        self._document = document
        discounted = any(line.discount for line in document.bill.entries)
        taxed = bool(document.bill.taxes)
        columns = [(_("Price"), DISCOUNT), (_("Discount"), DISCOUNT)] if discounted else []
        columns += [(_("Tax"), TAX)] if taxed else []
        self._columns = [*columns, (_("Amount"), AMOUNT)]
        self._label_width = WIDTH - sum(width for _label, width in self._columns) - 4

    def print(self) -> None:
        self._head()
        self._table()
        self._sums()
        self._how_to_pay()
        self._notes()

    def _head(self) -> None:
        paper, document = self._paper, self._document
        top = paper.get_y()
        paper.write_at(MARGIN, document.seller.name, width=HALF - 5, size=12, bold=True, colour=ACCENT)
        paper.write_at(MARGIN, document.seller.details, width=HALF - 5, size=8, colour=MUTED)
        seller_end = paper.get_y()
        paper.set_y(top)
        paper.write_at(MARGIN + HALF, document.title, width=HALF, size=22, bold=True, align=Align.R)
        paper.set_y(max(seller_end, paper.get_y()) + 12)
        top = paper.get_y()
        paper.write_at(MARGIN, document.buyer.name, width=HALF - 5, size=10, bold=True)
        paper.write_at(MARGIN, document.buyer.details, width=HALF - 5, size=9.5)
        buyer_end = paper.get_y()
        paper.set_y(top)
        self._pairs(document.facts, x=MARGIN + HALF, label_width=35)
        paper.set_y(max(buyer_end, paper.get_y()) + 12)

    def _pairs(self, pairs: Facts, *, x: float, label_width: float) -> None:
        paper = self._paper
        for label, text in pairs:
            top = paper.get_y()
            paper.write_at(x, label, width=label_width, size=9, colour=MUTED)
            below = paper.get_y()
            paper.set_y(top)
            paper.write_at(x + label_width, text, width=MARGIN + WIDTH - x - label_width, size=9)
            paper.set_y(max(below, paper.get_y()) + 0.8)

    def _table(self) -> None:
        paper = self._paper
        paper.write_at(MARGIN, self._document.headline, width=WIDTH, size=12, bold=True)
        paper.set_y(paper.get_y() + 4)
        self._column_heads()
        for line in self._document.bill.entries:
            if not paper.room_for(self._height_of(line)):
                paper.add_page()
                self._column_heads()
            self._line(line)

    def _column_heads(self) -> None:
        paper = self._paper
        top = paper.get_y()
        paper.write_at(MARGIN, _("Description"), width=self._label_width, size=8, colour=MUTED)
        self._figures([label for label, _width in self._columns], top=top, size=8, colour=MUTED)
        paper.set_y(top + 5.5)
        paper.rule(strong=True)
        paper.set_y(paper.get_y() + 2.5)

    def _height_of(self, line: BillLine) -> float:
        paper = self._paper
        return (
            paper.height_of(line.label, width=self._label_width, size=10)
            + paper.height_of(line.dates, width=REASON, size=8)
            + paper.height_of(line.why, width=REASON, size=7.5)
            + 6
        )

    def _line(self, line: BillLine) -> None:
        paper = self._paper
        top = paper.get_y()
        paper.write_at(MARGIN, line.label, width=self._label_width, size=10)
        for text, size in ((line.dates, 8.0), (line.why, 7.5)):
            if text:
                paper.set_y(paper.get_y() + 0.6)
                paper.write_at(MARGIN, text, width=REASON, size=size, colour=MUTED)
        below = paper.get_y()
        figures = {
            _("Price"): line.price or line.amount,
            _("Discount"): line.discount,
            _("Amount"): line.amount,
        }
        figures[_("Tax")] = f"{line.tax} %"
        self._figures([figures[label] for label, _width in self._columns], top=top, size=10, colour=INK)
        paper.set_y(below + 2.5)
        paper.rule()
        paper.set_y(paper.get_y() + 2.5)

    def _figures(
        self, texts: Sequence[str], *, top: float, size: float, colour: tuple[int, int, int]
    ) -> None:
        """One text a column, ranged right."""
        x = MARGIN + WIDTH - sum(width for _label, width in self._columns)
        for text, (_label, width) in zip(texts, self._columns, strict=True):
            self._paper.set_y(top)
            self._paper.write_at(x, text, width=width, size=size, colour=colour, align=Align.R)
            x += width

    def _sums(self) -> None:
        paper, bill = self._paper, self._document.bill
        if bill.includes_tax or not bill.taxes:
            sums = [(_("Total"), bill.sum), *((line.label, line.amount) for line in bill.taxes)]
        else:
            taxes = [(line.label, line.amount) for line in bill.taxes]
            sums = [(_("Subtotal"), bill.net), *taxes, (_("Total"), bill.sum)]
        sums += [(line.label, line.amount) for line in bill.wallet]
        below = 10 * len(self._document.notes) + (6 * len(self._document.payment) + 20)
        if not paper.room_for(6 * len(sums) + 16 + below):
            paper.add_page()
        paper.set_y(paper.get_y() + 1.5)
        for label, amount in sums:
            self._sum(label, amount, size=9.5)
        paper.set_y(paper.get_y() + 1)
        self._sum(self._document.total_label, bill.total, size=13, bold=True, colour=ACCENT)

    def _sum(
        self, label: str, amount: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = INK
    ) -> None:
        paper, top, left = self._paper, self._paper.get_y(), MARGIN + WIDTH - SUMS
        paper.write_at(left, label, width=SUMS - 40, size=size, bold=bold, colour=colour)
        below = paper.get_y()
        paper.set_y(top)
        paper.write_at(left + SUMS - 40, amount, width=40, size=size, bold=bold, colour=colour, align=Align.R)
        paper.set_y(max(below, paper.get_y()) + 1)

    def _how_to_pay(self) -> None:
        paper, payment = self._paper, self._document.payment
        if not payment:
            return
        paper.set_y(paper.get_y() + 8)
        paper.write_at(MARGIN, _("How to pay"), width=WIDTH, size=10, bold=True)
        paper.set_y(paper.get_y() + 1.5)
        self._pairs(payment, x=MARGIN, label_width=45)

    def _notes(self) -> None:
        paper = self._paper
        paper.set_y(paper.get_y() + 7)
        for note in self._document.notes:
            paper.write_at(MARGIN, note, width=WIDTH, size=8.5, colour=MUTED)
            paper.set_y(paper.get_y() + 1.5)
