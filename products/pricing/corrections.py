"""Taking an invoice back, in whole or in part: how much of each line, so that the sum is exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from products.pricing.rounding import portion, spread
from products.pricing.wording import LANGUAGES, Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Of a line: what has not been taken back yet, or what is. Minor units, with the sign of the line itself."""

    net: int
    tax: int
    discount: int = 0

    @property
    def total(self) -> int:
        return self.net + self.tax


class MoreThanIsLeft(ValueError):
    """Of a bill no more can be taken back than what is left of it, and of what was below zero only all of it."""


def take_back(left: Sequence[Part], amount: int) -> list[Part]:
    """The part of each line that makes `amount` together, in proportion, by largest remainder over nets and taxes.

    All that is left is taken exactly; no part is larger than its line. Raises MoreThanIsLeft.
    """
    whole = sum(part.total for part in left)
    if amount == whole:
        return list(left)
    if not 0 < amount < whole:
        raise MoreThanIsLeft(f"{amount} of {whole} cannot be taken back.")
    parts = iter(spread(amount, [figure for part in left for figure in (part.net, part.tax)]))
    share = Fraction(amount, whole)
    return [Part(net=next(parts), tax=next(parts), discount=portion(part.discount, share)) for part in left]


def explain_taking_back(
    *, invoice: str, name: str, left: Part, part: Part, amount: int, whole: int, currency: str
) -> dict[str, str]:
    """Why `part` of what was `left` of a line is taken back, in every language: because `amount` of the `whole` invoice
    is. `name` names the line's product."""
    sentences: dict[str, str] = {}
    for language in sorted(LANGUAGES):
        words = Wording(language, currency)
        share = f"{words.amount(amount)} / {words.amount(whole)}"
        key = "refund" if amount == whole else "refund_part"
        net = {"net": words.amount(left.net), "share": share, "back": words.amount(part.net)}
        tax = {"tax": words.amount(left.tax), "share": share, "back": words.amount(part.tax)}
        sentences[language] = words.sentence(key, invoice=invoice, name=name, **net)
        if left.tax:
            sentences[language] += " " + words.sentence(f"{key}_tax", **tax)
    return sentences
