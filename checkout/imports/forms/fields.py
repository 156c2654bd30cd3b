"""The kinds of values that stand in the columns of a file. What is typed is text; a decimal point is a point."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_default_timezone, is_aware, make_aware
from django.utils.translation import gettext_lazy as _

from products import currencies
from products.forms import BYTES, LARGEST_AMOUNT, LARGEST_LIMIT, LONGEST_INTERVAL
from products.limits import Kind, Unit
from products.models import Price
from products.operations.prices import normal_interval

EVERY = re.compile(r"^(?:(?:per|every)\s+)?(?:(\d{1,3})\s+)?(day|week|month|year|once)s?$", re.IGNORECASE)
AMOUNT = re.compile(r"^\d{1,13}(?:\.\d{1,3})?$")
SIZE = re.compile(r"^(\d{1,13}(?:\.\d{1,3})?)\s*([KMGT]?B)?$", re.IGNORECASE)
PIECES = {"B": 1, "KB": 1024} | BYTES
UNLIMITED = "unlimited"
FIRST_YEAR, LAST_YEAR = 1990, 2100
MIDDAY = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """How often something is billed, written the one way it is: 12 months are a year."""

    unit: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A price in major units of the row's currency."""

    amount: Decimal
    every: Every


def parts(text: str) -> list[str]:
    """What stands between semicolons."""
    return [part.strip() for part in text.split(";") if part.strip()]


def to_minor(amount: Decimal, currency: str) -> int:
    """Raises ValidationError for an amount that the currency cannot have, or that is larger than any price."""
    try:
        minor = currencies.to_minor(amount, currency)
    except currencies.TooPreciseError as error:
        raise ValidationError(
            _("An amount in %(currency)s has at most %(decimals)s decimals."),
            params={"currency": currency, "decimals": error.decimals},
        ) from None
    if minor > LARGEST_AMOUNT:
        raise ValidationError(_("This amount is too large."))
    return minor


class AmountField(forms.CharField):
    """Cleans to a Decimal of major units, or None."""

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        if not text:
            return None
        if not AMOUNT.match(text):
            raise ValidationError(_("Write an amount such as 30 or 29.95."))
        return Decimal(text)


def read_every(text: str, *, once: bool = False) -> Every:
    """Raises ValidationError for what is no interval."""
    found = EVERY.match(text.strip())
    if found is None or (found[2].lower() == "once" and (not once or found[1])):
        raise ValidationError(_("Write how often it is billed: month, year, 3 months."))
    unit, count = normal_interval(unit=found[2].lower(), count=int(found[1] or 1))
    if count < 1 or count > LONGEST_INTERVAL.get(Price.Unit(unit), 1):
        raise ValidationError(_("This interval is too short or too long."))
    return Every(unit=unit, count=count)


class EveryField(forms.CharField):
    """Cleans to an Every, or None."""

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        return read_every(text) if text else None


class PricesField(forms.CharField):
    """Cleans to a list of Asked."""

    def clean(self, value: Any) -> Any:
        prices = [self._price(part) for part in parts(super().clean(value))]
        every = [price.every for price in prices]
        if len(every) != len(set(every)):
            raise ValidationError(_("Two of these prices are for the same interval."))
        return prices

    def _price(self, part: str) -> Asked:
        amount, _space, every = part.partition(" ")
        if not AMOUNT.match(amount) or not every:
            raise ValidationError(
                _(
                    "“%(price)s” is no price. Write an amount and how often it is billed: 30.00 month; 300.00 year."
                ),
                params={"price": part},
            )
        return Asked(amount=Decimal(amount), every=read_every(every, once=True))


class CodesField(forms.CharField):
    """Cleans to a list of codes."""

    def clean(self, value: Any) -> Any:
        return parts(super().clean(value))


class QuantitiesField(forms.CharField):
    """Cleans to quantities by code."""

    def clean(self, value: Any) -> Any:
        quantities: dict[str, int] = {}
        for part in parts(super().clean(value)):
            code, _space, count = part.partition(" ")
            if code in quantities or not re.fullmatch(r"[1-9]\d{0,5}", count.strip() or "1"):
                raise ValidationError(
                    _(
                        "“%(part)s” is not understood. Write codes, each once, with a number behind it: extra-disk 2."
                    ),
                    params={"part": part},
                )
            quantities[code] = int(count or 1)
        return quantities


class YesField(forms.CharField):
    """Cleans to True, False, or None where nothing stands."""

    WORDS = {"yes": True, "1": True, "true": True, "no": False, "0": False, "false": False, "": None}

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        if text.lower() not in self.WORDS:
            raise ValidationError(_("Write yes or no."))
        return self.WORDS[text.lower()]


class AmountOfLimitField(forms.CharField):
    """Cleans to an amount in the unit of `kind`: None for unlimited, 0 for not allowed."""

    def __init__(self, *, kind: Kind, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value).lower()
        if self.kind.is_switch:
            return None if YesField(required=False).clean(text) else 0
        if text == UNLIMITED:
            return None
        found = SIZE.match(text or "0")
        in_bytes = self.kind.unit == Unit.BYTES
        if found is None or (found[2] and not in_bytes) or ("." in found[1] and not found[2]):
            raise ValidationError(
                _("Write a size such as 500 MB or 5 GB, or unlimited.")
                if in_bytes
                else _("Write a whole number, or unlimited.")
            )
        amount = int(Decimal(found[1]) * PIECES[(found[2] or "B").upper()])
        if amount > LARGEST_LIMIT:
            raise ValidationError(_("This limit is too large. Write unlimited."))
        return amount


class MomentField(forms.CharField):
    """A day, or a moment in the network's time zone. Cleans to a datetime in UTC, or None.

    A day stands for its midday in UTC: periods are counted in UTC, and in every customer's country it is then that day.
    """

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        if not text:
            return None
        try:
            moment = self._read(text)
        except ValueError:
            moment = None
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(_("Write a day as 2026-12-31, or a moment as 2026-12-31 14:00."))
        return moment

    def _read(self, text: str) -> datetime | None:
        day = parse_date(text)
        if day is not None:
            return datetime.combine(day, MIDDAY, tzinfo=UTC)
        moment = parse_datetime(text)
        if moment is None:
            return None
        return (moment if is_aware(moment) else make_aware(moment, get_default_timezone())).astimezone(UTC)
