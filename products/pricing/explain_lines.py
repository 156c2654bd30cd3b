"""Why each line of a quote is what it is: its formula and its inputs, and the dates that it pays for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from products.pricing.charges import Charge, LineType
from products.pricing.discount import applies, share_of_amount
from products.pricing.facts import Discount, HeldItem, Paid
from products.pricing.lines import Line
from products.pricing.period import Period
from products.pricing.rounding import WHOLE, portion
from products.pricing.sale import Sale
from products.pricing.scenario import Scenario
from products.pricing.wording import Wording

NOTHING, A_DAY = timedelta(0), timedelta(days=1)
UNITS = (A_DAY, timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is left of a stretch of time: as an exact fraction, and as people say it."""

    left: timedelta
    length: timedelta

    @property
    def fraction(self) -> str:
        """In the largest unit that divides both, from days to microseconds: 15/31."""
        unit = next(unit for unit in UNITS if not self.left % unit and not self.length % unit)
        return f"{self.left // unit}/{self.length // unit}"

    def text(self, words: Wording) -> str:
        """15 of 31 days; 6 d 4 h 32 min 11 s of 31 days."""
        whole_days = not self.left % A_DAY and not self.length % A_DAY
        left = words.integer(self.left // A_DAY) if whole_days else words.duration(self.left)
        return words.sentence("rest", left=left, length=words.duration(self.length))


class LineSentences:
    """Explains the lines of one quote: those of the sale's charges, and then its credits."""

    def __init__(
        self, scenario: Scenario, sale: Sale, lines: Sequence[Line], words: Wording, names: Mapping[str, str]
    ) -> None:
        self._scenario = scenario
        self._sale = sale
        self._sold = list(zip(sale.charges, lines, strict=False))
        self._credits = lines[len(sale.charges) :]
        self._words = words
        self._names = names

    def __iter__(self) -> Iterator[str]:
        for charge, line in self._sold:
            yield " ".join([self._charge(charge), *self._discount(charge, line), *self._tax(charge, line)])
        membership = self._scenario.membership
        if membership is not None and membership.period is not None:
            credited = {item.product: item for item in membership.items if item.recurring}
            for line in self._credits:
                yield self._credit(credited[line.product], line, membership.period)

    def _charge(self, charge: Charge) -> str:
        words, item, period = self._words, charge.item, self._sale.period
        name, gross = self._name(item.product), words.amount(charge.gross)
        if charge.type == LineType.SETUP_FEE:
            fee, settled = words.amount(item.setup_fee), words.amount(charge.settled)
            key = "setup_fee_rest" if charge.settled else "setup_fee"
            return words.sentence(key, name=name, fee=fee, settled=settled, gross=gross)
        formula = f"{words.integer(charge.quantity)} × {words.amount(item.unit_price)}"
        if not item.recurring or period is None:
            return words.sentence("once", name=name, formula=formula, gross=gross)
        end = words.instant(period.end)
        if charge.share == WHOLE:
            start = words.instant(period.start)
            return words.sentence("in_full", name=name, formula=formula, gross=gross, start=start, end=end)
        rest = self._rest(period, period.start)
        formula = f"{formula} × {rest.fraction}"
        return words.sentence(
            "prorated", name=name, formula=formula, gross=gross, rest=rest.text(words), end=end
        )

    def _discount(self, charge: Charge, line: Line) -> Iterator[str]:
        words, discount = self._words, self._scenario.discount
        if discount is None or not line.discount:
            return
        if discount.percent is not None:
            yield words.sentence(
                "percent_off",
                code=discount.code,
                percent=words.decimal(discount.percent),
                gross=words.amount(charge.gross),
                off=words.amount(line.discount),
            )
        elif discount.amount is not None:
            yield self._amount_off(discount, discount.amount, line)

    def _amount_off(self, discount: Discount, amount: int, line: Line) -> str:
        """A fixed amount is for the whole order: what it comes to, and what of it is this line's."""
        words, period = self._words, self._sale.period
        share = share_of_amount([charge for charge, _ in self._sold if applies(discount, charge)])
        worth, formula = portion(amount, share), words.amount(amount)
        if share != WHOLE and period is not None:
            formula += f" × {self._rest(period, period.start).fraction} = {words.amount(worth)}"
        taken = sum(sold.discount for _, sold in self._sold)
        key = "amount_all" if taken < worth else "amount_off" if taken == line.discount else "amount_spread"
        return words.sentence(key, code=discount.code, formula=formula, off=words.amount(line.discount))

    def _tax(self, charge: Charge, line: Line) -> Iterator[str]:
        words, rate = self._words, charge.item.tax_rate
        if not line.tax:
            return
        tax, percent = words.amount(line.tax), words.decimal(rate)
        if self._scenario.policy.prices_include_tax:
            amount, whole = words.amount(line.net + line.tax), words.decimal(Decimal(100) + rate)
            yield words.sentence("tax_included", amount=amount, rate=percent, whole=whole, tax=tax)
        else:
            yield words.sentence("tax", rate=percent, net=words.amount(line.net), tax=tax)

    def _credit(self, item: HeldItem, line: Line, period: Period) -> str:
        """Net and tax were paid, and are rounded, apart; a price that includes tax is given back as their sum."""
        words = self._words
        told = [
            words.sentence(
                "credit",
                name=self._name(item.product),
                formula=self._parts([(part.net, part) for part in item.paid], period),
                back=words.amount(-line.net),
                rest=self._rest(period, period.start).text(words),
                end=words.instant(period.end),
            )
        ]
        if line.tax:
            formula = self._parts([(part.tax, part) for part in item.paid], period)
            told.append(words.sentence("credit_tax", formula=formula, back=words.amount(-line.tax)))
        if line.tax and self._scenario.policy.prices_include_tax:
            told.append(words.sentence("credit_together", back=words.amount(-line.gross)))
        return " ".join(told)

    def _parts(self, amounts: Sequence[tuple[int, Paid]], period: Period) -> str:
        """What was paid, each part times its own share, as a formula."""
        return " + ".join(
            f"{self._words.amount(amount)} × {self._rest(period, part.start).fraction}"
            for amount, part in amounts
            if amount
        )

    def _rest(self, period: Period, since: datetime) -> Rest:
        left, length = period.end - self._scenario.as_of, period.end - since
        return Rest(left=min(max(left, NOTHING), length), length=length)

    def _name(self, product: str) -> str:
        return self._names.get(product, product)
