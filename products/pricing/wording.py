"""How figures, dates and sentences are written in English and Dutch."""

from datetime import datetime
from decimal import Decimal

from products.pricing.money import Money

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "nl": "januari februari maart april mei juni juli "  # codespell:ignore
    "augustus september oktober november december",  # codespell:ignore
}

SENTENCES = {
    "starts_now": {"en": "Starts now.", "nl": "Gaat nu in."},
    "starts_later": {
        "en": "Starts on {at}; until then nothing changes.",
        "nl": "Gaat in op {at}; tot dan verandert er niets.",
    },
    "starts_both": {
        "en": "What you add starts now; what you give up ends on {at}.",
        "nl": "Wat u toevoegt gaat nu in; wat u opzegt eindigt op {at}.",
    },
    "renews": {"en": "Renews on {at}.", "nl": "Wordt verlengd op {at}."},
    "trial": {"en": "Your trial runs until {at}.", "nl": "Uw proefperiode loopt tot {at}."},
    "no_change": {
        "en": "This is what you have now, so nothing changes.",
        "nl": "Dit is wat u nu hebt, dus er verandert niets.",
    },
    "open_invoice": {
        "en": "There is an open invoice. Pay or cancel it first.",
        "nl": "Er staat een factuur open. Betaal of annuleer die eerst.",
    },
    "in_full": {
        "en": "{name}: {quantity} × {price} = {gross}, for {start} to {end}.",
        "nl": "{name}: {quantity} × {price} = {gross}, voor {start} tot {end}.",
    },
    "prorated": {
        "en": "{name}: {quantity} × {price} × {fraction} = {gross}, for the {share} left until {end}.",
        "nl": "{name}: {quantity} × {price} × {fraction} = {gross}, voor de {share} die resten tot {end}.",
    },
    "once": {
        "en": "{name}: {quantity} × {price} = {gross}, paid once.",
        "nl": "{name}: {quantity} × {price} = {gross}, eenmalig.",
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
    "amount_off": {
        "en": "Code {code}: {amount} off the whole order, {off} of it here.",
        "nl": "Code {code}: {amount} korting op de hele bestelling, waarvan {off} hier.",
    },
    "tax": {"en": "Tax: {rate} % of {net} = {tax}.", "nl": "Btw: {rate} % van {net} = {tax}."},
    "tax_included": {
        "en": "Tax included: {amount} × {rate} / {whole} = {tax}.",
        "nl": "Inclusief btw: {amount} × {rate} / {whole} = {tax}.",
    },
    "credit": {
        "en": "Credit for unused time of {name}: {parts} = {net} back, for the {share} left until {end}.",
        "nl": "Tegoed voor ongebruikte tijd van {name}: {parts} = {net} terug, voor {share} tot {end}.",
    },
    "credit_tax": {"en": "Tax: {parts} = {tax} back.", "nl": "Btw: {parts} = {tax} terug."},
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
    "days": {"en": "{left} of {length} days", "nl": "{left} van {length} dagen"},
    "hours": {"en": "{left} of {length} hours", "nl": "{left} van {length} uur"},
    "minutes": {"en": "{left} of {length} minutes", "nl": "{left} van {length} minuten"},
    "seconds": {"en": "{left} of {length} seconds", "nl": "{left} van {length} seconden"},
    "microseconds": {"en": "{left} of {length} microseconds", "nl": "{left} van {length} microseconden"},
    "due": {"en": "Due today: {sum}.", "nl": "Vandaag te betalen: {sum}."},  # codespell:ignore
    "due_nothing": {"en": "Due today: nothing.", "nl": "Vandaag te betalen: niets."},  # codespell:ignore
    "due_credit": {
        "en": "Due today: nothing; {sum} is in your favour.",
        "nl": "Vandaag te betalen: niets; {sum} is in uw voordeel.",  # codespell:ignore
    },
    "due_too_small": {
        "en": "Due today: nothing; {sum} is less than {minimum}, the least that can be charged.",
        "nl": "Vandaag te betalen: niets; {sum} is minder dan {minimum}, het minste bedrag.",  # codespell:ignore
    },
    "sum_tax": {"en": "{net} + {tax} tax = {total}", "nl": "{net} + {tax} btw = {total}"},
    "sum_tax_included": {"en": "{total}, {tax} of it tax", "nl": "{total}, waarvan {tax} btw"},
    "sum_wallet": {
        "en": "{sum} - {used} from your wallet = {due}",
        "nl": "{sum} - {used} uit uw tegoed = {due}",
    },
    "sum_debt": {"en": "{sum} + {debt} still open = {due}", "nl": "{sum} + {debt} nog open = {due}"},
    "wallet": {"en": "Your wallet: {sum} = {after}.", "nl": "Uw tegoed: {sum} = {after}."},
    "next_bill": {"en": "Next bill on {at}: {sum}.", "nl": "Volgende rekening op {at}: {sum}."},
    "next_discount": {"en": "discount", "nl": "korting"},
    "next_tax": {"en": "tax", "nl": "btw"},
    "next_setup_fee": {"en": "setup fee for {name}", "nl": "opstartkosten voor {name}"},
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

    def _separated(self, digits: str) -> str:
        return digits.translate({ord(","): ".", ord("."): ","}) if self._language == "nl" else digits
