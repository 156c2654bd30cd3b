"""What the network's settings must be, whoever sets them: the environment, which `check` reads, or the desk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban

from accounts.network.models import EmailConfirmation
from memberships.countries import country_choices
from memberships.policies.vat import NotAVatNumber, vat_number

YEAR: Final = 366
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "transfer_lifetime_days": (1, YEAR),
    "undo_hours": (0, 30 * 24),
    "expire_after_days": (1, YEAR),
    "grace_days": (0, 10 * YEAR),
    "spare_sites": (0, 100),
    "recycle_days": (1, 10 * YEAR),
    "domain_quarantine_days": (0, 10 * YEAR),
}
"""The least and the most of each number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A sentence that says what is wrong with the setting `name` (in lower case) and how to mend it."""

    name: str
    sentence: str | Promise


def faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with `values`: every setting that can be changed at the desk, by its name in lower case."""
    for name, (least, most) in BOUNDS.items():
        if not least <= values[name] <= most:
            sentence = _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most}
            yield Fault(name=name, sentence=sentence)
    yield from _schedule(list(values["dunning_days"]), expires=values["expire_after_days"])
    yield from _seller(values)
    if not values["network_name"].strip():
        yield Fault(name="network_name", sentence=_("Enter a name: it stands on every page and mail."))
    if values["email_confirmation"] not in EmailConfirmation:
        yield Fault(name="email_confirmation", sentence=_("Choose optional or mandatory."))


def _schedule(days: list[int], *, expires: int) -> Iterator[Fault]:
    if not days or min(days) < 0 or days != sorted(set(days)):
        sentence = _("Enter ascending days, such as 0, 1, 3, 7.")
        yield Fault(name="dunning_days", sentence=sentence)
    elif days[-1] > expires:
        sentence = _("The last day may be %(day)s at most: then an unpaid membership expires.")
        yield Fault(name="dunning_days", sentence=sentence % {"day": expires})


def _seller(values: Mapping[str, Any]) -> Iterator[Fault]:
    country = values["seller_country"]
    if country not in dict(country_choices()):
        yield Fault(name="seller_country", sentence=_("Choose a country, by its ISO 3166 code."))
    try:
        vat_number(values["seller_vat_number"], country=country)
    except NotAVatNumber:
        yield Fault(
            name="seller_vat_number",
            sentence=_("This is not a VAT number of that country. Look at each digit."),
        )
    if values["seller_iban"] and not iban.is_valid(values["seller_iban"]):
        yield Fault(name="seller_iban", sentence=_("This is not an IBAN. Look at each digit."))
    if values["seller_bic"] and not bic.is_valid(values["seller_bic"]):
        yield Fault(name="seller_bic", sentence=_("This is not a BIC: it has 8 or 11 letters and digits."))
