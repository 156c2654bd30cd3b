from products.models.discount import Discount, DiscountBatch
from products.models.limit import ProductLimit
from products.models.plan_group import PlanGroup
from products.models.price import Price
from products.models.product import Product
from products.models.tax_rate import TaxRate, TaxRateVersion

__all__ = [
    "Discount",
    "DiscountBatch",
    "PlanGroup",
    "Price",
    "Product",
    "ProductLimit",
    "TaxRate",
    "TaxRateVersion",
]
