from dataclasses import dataclass

from products.models import Price, Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A product at the price it is, or will be, had for."""

    product: Product
    price: Price
    quantity: int = 1
