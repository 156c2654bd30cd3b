"""Change what a customer has, on their behalf: the same choices, prices and rules as on their own Change page. What was
chosen is then reviewed."""

from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from checkout.admin import change_review
from checkout.admin.change_review import TEMPLATE, bill_table
from checkout.operations.quote import make_quote
from checkout.operations.rate_limit import TooManyQuotes
from checkout.operations.selection import MOST_OF_ONE_PRODUCT
from checkout.views.change import Asked, texts
from checkout.views.change import ask as priced
from memberships.models import Membership
from memberships.operations.terms import terms_of
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.money_display import format_money

QUANTITY = "quantity-"  # before an extra's identifier, as in the customer's own form


class ChoiceForm(forms.Form):
    """What may be chosen with what each costs: `shown` is what the customer's own page would show. The names of the
    fields are those of their form, too."""

    def __init__(self, data: Any, *, shown: dict[str, Any]) -> None:
        super().__init__(data)
        plans, periods = shown["plans"], shown["periods"]
        self.fields["plan"] = forms.ChoiceField(
            label=gettext_lazy("plan"),
            choices=[(card["value"], _offer(card)) for card in plans if not card["disabled"]],
            widget=UnfoldAdminRadioSelectWidget,
            help_text=" ".join(card["reason"] for card in plans if card["disabled"]),
        )
        self.fields["period"] = forms.ChoiceField(
            label=gettext_lazy("billing period"),
            choices=[(period["value"], period["label"]) for period in periods],
            widget=UnfoldAdminRadioSelectWidget,
        )
        for card in shown["extras"]:
            self.fields[f"{QUANTITY}{card['value']}"] = forms.IntegerField(
                label=_offer(card),
                required=False,
                min_value=0,
                max_value=MOST_OF_ONE_PRODUCT,
                disabled=card["disabled"],
                widget=UnfoldAdminIntegerFieldWidget,
                help_text=card["reason"] or card["description"],
            )
        self.fields["code"] = forms.CharField(
            label=gettext_lazy("discount code"),
            required=False,
            max_length=40,
            widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        )


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """The choice; with `quote` in the address the review of what was chosen."""
    membership: Membership = the_row(model_admin, request, object_id)
    if "quote" in request.GET:
        return change_review.page(model_admin, request, membership)
    terms, now = terms_of(membership), timezone.now().replace(microsecond=0)
    if terms.plan is None:
        messages.info(request, _("This membership has no plan yet: its customer is still signing up."))
        return redirect("admin:memberships_membership_change", membership.pk)
    data = _sent(request.POST)
    asked = priced(terms, data, now=now)
    shown = texts(asked, limits={}, pending=None)
    form = ChoiceForm(data if request.method == "POST" else _of_today(shown), shown=shown)
    if form.is_valid() and asked.code_refusal:
        form.add_error("code", asked.code_refusal)
    may_review = form.is_valid() and asked.can_go_on
    if "review" in request.POST and may_review:
        refused = _quoted(asked, request, form)
        if refused is not None:
            return refused
    summary = shown["summary"]
    answer = ask(
        model_admin, request, membership, form=form, title=_("Change the plan"), button=_("Show the price"),
        facts=[
            (_("membership"), membership),
            (_("has"), ", ".join(str(item) for item in terms.items if item.price.is_recurring)),
            (_("wallet"), format_money(terms.wallet, membership.currency)),
        ],
        warning=_warning(summary) if request.method == "POST" and not form.errors else "",
        template=TEMPLATE,
        when=summary.get("when", ""),
        table=bill_table(summary.get("price")),
        may_review=may_review,
    )  # fmt: skip
    answer.status_code = 422 if form.errors or ("review" in request.POST and not may_review) else 200
    return answer


def _offer(card: dict[str, Any]) -> str:
    """“Premium, €30.00 per month (Current plan)”."""
    price = f"{card['price']} {card['per']}".strip()
    badge = f" ({card['badge']})" if card["badge"] else ""
    return f"{card['name']}, {price}{badge}" if price else f"{card['name']}{badge}"


def _sent(posted: QueryDict) -> QueryDict:
    """What was chosen, as the customer's form sends it: an extra of which there are none is not named."""
    data = posted.copy()
    wanted = [name for name in posted if name.startswith(QUANTITY) and str(posted[name]).strip("0 ")]
    data.setlist("extra", [name.removeprefix(QUANTITY) for name in wanted])
    return data


def _of_today(shown: dict[str, Any]) -> dict[str, Any]:
    """What the customer has, as a form sent."""
    chosen = {
        name: next((each["value"] for each in shown[f"{name}s"] if each["checked"]), "")
        for name in ("plan", "period")
    }
    extras = {
        f"{QUANTITY}{card['value']}": (card["quantity"] or 1) if card["checked"] else 0
        for card in shown["extras"]
    }
    return {**chosen, **extras, "code": ""}


def _quoted(asked: Asked, request: HttpRequest, form: ChoiceForm) -> HttpResponse | None:
    """To the review of a quote that binds; None when there were too many, which is then on the form."""
    assert asked.scenario is not None, "what can be reviewed has a price"
    try:
        quote = make_quote(
            terms=asked.menu.terms,
            picks=asked.picks,
            discount=asked.discount,
            user=cast("User", request.user),
            now=asked.scenario.as_of,
        )
    except TooManyQuotes as too_many:
        form.add_error(None, _("Wait %(seconds)d seconds.") % {"seconds": too_many.seconds})
        return None
    return redirect(f"{request.path}?{urlencode({'quote': quote.uid})}")


def _warning(summary: dict[str, Any]) -> str:
    gone = summary.get("gone")
    ending = _("Not sold with this plan, so it ends: %(names)s.") % {"names": ", ".join(gone)} if gone else ""
    return f"{summary.get('notice', '')} {ending}".strip()
