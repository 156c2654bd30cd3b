"""Price a choice: as a preview that leaves no trace, or as a stored quote that binds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.models import User
from checkout.models import Quote
from checkout.operations.rate_limit import count_quote
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario
from products import pricing
from products.models import Price, Product


class QuoteBroken(Exception):
    """The stored inputs no longer give the stored price, or cannot be read any more: what was promised is not known."""

    code = "price_changed"


def preview(
    *, terms: Terms, picks: Sequence[Pick], now: datetime, discount: pricing.Discount | None = None
) -> tuple[pricing.Scenario, pricing.Quote]:
    """What the change to `picks` would cost at `now`, with the `discount` of a code entered for it. No query, no
    trace."""
    asked = scenario(terms=terms, picks=picks, discount=discount, now=now)
    return asked, pricing.quote(asked)


def make_quote(
    *,
    terms: Terms,
    picks: Sequence[Pick],
    user: User,
    now: datetime,
    discount: pricing.Discount | None = None,
) -> Quote:
    """Store a price that binds until it expires, together with everything it was computed from.

    Raises TooManyQuotes.
    """
    count_quote(user=user, now=now)
    asked, price = preview(terms=terms, picks=picks, discount=discount, now=now)
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
    """Write down a price with its inputs."""
    quote = draft_quote(terms=terms, picks=picks, asked=asked, price=price, user=user, now=now)
    quote.save(force_insert=True)
    return quote


def draft_quote(
    *,
    terms: Terms,
    picks: Sequence[Pick],
    asked: pricing.Scenario,
    price: pricing.Quote,
    user: User | None,
    now: datetime,
) -> Quote:
    """A price with its inputs, not written down yet. Nobody asked (`user` None) for a renewal's."""
    return Quote(
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
    is_renewal = quote.result["kind"] == pricing.Kind.RENEWAL
    try:
        asked = pricing.scenario_from_json(quote.scenario)
        price = pricing.renewal(asked) if is_renewal else pricing.quote(asked)
    except pricing.ScenarioError as error:
        raise QuoteBroken(f"Quote {quote.uid} cannot be read: {error}") from error
    if pricing.quote_to_json(price) != quote.result:
        raise QuoteBroken(f"Quote {quote.uid} was {quote.result}, and is now {pricing.quote_to_json(price)}.")
    return asked, price


def picks_of(quote: Quote) -> tuple[Pick, ...]:
    """The products and prices that `quote` was made for, as they are now: two queries. Raises QuoteBroken when one of
    them is gone."""
    rows: list[Mapping[str, Any]] = quote.picks
    products = Product.objects.select_related("group", "tax_rate").in_bulk([row["product"] for row in rows])
    prices = Price.objects.in_bulk([row["price"] for row in rows])
    try:
        return tuple(
            Pick(product=products[row["product"]], price=prices[row["price"]], quantity=row["quantity"])
            for row in rows
        )
    except KeyError as error:
        raise QuoteBroken(f"Quote {quote.uid} is for something that is gone: {error}") from error
