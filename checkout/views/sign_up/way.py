"""From any page of a sign-up to the one where it goes on, and the list of steps on top of each."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from checkout.forms import interval_value
from checkout.models import Order, SignUp
from checkout.operations.selection import Choice
from checkout.operations.sign_up import make_site, step_of
from checkout.policies.steps import Step
from memberships.models import Membership
from sites.entitlements import LimitReached

SHOWN = (
    (Step.PLAN, gettext_lazy("Plan")),
    (Step.ACCOUNT, gettext_lazy("Account")),
    (Step.SITE, gettext_lazy("Your site")),
    (Step.REVIEW, gettext_lazy("Review")),
    (Step.MAKING, gettext_lazy("Ready")),
)


def steps(current: Step) -> list[dict[str, Any]]:
    """What `components/sign_up_steps.html` shows."""
    order = [step for step, _label in SHOWN]
    at = order.index(current)
    return [
        {"label": label, "is_done": position < at, "is_current": position == at, "number": position + 1}
        for position, (_step, label) in enumerate(SHOWN)
    ]


def open_sign_up(user: User) -> SignUp | None:
    rows = SignUp.objects.open_of(user)
    return rows.select_related("membership__customer__user", "plan", "starter", "quote", "user").first()


def to_the_beginning(user: User) -> HttpResponse:
    """For who has no sign-up under way: to what they have, or to the first page."""
    has_begun = Membership.objects.owned_by(user).exclude(state=Membership.State.PENDING).exists()
    return redirect("checkout:accounts" if has_begun else "checkout:sign_up")


def to_next_step(request: HttpRequest, sign_up: SignUp, *, now: datetime) -> HttpResponse:
    """Where `sign_up` goes on, whatever page was asked for."""
    match step_of(sign_up, now=now):
        case Step.PAYMENT:
            order = Order.objects.open().get(membership=sign_up.membership_id)
            return redirect("checkout:order", uid=order.uid)
        case Step.MAKING:
            return to_the_site(request, sign_up, now=now)
        case Step.REVIEW:
            return redirect("checkout:sign_up_review")
        case _:
            return redirect("checkout:sign_up_site")


def to_the_site(request: HttpRequest, sign_up: SignUp, *, now: datetime) -> HttpResponse:
    """To the page of the site, which is made if nobody has made it yet."""
    try:
        site = make_site(sign_up=sign_up, now=now)
    except LimitReached:
        messages.error(request, _("Your plan has no room for a site. Please write to us."))
        return redirect("checkout:account", uid=sign_up.membership.uid)
    if site is not None:
        return redirect("sites:site", uid=site.uid)
    return redirect("checkout:sign_up_site")


def query_of(choice: Choice) -> str:
    """The choice as the address of the first page spells it."""
    return urlencode(
        [
            ("plan", choice.plan),
            ("period", interval_value(choice.interval)),
            *(pair for uid, n in choice.addons.items() for pair in (("extra", uid), (f"quantity-{uid}", n))),
            *([("code", choice.code)] if choice.code else []),
        ]
    )


def plan_page(choice: Choice) -> str:
    return f"{reverse('checkout:sign_up')}?{query_of(choice)}"
