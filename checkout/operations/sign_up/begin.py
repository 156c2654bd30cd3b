"""Begin a sign-up, or choose anew in the one that is under way; and where it is."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from checkout.models import Order, SignUp
from checkout.operations.selection import Choice
from checkout.policies.steps import Step, next_step
from memberships.models import Customer, Membership
from products.models import Product


class TooLate(Exception):
    """The plan is ordered already: it can be paid or stopped, and changed once it is had."""

    def __init__(self, sign_up: SignUp) -> None:
        super().__init__(f"The sign-up of {sign_up.user_id} is past its choice.")
        self.sign_up = sign_up


@transaction.atomic
def begin(*, user: User, choice: Choice, now: datetime) -> SignUp:
    """Keep what `user` chose, in the sign-up that they have under way or in a new one, with a membership that has not
    begun. Sent twice, or from two windows at once, it is one sign-up. Raises TooLate and Product.DoesNotExist."""
    User.objects.select_for_update().get(pk=user.pk)  # two windows take turns
    chosen = {
        "plan": Product.objects.on_sale().plans().get(uid=choice.plan),
        "interval_unit": choice.interval.unit,
        "interval_count": choice.interval.count,
        "addons": {str(uid): quantity for uid, quantity in choice.addons.items()},
        "code": choice.code.strip()[:40],
        "touched_at": now,
    }
    sign_up = SignUp.objects.open_of(user).select_related("membership").first()
    if sign_up is None:
        return SignUp.objects.create(user=user, membership=_membership(user, now), created_at=now, **chosen)
    if step_of(sign_up, now=now) == Step.PAYMENT or sign_up.membership.state != Membership.State.PENDING:
        raise TooLate(sign_up)
    for field, value in chosen.items():
        setattr(sign_up, field, value)
    sign_up.save(update_fields=list(chosen))
    return sign_up


def step_of(sign_up: SignUp, *, now: datetime) -> Step:
    """Where `sign_up` goes on. Two queries. A member has paid for an address, held or not."""
    is_member = sign_up.membership.state != Membership.State.PENDING
    return next_step(
        has_site=sign_up.state == SignUp.State.DONE,
        is_member=is_member,
        has_address=bool(sign_up.slug) if is_member else sign_up.holds_its_address(at=now),
        waits_for_money=Order.objects.open().filter(membership=sign_up.membership_id).exists(),
    )


def _membership(user: User, now: datetime) -> Membership:
    """The one that an earlier sign-up left behind, or a new one."""
    customer, _is_new = Customer.objects.get_or_create(user=user)
    unused = Membership.objects.filter(customer=customer, state=Membership.State.PENDING)
    left = unused.filter(currency=settings.CURRENCY).order_by("-id").first()
    return left or Membership.objects.create(customer=customer, currency=settings.CURRENCY, created_at=now)
