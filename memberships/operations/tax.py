"""Which tax a customer pays on what they buy."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from accounts.network.live import network
from memberships.models import Customer
from memberships.policies import vat
from products.models import Product
from products.pricing.tax import tax_of


def is_reverse_charged(customer: Customer) -> bool:
    """Whether VAT is left to the customer, who is a business in another member state of the European Union."""
    return vat.is_reverse_charged(
        seller_country=network.seller_country,
        customer_country=customer.country,
        number=customer.vat_number,
    )


def rate_for(product: Product, customer: Customer, *, at: datetime) -> Decimal:
    """The rate in percent at which `customer` buys `product` at `at`."""
    return Decimal(0) if is_reverse_charged(customer) else _rate_of(product, customer, at)


def amount_for(amount: int, product: Product, customer: Customer, *, at: datetime) -> int:
    """A listed `amount` (minor units) as `customer` pays it at `at`: where prices include tax that is reverse charged,
    without that tax."""
    if not settings.PRICES_INCLUDE_TAX or not is_reverse_charged(customer):
        return amount
    return amount - tax_of(amount, _rate_of(product, customer, at), included=True)


def _rate_of(product: Product, customer: Customer, at: datetime) -> Decimal:
    if product.tax_rate is None:
        return Decimal(0)
    return product.tax_rate.percent_at(country=customer.country, region=customer.region, on=at.date())
