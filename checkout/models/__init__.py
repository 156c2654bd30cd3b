from checkout.models.order import Order
from checkout.models.quote import Quote

__all__ = ["Order", "Quote"]
