"""What a sign-up costs, as a quote that binds."""

from datetime import datetime
from uuid import UUID

from checkout.models import Order, Quote, SignUp
from checkout.operations.codes import discount_for
from checkout.operations.quote import make_quote, preview
from checkout.operations.selection import Choice, choose
from checkout.operations.sign_up.menu import sign_up_menu
from memberships.operations.terms import terms_of
from products import pricing


def choice_of(sign_up: SignUp) -> Choice:
    return Choice(
        plan=sign_up.plan.uid,
        interval=sign_up.interval,
        addons={UUID(uid): quantity for uid, quantity in sign_up.addons.items()},
        code=sign_up.code,
    )


def binding_quote(*, sign_up: SignUp, now: datetime) -> Quote:
    """The price of what was chosen: the quote that was made for it as long as it holds, so that looking again makes no
    other, or a new one.

    Raises SelectionRefused for what cannot be had any more, and TooManyQuotes.
    """
    terms = terms_of(sign_up.membership)
    choice = choice_of(sign_up)
    picks = choose(menu=sign_up_menu(terms=terms, plan=choice.plan), choice=choice)
    discount = discount_for(code=choice.code, terms=terms, picks=picks, now=now)
    before = sign_up.quote
    if before is not None and not before.has_expired(at=now):
        asked, _price = preview(terms=terms, picks=picks, discount=discount, now=before.as_of)
        is_the_same = pricing.scenario_to_json(asked) == before.scenario
        is_used = Order.objects.filter(quote=before).exists()
        if is_the_same and not is_used and before.revision == sign_up.membership.revision:
            return before
    sign_up.quote = make_quote(terms=terms, picks=picks, discount=discount, user=sign_up.user, now=now)
    sign_up.save(update_fields=["quote"])
    return sign_up.quote
