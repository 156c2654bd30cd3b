"""Give a customer money of a payment back, in whole or in part, with a reason."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Payment, Refund
from memberships.operations.refunds import MoreThanIsLeft, refund, refundable, went_along
from products import currencies
from products.admin.amount import AmountField
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.money_display import format_money


class RefundForm(forms.Form):
    """`uid` makes a form sent twice count once."""

    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the books; the customer reads it on the credit note's mail."),
    )

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Any = None, *, currency: str, left: int) -> None:
        super().__init__(data)
        self.fields["amount"] = AmountField(
            currency=currency, most=left, initial=currencies.to_major(left, currency)
        )
        self.order_fields(["amount", "reason"])


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    payment: Payment = the_row(model_admin, request, object_id)
    back = redirect("admin:memberships_payment_change", payment.pk)
    left = refundable(payment)
    if not left:
        sentence = (
            _("The membership has passed to another customer since, with what was paid for.")
            if went_along(payment)
            else _("Nothing of this payment is left to give back.")
        )
        messages.info(request, sentence)
        return back
    form = RefundForm(request.POST or None, currency=payment.currency, left=left)
    if form.is_valid() and _given_back(payment, form, request):
        return back
    return ask(
        model_admin, request, payment, form=form, title=_("Refund"), button=_("Refund"),
        facts=[
            (_("membership"), payment.membership),
            (_("paid"), format_money(payment.captured, payment.currency)),
            (_("can be given back"), format_money(left, payment.currency)),
        ],
        warning=_("The money goes back the way it came, and a credit note is issued. This cannot be undone."),
    )  # fmt: skip


def _given_back(payment: Payment, form: RefundForm, request: HttpRequest) -> bool:
    """Refund as the form says; False when less is left by now, which is then on the form."""
    typed = form.cleaned_data
    try:
        done = refund(
            payment=payment,
            amount=typed["amount"],
            reason=typed["reason"],
            actor=cast("User", request.user),
            uid=typed["uid"],
            now=timezone.now(),
        )
    except MoreThanIsLeft as more:
        left = format_money(more.left, payment.currency)
        form.add_error("amount", _("Meanwhile only %(left)s can be given back.") % {"left": left})
        return False
    amount = format_money(done.amount, payment.currency)
    match done.state:
        case Refund.State.SUCCEEDED:
            messages.success(request, _("%(amount)s has been given back.") % {"amount": amount})
        case Refund.State.FAILED:
            messages.error(
                request,
                _("The gateway did not refund: %(why)s") % {"why": done.refusal or done.get_state_display()},
            )
        case _:
            messages.info(request, _("%(amount)s is on its way back.") % {"amount": amount})
    return True
