"""Give a membership credit, or take some back, with a reason."""

import uuid
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.models import User
from memberships.models import Membership
from memberships.operations.wallet import BelowZero, adjust
from products import currencies
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.money_display import format_money

LARGEST = 10**9  # minor units: a slip of the finger is larger


class AdjustForm(forms.Form):
    """`amount` is typed in major units and cleans to minor units. `reference` makes a form sent twice count once."""

    amount = forms.DecimalField(
        label=_("amount"),
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}),
        help_text=_("Above zero gives credit, below zero takes it away."),
    )
    note = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The customer reads it in their wallet."),
    )
    into_debt = forms.BooleanField(
        label=_("The wallet may go below zero; the next bill collects it"),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    reference = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        self.currency = currency
        self.fields["amount"].label = _("amount in %(currency)s") % {"currency": currency}

    def clean_amount(self) -> int:
        try:
            minor = currencies.to_minor(cast("Decimal", self.cleaned_data["amount"]), self.currency)
        except currencies.TooPreciseError as error:
            sentence = _("An amount in %(currency)s has at most %(decimals)d decimals.")
            raise forms.ValidationError(
                sentence, params={"currency": self.currency, "decimals": error.decimals}
            ) from None
        if not minor:
            raise forms.ValidationError(_("An adjustment of nothing changes nothing."))
        if abs(minor) > LARGEST:
            raise forms.ValidationError(
                _("The largest adjustment is %(most)s."),
                params={"most": format_money(LARGEST, self.currency)},
            )
        return minor


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    form = AdjustForm(request.POST or None, currency=membership.currency)
    if form.is_valid() and _adjusted(membership, form, request):
        return redirect("admin:memberships_membership_change", membership.pk)
    balance = membership.wallet_entries.balance()
    return ask(
        model_admin, request, membership, form=form, title=_("Adjust the wallet"), button=_("Adjust the wallet"),
        facts=[
            (_("membership"), membership),
            (_("In the wallet now"), format_money(balance, membership.currency)),
        ],
    )  # fmt: skip


def _adjusted(membership: Membership, form: AdjustForm, request: HttpRequest) -> bool:
    """Adjust as the form says; False when it must be confirmed first, which is then on the form."""
    typed = form.cleaned_data
    try:
        entry = adjust(
            membership=membership,
            amount=typed["amount"],
            note=typed["note"],
            actor=cast("User", request.user),
            reference=f"adjustment-{typed['reference']}",
            now=timezone.now(),
            into_debt=typed["into_debt"],
        )
    except BelowZero as below:
        left = format_money(below.balance, membership.currency)
        form.add_error(
            "into_debt",
            forms.ValidationError(
                _("That leaves %(left)s. Confirm that this is meant."), params={"left": left}
            ),
        )
        return False
    amount = format_money(entry.amount, membership.currency)
    messages.success(request, _("The wallet was adjusted by %(amount)s.") % {"amount": amount})
    return True
