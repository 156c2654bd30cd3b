"""Which tax a customer pays on what they buy."""

from decimal import Decimal

from django.conf import settings

from memberships.models import Customer
from memberships.policies import vat
from products.models import Product
from products.pricing.tax import tax_of


def is_reverse_charged(customer: Customer) -> bool:
    """Whether VAT is left to the customer, who is a business in another member state of the European Union."""
    return vat.is_reverse_charged(
        seller_country=settings.SELLER_COUNTRY,
        customer_country=customer.country,
        number=customer.vat_number,
    )


def rate_for(product: Product, customer: Customer) -> Decimal:
    """The rate in percent at which `customer` buys `product`."""
    return Decimal(0) if is_reverse_charged(customer) else _rate_of(product)


def amount_for(amount: int, product: Product, customer: Customer) -> int:
    """A listed `amount` (minor units) as `customer` pays it: where prices include tax that is reverse charged, without
    that tax."""
    if not settings.PRICES_INCLUDE_TAX or not is_reverse_charged(customer):
        return amount
    return amount - tax_of(amount, _rate_of(product), included=True)


def _rate_of(product: Product) -> Decimal:
    return product.tax_rate.percent if product.tax_rate else Decimal(0)
