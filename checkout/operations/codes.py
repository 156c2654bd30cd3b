"""A discount code that is entered with a choice: what it takes off, or why it cannot, in words for its field."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from checkout.operations.code_limit import count_unknown_code, may_try_codes
from checkout.operations.selection import SelectionRefused
from memberships.operations.discounts import CodeRefused, grant
from memberships.operations.picks import Pick
from memberships.operations.terms import Terms, scenario
from products import pricing

FIELD, UNKNOWN = "code", "code_unknown"
MESSAGES = {
    "too_many_tries": _("You have tried many codes that we do not know. Please try again in an hour."),
    "unknown": _("We do not know this code. Check how it is spelled."),
    "not_yet": _("This code is not valid yet."),
    "over": _("This code is no longer valid."),
    "used_up": _("This code has been used up."),
    "used_before": _("You have used this code already, and it may not be used again."),
    "wrong_currency": _("This code is not valid for the currency you pay in."),
    "in_force": _("You have this code already: it goes on by itself, with the periods that are left of it."),
    "not_for_this": _("This code is not for any of the products you chose."),
    "nothing_to_charge": _("There is nothing here that this code could be taken off."),
}


def discount_for(
    *, code: str, terms: Terms, picks: Sequence[Pick], now: datetime, asked_by: str = ""
) -> pricing.Discount | None:
    """What the `code` that was typed takes off the change to `picks`; None when none was typed. At most one query.

    Raises SelectionRefused for the field `code`; its code is `code_` and a key of MESSAGES. Who has tried too many
    codes that do not exist is told nothing about any. `asked_by` names somebody who is no customer yet.
    """
    asker = asked_by or str(terms.membership.customer_id)
    if not code.strip():
        return None
    if not may_try_codes(asker=asker, now=now):
        raise _refusal("too_many_tries")
    try:
        return granted_for(code=code, terms=terms, picks=picks, now=now)
    except SelectionRefused as refused:
        if refused.code == UNKNOWN:
            count_unknown_code(code=code, asker=asker, now=now)
        raise


def granted_for(*, code: str, terms: Terms, picks: Sequence[Pick], now: datetime) -> pricing.Discount:
    """What `code` takes off, for a customer of whom it is known that they may ask. Raises SelectionRefused."""
    try:
        discount = grant(code=code, terms=terms, now=now)
    except CodeRefused as refused:
        raise _refusal(refused.reason) from refused
    price = pricing.quote(scenario(terms=terms, picks=picks, discount=discount, now=now))
    coming = price.next_bill.lines if price.next_bill else ()
    if not any(line.discount for line in (*price.lines, *coming)):
        chosen = {pick.product.code for pick in picks}
        is_for_others = discount.products and chosen.isdisjoint(discount.products)
        raise _refusal("not_for_this" if is_for_others else "nothing_to_charge")
    return discount


def _refusal(reason: str) -> SelectionRefused:
    return SelectionRefused(f"code_{reason}", str(MESSAGES[reason]), field=FIELD)
