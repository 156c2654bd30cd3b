"""VAT numbers of the European Union, and who pays the VAT. A number is checked by its own arithmetic, not against the
register of the tax office."""

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

EU = frozenset(code.upper() for code in vat.MEMBER_STATES) - {"XI"}
"""The member states by their ISO 3166 codes. Northern Ireland's numbers are for goods."""


class NotAVatNumber(ValueError):
    """What was given is not a VAT number of the country."""


def vat_number(text: str, *, country: str) -> str:
    """`text` as invoices write it: capitals, no spaces, the country's letters first, which may be left out. Numbers of
    countries outside the European Union are not checked. Raises NotAVatNumber."""
    number = "".join(character for character in text.upper() if character.isalnum())
    if country not in EU or not number:
        return number
    letters = "EL" if country == "GR" else country
    try:
        return vat.validate(number if number.startswith(letters) else letters + number)
    except ValidationError as error:
        raise NotAVatNumber(text) from error


def is_reverse_charged(*, seller_country: str, customer_country: str, number: str) -> bool:
    """Whether the customer owes the VAT themselves: a business with a valid number in another member state than the
    seller's."""
    if customer_country == seller_country or not {seller_country, customer_country} <= EU:
        return False
    try:
        return bool(vat_number(number, country=customer_country))
    except NotAVatNumber:
        return False
