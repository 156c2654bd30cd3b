"""Price a choice: as a preview that leaves no trace, or as a stored quote that binds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from checkout.models import Quote
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario
from products import pricing
from products.models import Price, Product


class QuoteBroken(Exception):
    """The stored inputs no longer give the stored price: the arithmetic changed between quote and charge."""


def preview(*, terms: Terms, picks: Sequence[Pick], now: datetime) -> tuple[pricing.Scenario, pricing.Quote]:
    """What the change to `picks` would cost at `now`. No query, no trace."""
    asked = scenario(terms=terms, picks=picks, now=now)
    return asked, pricing.quote(asked)


def make_quote(*, terms: Terms, picks: Sequence[Pick], user: User, now: datetime) -> Quote:
    """Store a price that binds until it expires, together with everything it was computed from."""
    asked, price = preview(terms=terms, picks=picks, now=now)
    return store_quote(terms=terms, picks=picks, asked=asked, price=price, user=user, now=now)


def store_quote(
    *,
    terms: Terms,
    picks: Sequence[Pick],
    asked: pricing.Scenario,
    price: pricing.Quote,
    user: User | None,
    now: datetime,
) -> Quote:
    """Write down a price with its inputs. Nobody asked (`user` None) for a renewal's."""
    return Quote.objects.create(
        membership=terms.membership,
        user=user,
        revision=terms.membership.revision,
        as_of=now,
        expires_at=now + timedelta(seconds=settings.QUOTE_LIFETIME_SECONDS),
        picks=[
            {"product": pick.product.pk, "price": pick.price.pk, "quantity": pick.quantity} for pick in picks
        ],
        scenario=pricing.scenario_to_json(asked),
        result=pricing.quote_to_json(price),
    )


def reprice(quote: Quote) -> tuple[pricing.Scenario, pricing.Quote]:
    """Compute `quote` again from its stored inputs. Raises QuoteBroken when the answer is not the stored one."""
    asked = pricing.scenario_from_json(quote.scenario)
    is_renewal = quote.result["kind"] == pricing.Kind.RENEWAL
    price = pricing.renewal(asked) if is_renewal else pricing.quote(asked)
    if pricing.quote_to_json(price) != quote.result:
        raise QuoteBroken(f"Quote {quote.uid} was {quote.result}, and is now {pricing.quote_to_json(price)}.")
    return asked, price


def picks_of(quote: Quote) -> tuple[Pick, ...]:
    """The products and prices that `quote` was made for, as they are now: two queries."""
    rows: list[Mapping[str, Any]] = quote.picks
    products = Product.objects.select_related("group", "tax_rate").in_bulk([row["product"] for row in rows])
    prices = Price.objects.in_bulk([row["price"] for row in rows])
    return tuple(
        Pick(product=products[row["product"]], price=prices[row["price"]], quantity=row["quantity"])
        for row in rows
    )
