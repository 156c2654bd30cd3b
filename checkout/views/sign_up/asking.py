"""A choice of somebody who has no membership yet, priced as that of a member is."""

from datetime import datetime
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, QueryDict

from accounts.models import User
from checkout.forms import ChangeForm, interval_value
from checkout.operations.codes import FIELD as CODE
from checkout.operations.codes import discount_for
from checkout.operations.quote import preview
from checkout.operations.selection import Choice, Menu, SelectionRefused, choose
from checkout.operations.sign_up import newcomer, sign_up_menu
from checkout.views.change import Asked
from products.pricing import Interval, Unit


def ask(request: HttpRequest, data: QueryDict, *, now: datetime) -> Asked:
    """Price what `data` chooses; what it leaves open is the first on offer. A package that the plan is not sold with is
    left out. Raises SelectionRefused when there is no plan on sale."""
    user = request.user if isinstance(request.user, User) else None
    terms = newcomer(user)
    menu = sign_up_menu(terms=terms, plan=_uuid(data.get("plan", "")))
    form = ChangeForm(_completed(data, menu), terms=terms)
    asked = Asked(menu=menu, choice=_first_choice(menu), typed_code=data.get("code", "")[:40])
    if not form.is_valid():
        asked.problems = [str(message) for messages in form.errors.values() for message in messages]
        return asked
    offered = {addon.uid for addon in menu.addons}
    wanted = form.choice
    asked.choice = Choice(
        plan=wanted.plan,
        interval=wanted.interval,
        addons={uid: quantity for uid, quantity in wanted.addons.items() if uid in offered},
        code=wanted.code,
    )
    try:
        asked.picks = choose(menu=menu, choice=asked.choice)
        asked.discount = discount_for(
            code=asked.choice.code, terms=terms, picks=asked.picks, now=now, asked_by=_asker(request, user)
        )
    except SelectionRefused as refused:
        if refused.field != CODE:
            asked.refusal = refused.message
            return asked
        asked.code_refusal = refused.message
    asked.scenario, asked.price = preview(terms=terms, picks=asked.picks, discount=asked.discount, now=now)
    return asked


def _completed(data: QueryDict, menu: Menu) -> QueryDict:
    """`data` with what a link leaves out."""
    completed = data.copy()
    first = _first_choice(menu)
    if not completed.get("plan"):
        completed["plan"] = str(first.plan)
    if not completed.get("period"):
        completed["period"] = interval_value(first.interval)
    return completed


def _first_choice(menu: Menu) -> Choice:
    """The plan of the menu at its shortest period."""
    sold = [
        Interval(unit=Unit(price.interval_unit), count=price.interval_count)
        for price in menu.prices[menu.plan.pk]
        if price.is_recurring
    ]
    shortest = min(sold or menu.intervals, key=lambda interval: interval.length)
    return Choice(plan=menu.plan.uid, interval=shortest, addons={})


def _asker(request: HttpRequest, user: User | None) -> str:
    """Who tries codes: an account, or everybody behind one address on the internet."""
    return f"user-{user.pk}" if user else f"ip-{get_adapter(request).get_client_ip(request)}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
