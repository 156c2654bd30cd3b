"""Enter money that has arrived in the bank for a payment."""

from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Payment
from memberships.operations.transfers import ReceiptDiffers, record_receipt
from memberships.parties import spaced
from products import currencies
from products.admin.amount import AmountField
from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.money_display import format_money

LARGEST = 10**12  # minor units: a slip of the finger is larger


class ReceiptForm(forms.Form):
    received_on = forms.DateField(label=_("received on"), widget=UnfoldAdminDateWidget)
    bank_reference = forms.CharField(
        label=_("bank reference"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As the bank statement names the transaction. The same one counts once."),
    )

    def __init__(self, data: Any = None, *, payment: Payment, today: date) -> None:
        super().__init__(data, initial={"received_on": today})
        self.today = today
        missing = max(payment.amount - payment.receipts.total(), 0)
        self.fields["amount"] = AmountField(
            currency=payment.currency,
            most=LARGEST,
            initial=currencies.to_major(missing, payment.currency) if missing else None,
        )
        self.order_fields(["amount", "received_on", "bank_reference"])

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("Money arrives today or has arrived before."))
        return day

    def clean_bank_reference(self) -> str:
        return str(self.cleaned_data["bank_reference"]).strip()


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    payment: Payment = the_row(model_admin, request, object_id)
    form = ReceiptForm(request.POST or None, payment=payment, today=timezone.localdate())
    if form.is_valid() and _entered(payment, form, request):
        return redirect("admin:memberships_payment_change", payment.pk)
    is_open = payment.state == Payment.State.OPEN
    return ask(
        model_admin, request, payment, form=form, title=_("Enter a bank transfer"), button=_("Enter"),
        facts=[
            (_("membership"), payment.membership),
            (_("reference"), spaced(payment.reference)),
            (_("amount"), format_money(payment.amount, payment.currency)),
            (_("has arrived"), format_money(payment.receipts.total(), payment.currency)),
        ],
        warning="" if is_open else _("This payment is not open any more: what you enter goes to the wallet."),
    )  # fmt: skip


def _entered(payment: Payment, form: ReceiptForm, request: HttpRequest) -> bool:
    """Enter what the form says; False when the transaction is known with another amount, which is then on the form."""
    typed, now = form.cleaned_data, timezone.now()
    try:
        record_receipt(
            payment=payment,
            amount=typed["amount"],
            received_at=timezone.make_aware(datetime.combine(typed["received_on"], time())),
            bank_reference=typed["bank_reference"],
            actor=cast("User", request.user),
            now=now,
        )
    except ReceiptDiffers as differs:
        amount = format_money(differs.known.amount, payment.currency)
        form.add_error(
            "bank_reference", _("This transaction was entered before, as %(amount)s.") % {"amount": amount}
        )
        return False
    payment.refresh_from_db()
    missing = payment.amount - payment.receipts.total()
    if payment.state == Payment.State.OPEN and missing > 0:
        left = format_money(missing, payment.currency)
        messages.info(request, _("Entered. %(left)s is still missing.") % {"left": left})
    else:
        messages.success(request, _("Entered. Nothing is missing any more."))
    return True
