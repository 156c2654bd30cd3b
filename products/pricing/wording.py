"""How figures, dates and sentences are written in English and Dutch."""

from datetime import datetime, timedelta
from decimal import Decimal

from products.pricing.money import Money

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "nl": "januari februari maart april mei juni juli "  # codespell:ignore
    "augustus september oktober november december",  # codespell:ignore
}

SENTENCES = {
    # when
    "starts_now": {"en": "Starts now.", "nl": "Gaat nu in."},
    "starts_later": {
        "en": "Starts on {at}; until then nothing changes.",
        "nl": "Gaat in op {at}; tot dan verandert er niets.",
    },
    "ends_later": {
        "en": "What you give up ends on {at}; until then nothing changes.",
        "nl": "Wat u opzegt eindigt op {at}; tot dan verandert er niets.",
    },
    "starts_both": {
        "en": "What you add starts now; what you give up ends on {at}.",
        "nl": "Wat u toevoegt gaat nu in; wat u opzegt eindigt op {at}.",
    },
    "renews": {"en": "Renews on {at}.", "nl": "Wordt verlengd op {at}."},
    "trial": {"en": "Your trial runs until {at}.", "nl": "Uw proefperiode loopt tot {at}."},
    "trial_over": {
        "en": "Your trial ends on {at}; your plan goes on.",
        "nl": "Uw proefperiode eindigt op {at}; uw abonnement gaat door.",
    },
    "no_change": {
        "en": "This is what you have now, so nothing changes.",
        "nl": "Dit is wat u nu hebt, dus er verandert niets.",
    },
    "open_invoice": {
        "en": "There is an open invoice. Pay or cancel it first.",
        "nl": "Er staat een factuur open. Betaal of annuleer die eerst.",
    },
    # lines
    "in_full": {
        "en": "{name}: {formula} = {gross}, for {start} to {end}.",
        "nl": "{name}: {formula} = {gross}, voor {start} tot {end}.",
    },
    "prorated": {
        "en": "{name}: {formula} = {gross}, for the {rest} left until {end}.",
        "nl": "{name}: {formula} = {gross}, voor de {rest} die resten tot {end}.",
    },
    "once": {
        "en": "{name}: {formula} = {gross}, paid once.",
        "nl": "{name}: {formula} = {gross}, eenmalig.",
    },
    "setup_fee": {
        "en": "Setup fee for {name}: {gross}, paid once.",
        "nl": "Opstartkosten voor {name}: {gross}, eenmalig.",
    },
    "setup_fee_rest": {
        "en": "Setup fee for {name}: {fee} - {settled} paid before = {gross}.",
        "nl": "Opstartkosten voor {name}: {fee} - {settled} eerder betaald = {gross}.",
    },
    "percent_off": {
        "en": "Code {code}: {percent} % of {gross} = {off} off.",
        "nl": "Code {code}: {percent} % van {gross} = {off} korting.",
    },
    "amount_off": {"en": "Code {code}: {formula} off.", "nl": "Code {code}: {formula} korting."},
    "amount_spread": {
        "en": "Code {code}: {formula} off the whole order, {off} of it here.",
        "nl": "Code {code}: {formula} korting op de hele bestelling, waarvan {off} hier.",
    },
    "amount_all": {
        "en": "Code {code}: {off} off, all of it; the code is worth {formula}.",
        "nl": "Code {code}: {off} korting, dus alles; de code is {formula} waard.",
    },
    "tax": {"en": "Tax: {rate} % of {net} = {tax}.", "nl": "Btw: {rate} % van {net} = {tax}."},
    "tax_included": {
        "en": "Tax included: {amount} × {rate} / {whole} = {tax}.",
        "nl": "Inclusief btw: {amount} × {rate} / {whole} = {tax}.",
    },
    "credit": {
        "en": "Credit for unused time of {name}: {formula} = {back} back, for the {rest} left until {end}.",
        "nl": "Tegoed voor ongebruikte tijd van {name}: {formula} = {back} terug, voor {rest} tot {end}.",
    },
    "credit_tax": {"en": "Tax: {formula} = {back} back.", "nl": "Btw: {formula} = {back} terug."},
    "credit_together": {"en": "Together {back} back.", "nl": "Samen {back} terug."},
    "refund": {
        "en": "Refund of invoice {invoice}: {name}, {net} in full.",
        "nl": "Terugbetaling van factuur {invoice}: {name}, {net} geheel.",
    },
    "refund_tax": {"en": "Tax: {tax} in full.", "nl": "Btw: {tax} geheel."},
    "refund_part": {
        "en": "Refund of invoice {invoice}: {name}, {net} × {share} = {back}, rounded so that all lines add up.",
        "nl": "Terugbetaling van factuur {invoice}: {name}, {net} × {share} = {back}, "
        "zo afgerond dat de regels samen kloppen.",
    },
    "refund_part_tax": {"en": "Tax: {tax} × {share} = {back}.", "nl": "Btw: {tax} × {share} = {back}."},
    "rest": {"en": "{left} of {length}", "nl": "{left} van {length}"},
    # the code
    "code_used_up": {
        "en": "Code {code} is used up with this bill.",
        "nl": "Code {code} is met deze rekening op.",
    },
    "code_one_period": {
        "en": "Code {code} is good for one more period.",
        "nl": "Code {code} geldt nog voor één periode.",
    },
    "code_periods": {
        "en": "Code {code} is good for {periods} more periods.",
        "nl": "Code {code} geldt nog voor {periods} perioden.",
    },
    "code_stays": {"en": "Code {code} stays for every bill.", "nl": "Code {code} blijft gelden."},
    "code_later": {
        "en": "Code {code} begins with the next bill.",
        "nl": "Code {code} gaat in met de volgende rekening.",
    },
    # sums
    "due": {"en": "Due today: {sum}.", "nl": "Vandaag te betalen: {sum}."},  # codespell:ignore
    "due_nothing": {"en": "Due today: nothing.", "nl": "Vandaag te betalen: niets."},  # codespell:ignore
    "due_credit": {
        "en": "Due today: nothing; {sum} goes to your wallet.",
        "nl": "Vandaag te betalen: niets; {sum} gaat naar uw tegoed.",  # codespell:ignore
    },
    "due_too_small": {
        "en": "Due today: nothing; {sum} is less than {minimum}, the least that can be charged, "
        "and comes with the next bill.",
        "nl": "Vandaag te betalen: niets; {sum} is minder dan {minimum}, het minste bedrag, "  # codespell:ignore
        "en komt bij de volgende rekening.",
    },
    "sum_tax": {"en": "{net} {tax} tax = {total}", "nl": "{net} {tax} btw = {total}"},
    "sum_tax_included": {"en": "{total}, {tax} of it tax", "nl": "{total}, waarvan {tax} btw"},
    "sum_wallet": {
        "en": "{sum} - {used} from your wallet = {due}",
        "nl": "{sum} - {used} uit uw tegoed = {due}",
    },
    "sum_debt": {"en": "{sum} + {debt} still open = {due}", "nl": "{sum} + {debt} nog open = {due}"},
    "wallet": {"en": "Your wallet: {sum} = {after}.", "nl": "Uw tegoed: {sum} = {after}."},
    "next_bill": {"en": "Next bill on {at}: {sum}.", "nl": "Volgende rekening op {at}: {sum}."},
    "next_bill_none": {
        "en": "There is no next bill.",
        "nl": "Er volgt geen rekening.",
    },
    "next_discount": {"en": "discount", "nl": "korting"},
    "next_tax": {"en": "tax", "nl": "btw"},
    "next_setup_fee": {"en": "setup fee for {name}", "nl": "opstartkosten voor {name}"},
    # time
    "a_day": {"en": "1 day", "nl": "1 dag"},
    "days": {"en": "{days} days", "nl": "{days} dagen"},
    "hours": {"en": "h", "nl": "u"},
}
"""Every sentence, in each language. What stands in braces is filled in by `explain`."""

LANGUAGES = frozenset(_MONTHS)


class Wording:
    """Writes in one language (English, if it is not a known one) and in one currency."""

    def __init__(self, language: str, currency: str) -> None:
        self._language = language if language in LANGUAGES else "en"
        self._currency = currency

    def sentence(self, key: str, **values: object) -> str:
        return SENTENCES[key][self._language].format(**values)

    def amount(self, minor: int) -> str:
        return Money(minor, self._currency).format(self._language)

    def signed(self, minor: int) -> str:
        """An amount that is added to another, or taken from it: + €0.29 or - €0.29."""
        return f"{'-' if minor < 0 else '+'} {self.amount(abs(minor))}"

    def integer(self, number: int) -> str:
        """A whole number with its thousands apart: 445,540 or 445.540."""
        return self._separated(f"{number:,}")

    def decimal(self, number: Decimal) -> str:
        """A decimal without needless zeros: 8.875 or 8,875."""
        digits = f"{number:f}"
        return self._separated(digits.rstrip("0").rstrip(".") if "." in digits else digits)

    def instant(self, at: datetime) -> str:
        """17 March 2026; with the time of day in UTC unless it is midnight."""
        date = f"{at.day} {_MONTHS[self._language].split()[at.month - 1]} {at.year}"
        return date if at.time().isoformat() == "00:00:00" else f"{date} {at:%H:%M} UTC"

    def duration(self, time: timedelta) -> str:
        """31 days; or 6 d 4 h 32 min 11 s, without the units that are zero and parts of a second."""
        if not time % timedelta(days=1):
            return self.sentence("a_day" if time.days == 1 else "days", days=self.integer(time.days))
        hours, seconds = divmod(time.seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        counted = {"d": time.days, self.sentence("hours"): hours, "min": minutes, "s": seconds}
        return (
            " ".join(f"{self.integer(number)} {unit}" for unit, number in counted.items() if number) or "0 s"
        )

    def _separated(self, digits: str) -> str:
        return digits.translate({ord(","): ".", ord("."): ","}) if self._language == "nl" else digits
