"""Why a quote is what it is: each figure as a sentence with its formula and inputs, in English or Dutch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from products.pricing.after import discount_after
from products.pricing.charges import LineType
from products.pricing.explain_lines import LineSentences
from products.pricing.kinds import Kind
from products.pricing.lines import Line
from products.pricing.quote import Effective, Quote, renewal
from products.pricing.quote import quote as price
from products.pricing.sale import Sale, sale_of
from products.pricing.scenario import Scenario
from products.pricing.wording import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """One sentence, or a few, for each figure of a quote, and for the code that takes something off.

    `lines` are in the order of the quote's lines. What there is nothing to say about is empty.
    """

    when: str
    lines: tuple[str, ...] = ()
    code: str = ""
    due_now: str = ""
    wallet: str = ""
    next_bill: str = ""

    def __iter__(self) -> Iterator[str]:
        """All of it, as a customer reads it."""
        everything = (self.when, *self.lines, self.code, self.due_now, self.wallet, self.next_bill)
        return (sentence for sentence in everything if sentence)


def explain(
    scenario: Scenario, quote: Quote, language: str = "en", *, names: Mapping[str, str] | None = None
) -> Explanations:
    """Explain a quote that was computed from this scenario. `names` has a name for a product, by its code."""
    return _Explainer(scenario, quote, Wording(language, scenario.currency), names or {}).explanations()


class _Explainer:
    """Explains one quote in one language."""

    def __init__(self, scenario: Scenario, quote: Quote, words: Wording, names: Mapping[str, str]) -> None:
        self._scenario = scenario
        self._quote = quote
        self._words = words
        self._names = names

    def explanations(self) -> Explanations:
        quote = self._quote
        if quote.message is not None:
            return Explanations(when=self._words.sentence(quote.message))
        sale = sale_of(self._scenario, quote.kind)
        return Explanations(
            when=self._when(),
            lines=tuple(LineSentences(self._scenario, sale, quote.lines, self._words, self._names)),
            code=self._code(sale),
            due_now=self._due_now(),
            wallet=self._wallet(),
            next_bill=self._next_bill(),
        )

    def _when(self) -> str:
        quote, words, membership = self._quote, self._words, self._scenario.membership
        if quote.trial_end is not None:
            return words.sentence("trial", at=words.instant(quote.trial_end))
        if quote.effective == Effective.BOTH and quote.period is not None:
            return words.sentence("starts_both", at=words.instant(quote.period.end))
        at = "" if quote.effective_at is None else words.instant(quote.effective_at)
        if quote.kind == Kind.RENEWAL:
            was_trial = membership is not None and membership.in_trial
            return words.sentence("trial_over" if was_trial else "renews", at=at)
        if quote.effective == Effective.PERIOD_END:
            return words.sentence("ends_later" if quote.kind == Kind.REMOVAL else "starts_later", at=at)
        return words.sentence("starts_now")

    def _code(self, sale: Sale) -> str:
        """What becomes of the code, and not what it takes off."""
        words, discount = self._words, self._scenario.discount
        if discount is None:
            return ""
        if sale.waits and self._scenario.selection.discount is not None:
            return words.sentence("code_later", code=discount.code)
        left = discount_after(self._scenario, sale)
        if left is None:
            return words.sentence("code_used_up", code=discount.code)
        if left.periods_left is None:
            return words.sentence("code_stays", code=discount.code)
        key = "code_one_period" if left.periods_left == 1 else "code_periods"
        return words.sentence(key, code=discount.code, periods=words.integer(left.periods_left))

    def _due_now(self) -> str:
        quote, words = self._quote, self._words
        if not quote.lines and not quote.wallet_used:
            return words.sentence("due_nothing")
        if quote.total < 0:
            return words.sentence("due_credit", sum=self._sum(-quote.net, -quote.tax))
        due = quote.total - quote.wallet_used
        total = self._less_wallet(self._sum(quote.net, quote.tax), quote.wallet_used, due)
        if due == quote.due_now:
            return words.sentence("due", sum=total)
        minimum = words.amount(self._scenario.policy.minimum_charge)
        return words.sentence("due_too_small", sum=total, minimum=minimum)

    def _wallet(self) -> str:
        """The balance before, what leaves, what enters, and the balance after."""
        quote, words, before = self._quote, self._words, self._scenario.wallet
        if not quote.wallet_used and not quote.wallet_added:
            return ""
        changes = [words.signed(change) for change in (-quote.wallet_used, quote.wallet_added) if change]
        after = before - quote.wallet_used + quote.wallet_added
        return words.sentence(
            "wallet", sum=" ".join([words.amount(before), *changes]), after=words.amount(after)
        )

    def _next_bill(self) -> str:
        """The next bill with its lines, computed anew, since a stored quote has its figures only."""
        words, scenario = self._words, self._scenario
        bill = (renewal(scenario) if self._quote.kind == Kind.RENEWAL else price(scenario)).next_bill
        if bill is None:
            return words.sentence("next_bill_none")
        terms = " + ".join(f"{self._name(line)} {words.amount(line.gross)}" for line in bill.lines)
        off = sum(line.discount for line in bill.lines)
        if off:
            terms += f" - {words.sentence('next_discount')} {words.amount(off)}"
        if bill.tax and not scenario.policy.prices_include_tax:
            terms += f" + {words.sentence('next_tax')} {words.amount(bill.tax)}"
        if bill.tax or off or len(bill.lines) > 1:
            terms += f" = {words.amount(bill.total)}"
        terms = self._less_wallet(terms, bill.wallet_used, bill.due)
        return words.sentence("next_bill", at=words.instant(bill.at), sum=terms)

    def _name(self, line: Line) -> str:
        name = self._names.get(line.product, line.product)
        return self._words.sentence("next_setup_fee", name=name) if line.type == LineType.SETUP_FEE else name

    def _sum(self, net: int, tax: int) -> str:
        words, total = self._words, self._words.amount(net + tax)
        if not tax:
            return total
        if self._scenario.policy.prices_include_tax:
            return words.sentence("sum_tax_included", tax=words.amount(tax), total=total)
        return words.sentence("sum_tax", net=words.amount(net), tax=words.signed(tax), total=total)

    def _less_wallet(self, total: str, used: int, due: int) -> str:
        words = self._words
        if used > 0:
            return words.sentence("sum_wallet", sum=total, used=words.amount(used), due=words.amount(due))
        if used < 0:
            return words.sentence("sum_debt", sum=total, debt=words.amount(-used), due=words.amount(due))
        return total
