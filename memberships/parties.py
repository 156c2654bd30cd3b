"""Who sells and who buys, as invoices and payment requests name them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.network.live import network
from memberships.countries import country_name
from memberships.models import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A name, and below it address and numbers, a line each, in the language that was active."""

    name: str
    details: str


def seller() -> Party:
    """The network's company, from the settings."""
    bank = [
        f"IBAN {spaced(network.seller_iban)}",
        f"BIC {network.seller_bic}" if network.seller_bic else "",
    ]
    return Party(
        name=network.seller_name or network.network_name,
        details=_lines(
            network.seller_address,
            country_name(network.seller_country),
            _vat(network.seller_vat_number),
            *(bank if network.seller_iban else []),
        ),
    )


def buyer(customer: Customer) -> Party:
    return Party(
        name=str(customer),
        details=_lines(
            str(customer.user) if customer.company else "",
            customer.address,
            country_name(customer.country),
            _vat(customer.vat_number),
        ),
    )


def spaced(number: str) -> str:
    """A bank account or a payment reference in groups of four, as people copy it."""
    packed = number.replace(" ", "")
    return " ".join(packed[start : start + 4] for start in range(0, len(packed), 4))


def _vat(number: str) -> str:
    return _("VAT number %(number)s") % {"number": number} if number else ""


def _lines(*texts: str) -> str:
    return "\n".join(line.strip() for text in texts for line in text.splitlines() if line.strip())
