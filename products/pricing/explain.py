"""Why a quote is what it is: each figure as a sentence with its formula and inputs, in English or Dutch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from products.pricing.charges import Charge, LineType
from products.pricing.facts import HeldItem, Paid
from products.pricing.kinds import Kind
from products.pricing.lines import Line
from products.pricing.period import MICROSECOND, NOTHING, Period
from products.pricing.quote import Effective, Quote, renewal
from products.pricing.quote import quote as price
from products.pricing.rounding import WHOLE
from products.pricing.sale import Sale, sale_of
from products.pricing.scenario import Scenario
from products.pricing.wording import Wording

_UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "microseconds": MICROSECOND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """One sentence, or a few, for each figure of a quote. `lines` are in the order of the quote's lines."""

    when: str
    lines: tuple[str, ...] = ()
    due_now: str = ""
    wallet: str = ""
    next_bill: str = ""

    def __iter__(self) -> Iterator[str]:
        """All of it, as a customer reads it."""
        everything = (self.when, *self.lines, self.due_now, self.wallet, self.next_bill)
        return (sentence for sentence in everything if sentence)


def explain(
    scenario: Scenario, quote: Quote, language: str = "en", *, names: Mapping[str, str] | None = None
) -> Explanations:
    """Explain a quote that was computed from this scenario. `names` has a name for a product, by its code."""
    return _Explainer(scenario, quote, Wording(language, scenario.currency), names or {}).explanations()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What is left of a stretch of time, in the largest unit that divides both: 15 of 31 days."""

    left: timedelta
    length: timedelta

    @property
    def unit(self) -> str:
        return next(unit for unit, size in _UNITS.items() if not self.left % size and not self.length % size)

    @property
    def fraction(self) -> str:
        size = _UNITS[self.unit]
        return f"{self.left // size}/{self.length // size}"

    def text(self, words: Wording) -> str:
        size = _UNITS[self.unit]
        left, length = words.integer(self.left // size), words.integer(self.length // size)
        return words.sentence(self.unit, left=left, length=length)


class _Explainer:
    """Explains one quote in one language."""

    def __init__(self, scenario: Scenario, quote: Quote, wording: Wording, names: Mapping[str, str]) -> None:
        self._scenario = scenario
        self._quote = quote
        self._words = wording
        self._names = names

    def explanations(self) -> Explanations:
        quote = self._quote
        if quote.message is not None:
            return Explanations(when=self._words.sentence(quote.message))
        sale = sale_of(self._scenario, quote.kind)
        return Explanations(
            when=self._when(),
            lines=tuple(self._lines(sale)),
            due_now=self._due_now(),
            wallet=self._wallet(),
            next_bill=self._next_bill() if quote.next_bill is not None else "",
        )

    def _when(self) -> str:
        quote, words = self._quote, self._words
        if quote.trial_end is not None:
            return words.sentence("trial", at=words.instant(quote.trial_end))
        if quote.effective == Effective.BOTH and quote.period is not None:
            return words.sentence("starts_both", at=words.instant(quote.period.end))
        at = "" if quote.effective_at is None else words.instant(quote.effective_at)
        if quote.kind == Kind.RENEWAL:
            return words.sentence("renews", at=at)
        return words.sentence(
            "starts_later" if quote.effective == Effective.PERIOD_END else "starts_now", at=at
        )

    def _lines(self, sale: Sale) -> Iterator[str]:
        """A charge's line stands at the charge's place; the credits come after, each for a recurring item."""
        for charge, line in zip(sale.charges, self._quote.lines, strict=False):
            yield " ".join(
                [self._charge(charge, sale.period), *self._discount(charge, line), *self._tax(charge, line)]
            )
        membership = self._scenario.membership
        if membership is not None and membership.period is not None:
            credited = {item.product: item for item in membership.items if item.recurring}
            for line in self._quote.lines[len(sale.charges) :]:
                yield self._credit(credited[line.product], line, membership.period)

    def _charge(self, charge: Charge, period: Period | None) -> str:
        words, item = self._words, charge.item
        name, gross = self._name(item.product), words.amount(charge.gross)
        if charge.type == LineType.SETUP_FEE:
            fee, settled = words.amount(item.setup_fee), words.amount(charge.settled)
            key = "setup_fee_rest" if charge.settled else "setup_fee"
            return words.sentence(key, name=name, fee=fee, settled=settled, gross=gross)
        quantity, unit = words.integer(charge.quantity), words.amount(item.unit_price)
        if not item.recurring or period is None:
            return words.sentence("once", name=name, quantity=quantity, price=unit, gross=gross)
        start, end = words.instant(period.start), words.instant(period.end)
        if charge.share == WHOLE:
            return words.sentence(
                "in_full", name=name, quantity=quantity, price=unit, gross=gross, start=start, end=end
            )
        rest = self._rest(period, period.start)
        return words.sentence(
            "prorated",
            name=name,
            quantity=quantity,
            price=unit,
            fraction=rest.fraction,
            gross=gross,
            share=rest.text(words),
            end=end,
        )

    def _discount(self, charge: Charge, line: Line) -> Iterator[str]:
        words, discount = self._words, self._scenario.discount
        if discount is None or not line.discount:
            return
        off = words.amount(line.discount)
        if discount.percent is not None:
            percent, gross = words.decimal(discount.percent), words.amount(charge.gross)
            yield words.sentence("percent_off", code=discount.code, percent=percent, gross=gross, off=off)
        elif discount.amount is not None:
            amount = words.amount(discount.amount)
            if charge.share != WHOLE and self._quote.period is not None:
                amount += f" × {self._rest(self._quote.period, self._quote.period.start).fraction}"
            yield words.sentence("amount_off", code=discount.code, amount=amount, off=off)

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
        words = self._words
        sentence = words.sentence(
            "credit",
            name=self._name(item.product),
            parts=self._parts([(part.net, part) for part in item.paid], period),
            net=words.amount(-line.net),
            share=self._rest(period, period.start).text(words),
            end=words.instant(period.end),
        )
        if not line.tax:
            return sentence
        parts = self._parts([(part.tax, part) for part in item.paid], period)
        return f"{sentence} {words.sentence('credit_tax', parts=parts, tax=words.amount(-line.tax))}"

    def _parts(self, amounts: list[tuple[int, Paid]], period: Period) -> str:
        """What was paid, each part times its own share, as a formula."""
        return " + ".join(
            f"{self._words.amount(amount)} × {self._rest(period, part.start).fraction}"
            for amount, part in amounts
        )

    def _rest(self, period: Period, since: datetime) -> "_Rest":
        return _Rest(
            left=min(max(period.end - self._scenario.as_of, NOTHING), period.end - since),
            length=period.end - since,
        )

    def _due_now(self) -> str:
        quote, words = self._quote, self._words
        if not quote.lines and not quote.wallet_used:
            return words.sentence("due_nothing")
        total = self._sum(quote.net, quote.tax)
        if quote.total < 0:
            return words.sentence("due_credit", sum=total)
        due = quote.total - quote.wallet_used
        total = self._less_wallet(total, quote.wallet_used, due)
        if due == quote.due_now:
            return words.sentence("due", sum=total)
        minimum = words.amount(self._scenario.policy.minimum_charge)
        return words.sentence("due_too_small", sum=total, minimum=minimum)

    def _wallet(self) -> str:
        """The balance before, what leaves, what enters, and the balance after."""
        quote, words, before = self._quote, self._words, self._scenario.wallet
        if not quote.wallet_used and not quote.wallet_added:
            return ""
        changes = [
            f" {'-' if change < 0 else '+'} {words.amount(abs(change))}"
            for change in (-quote.wallet_used, quote.wallet_added)
            if change
        ]
        after = before - quote.wallet_used + quote.wallet_added
        return words.sentence(
            "wallet", sum=words.amount(before) + "".join(changes), after=words.amount(after)
        )

    def _next_bill(self) -> str:
        """The next bill with its lines, computed anew, since a stored quote has its figures only."""
        words, scenario = self._words, self._scenario
        bill = (renewal(scenario) if self._quote.kind == Kind.RENEWAL else price(scenario)).next_bill
        if bill is None:
            return ""
        terms = " + ".join(f"{self._next_name(line)} {words.amount(line.gross)}" for line in bill.lines)
        off = sum(line.discount for line in bill.lines)
        if off:
            terms += f" - {words.sentence('next_discount')} {words.amount(off)}"
        if bill.tax and not scenario.policy.prices_include_tax:
            terms += f" + {words.sentence('next_tax')} {words.amount(bill.tax)}"
        if bill.tax or off or len(bill.lines) > 1:
            terms += f" = {words.amount(bill.total)}"
        terms = self._less_wallet(terms, bill.wallet_used, bill.due)
        return words.sentence("next_bill", at=words.instant(bill.at), sum=terms)

    def _next_name(self, line: Line) -> str:
        name = self._name(line.product)
        return self._words.sentence("next_setup_fee", name=name) if line.type == LineType.SETUP_FEE else name

    def _sum(self, net: int, tax: int) -> str:
        key = "sum_tax_included" if self._scenario.policy.prices_include_tax else "sum_tax"
        words = self._words
        if not tax:
            return words.amount(net)
        return words.sentence(
            key, net=words.amount(net), tax=words.amount(tax), total=words.amount(net + tax)
        )

    def _less_wallet(self, total: str, used: int, due: int) -> str:
        words = self._words
        if used > 0:
            return words.sentence("sum_wallet", sum=total, used=words.amount(used), due=words.amount(due))
        if used < 0:
            return words.sentence("sum_debt", sum=total, debt=words.amount(-used), due=words.amount(due))
        return total

    def _name(self, product: str) -> str:
        return self._names.get(product, product)
