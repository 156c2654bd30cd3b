"""Money: an integer of minor units and an ISO 4217 currency. Never a float."""

from dataclasses import dataclass
from decimal import Decimal

_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD "
    "BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP "
    "ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
    "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
    "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "  # codespell:ignore
)
_OTHER_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = dict.fromkeys(_TWO_DECIMALS.split(), 2) | {
    currency: decimals for decimals, currencies in _OTHER_DECIMALS.items() for currency in currencies.split()
}
"""How many decimals each currency of ISO 4217 has: 0 for JPY, 2 for EUR, 3 for KWD."""

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, yen) of a currency; negative for what is given back."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in DECIMALS:
            raise ValueError(f"{self.currency!r} is not a currency of ISO 4217")

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with the currency's own number of decimals: 75.48, 7548, 7.548."""
        return Decimal(self.minor).scaleb(-DECIMALS[self.currency])

    def format(self, language: str = "en") -> str:
        """As a reader of English (€1,075.48, -€0.29) or of Dutch ("nl": € 1.075,48, € -0,29) expects it."""
        digits = f"{abs(self.decimal):,f}"
        sign = "-" if self.minor < 0 else ""
        symbol = _SYMBOLS.get(self.currency, self.currency + NO_BREAK_SPACE)
        if language == "nl":
            symbol = symbol.rstrip(NO_BREAK_SPACE) + NO_BREAK_SPACE
            return symbol + sign + digits.translate({ord(","): ".", ord("."): ","})
        return sign + symbol + digits
