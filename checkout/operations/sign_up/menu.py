"""What somebody may sign up for: every plan on sale, whichever its family."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.operations.selection import Menu, SelectionRefused
from memberships.models import Customer, Membership
from memberships.operations.terms import Terms
from products.models import Price, Product
from products.operations.catalogue import current_prices, offered_addons


def newcomer(user: User | None) -> Terms:
    """Terms of a membership that is still to be made: `user`'s, or that of somebody without an account. Nothing is
    stored. At most one query."""
    customer = Customer.objects.filter(user=user).first() if user else None
    membership = Membership(customer=customer or Customer(), currency=settings.CURRENCY)
    return Terms(membership=membership, items=(), wallet=0, discount=None)


def sign_up_menu(*, terms: Terms, plan: UUID | None) -> Menu:
    """The plans that are on sale with what they cost, and the packages of `plan`; of the first that costs something
    when `plan` is None or not on sale. Four queries. Raises SelectionRefused when nothing is on sale."""
    on_sale = Product.objects.on_sale().plans().select_related("group", "tax_rate")
    ordered = list(on_sale.order_by(F("group__name").asc(nulls_last=True), "rank", "name", "pk"))
    prices = current_prices(ordered, currency=terms.membership.currency)
    plans = [each for each in ordered if each.pk in prices]
    chosen = next((each for each in plans if each.uid == plan), None) or _first(plans, prices)
    addons = list(offered_addons(chosen))
    return Menu(
        terms=terms,
        plan=chosen,
        plans=plans,
        addons=addons,
        prices={**prices, **current_prices(addons, currency=terms.membership.currency)},
    )


def _first(plans: Sequence[Product], prices: Mapping[int, Sequence[Price]]) -> Product:
    if not plans:
        raise SelectionRefused("plan_not_offered", _("There is no plan to sign up for now."), field="plan")
    costs = [plan for plan in plans if any(price.amount for price in prices[plan.pk])]
    return (costs or plans)[0]
