"""The product page as a browser sends it."""

from typing import Any

from products.limits import Kind
from products.models import Price, Product

ROWS = ("currency", "amount", "interval_count", "interval_unit", "setup_fee", "trial_days")


def posted(
    product: Product | None = None, *, prices: list[dict[str, Any]] | None = None, **typed: Any
) -> dict[str, Any]:
    """What is posted when the page of `product` (or the one to add a plan) is saved with `typed` in it.

    `prices` are rows of the Prices tab: those with an `id` are stored ones, others are new. Without it, the
    stored prices are sent as they are. Active is ticked when there is a price.
    """
    data: dict[str, Any] = {"name": "Basic", "rank": "10", "description": "", "group": ""}
    if product is None:
        data["code"] = "basic"
    else:
        data |= {"name": product.name, "rank": product.rank, "group": product.group_id or ""}
        data["partners"] = list(product.addons.values_list("pk", flat=True))
    data |= {f"limit_{kind}_0": "none" for kind in Kind if not kind.is_switch}
    if product is not None and prices is None:
        prices = [{"id": price.pk, "amount": shown(price)} for price in product.prices.current()]
    rows = sorted(prices or [], key=lambda row: "id" not in row)
    if rows:
        data["is_active"] = "on"
    data |= {
        "prices-TOTAL_FORMS": len(rows),
        "prices-INITIAL_FORMS": sum("id" in row for row in rows),
    }
    for number, row in enumerate(rows):
        stored = {"product": product.pk} if product else {}
        new = {} if "id" in row else {"currency": "EUR", "interval_count": "1", "interval_unit": "month"}
        for name, value in {**stored, **new, "setup_fee": "0.00", "trial_days": "0", **row}.items():
            data[f"prices-{number}-{name}"] = value
    return data | typed


def shown(price: Price) -> str:
    return f"{price.amount / 100:,.2f}"
