"""Pass a membership, with its sites, to another customer. Who that is, is looked up and shown before it happens."""

import uuid
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.models import Customer, Membership
from memberships.operations.pass_on import TransferRefused
from products.admin.asking import ask, the_row
from products.admin.base import NOTHING, Admin
from products.money_display import format_money
from sites.models import Site
from sites.operations.transfer import transfer

REFUSALS = {
    "same": _("This customer has the membership already. Enter the address of another one."),
    "own": _("This is your own address. A colleague can transfer the membership to you."),
    "unconfirmed": _(
        "Nobody has shown yet that this address is theirs. Ask the customer to open the link in the mail that they got."
    ),
    "not_begun": _("This membership has not begun. Its customer is still signing up."),
    "money_open": _("Money is under way: let the open payment, bill or refund be settled or stopped first."),
    "debt": _(
        "The wallet is below zero. Adjust it, or let the next bill collect it, before the membership goes."
    ),
}
ABOUT_WHO = frozenset({"same", "own", "unconfirmed"})


class TransferForm(forms.Form):
    """`checked` is the address whose customer was shown; `uid` makes a form sent twice count once."""

    email = forms.EmailField(
        label=_("e-mail address of the customer who gets it"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("They need an account. Nothing happens before you have seen whose it is."),
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stands in the timeline, with your name."),
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput)
    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        self.user = User.objects.filter(email=email, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(_("There is no account with this address. They sign up first."))
        return email


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    membership: Membership = the_row(model_admin, request, object_id)
    form = TransferForm(request.POST or None)
    title, button = _("Transfer to another customer"), gettext("Look up")
    sites = Site.objects.filter(membership=membership).outside_the_bin().order_by("id")
    facts = [
        (_("membership"), membership),
        (_("goes along: sites, with their domains"), ", ".join(site.name for site in sites) or NOTHING),
        (_("goes along: wallet"), format_money(membership.wallet_entries.balance(), membership.currency)),
    ]
    if form.is_valid():
        user = cast("User", form.user)
        if form.cleaned_data["checked"] == user.email:
            if _transferred(membership, form, user, request):
                return redirect("admin:memberships_membership_change", membership.pk)
        else:
            form = TransferForm(request.POST | {"checked": user.email})
            form.is_valid()
        facts.append((_("to"), f"{user.name} <{user.email}>"))
        button = gettext("Transfer to %(name)s") % {"name": user}
    answer = ask(
        model_admin, request, membership, form=form, title=title, button=button, facts=facts,
        warning=_(
            "Saved cards and the bills paid so far stay with the customer who had it; the next bill asks the new one. "
            "Whoever else works on the sites stays. Both customers are told by mail."
        ),
    )  # fmt: skip
    answer.status_code = 422 if form.errors else 200
    return answer


def _transferred(membership: Membership, form: TransferForm, user: User, request: HttpRequest) -> bool:
    """Transfer as the form says; False when that cannot be, which is then on the form."""
    customer, _made = Customer.objects.get_or_create(user=user)
    try:
        transfer(
            membership=membership,
            to=customer,
            reason=form.cleaned_data["reason"],
            actor=cast("User", request.user),
            uid=form.cleaned_data["uid"],
            now=timezone.now(),
        )
    except TransferRefused as refused:
        form.add_error("email" if refused.code in ABOUT_WHO else None, REFUSALS[refused.code])
        return False
    messages.success(request, _("The membership belongs to %(name)s now.") % {"name": customer})
    return True
