"""Stripe says / we say: an order's payment as the gateway sees it beside how we see it, and one way to repair."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from checkout.models import Order
from checkout.operations.compare import Compared, Facts, Said, compare, repair
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import Attempt
from products.admin.asking import ask, the_row
from products.admin.base import NOTHING, Admin, badge
from products.money_display import format_money

STATES = {
    Said.UNDER_WAY: gettext_lazy("under way"),
    Said.DONE: gettext_lazy("done"),
    Said.FAILED: gettext_lazy("failed"),
}


class RepairForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It stands in the timeline, with your name."),
    )


def page(model_admin: Admin[Order], request: HttpRequest, object_id: str) -> HttpResponse:
    """GET asks the gateway and changes nothing. POST books what it says, with a reason."""
    order: Order = the_row(model_admin, request, object_id)
    form = RepairForm(request.POST or None)
    if form.is_valid() and _repaired(model_admin, request, order, form.cleaned_data["reason"]):
        return redirect("admin:checkout_order_compare", order.pk)
    compared, warning = _compared(order)
    return ask(
        model_admin, request, order, form=form, title=_("Stripe says / we say"), warning=warning,
        button=_("Repair: ask again and book the answer"),
        facts=[
            (_("order"), f"{order} ({order.get_state_display()})"),
            (_("membership"), order.membership),
            (_("payment"), order.payment or _("Nothing was due.")),
        ],
        template="admin/checkout/compare.html", table=_table(compared, order.membership.currency),
        differences=sum(each.differs for each in compared),
    )  # fmt: skip


def _compared(order: Order) -> tuple[list[Compared], str]:
    if order.payment is None:
        return [], ""
    try:
        return compare(payment=order.payment), ""
    except GatewayUnavailable:
        return [], _(
            "The gateway does not answer right now, so only our side is known. Try again in a while."
        )


def _repaired(model_admin: Admin[Order], request: HttpRequest, order: Order, reason: str) -> bool:
    try:
        repair(order=order, actor=cast("User", request.user), reason=reason, now=timezone.now())
    except (GatewayUnavailable, GatewayRefused) as error:
        messages.error(request, _("The gateway did not answer: %(error)s") % {"error": error})
        return False
    model_admin.log_change(request, order, f"repaired: {reason}")
    messages.success(request, _("What the gateway says was booked. Below is how the two sides stand now."))
    return True


def _table(compared: Sequence[Compared], currency: str) -> dict[str, Any]:
    headers = [
        *("", _("We say"), _("amount"), _("given back")),
        *(_("Stripe says"), _("amount"), _("given back"), ""),
    ]
    rows = [
        [
            _name(each),
            *_cells(each.ours, currency),
            *_cells(each.theirs, currency),
            badge(_("differs"), "danger") if each.differs else badge(_("the same"), "success"),
        ]
        for each in compared
    ]
    return {"headers": headers, "rows": rows}


def _name(compared: Compared) -> str:
    subject = compared.subject
    if isinstance(subject, Attempt):
        text = _("Try %(number)d: %(method)s") % {
            "number": subject.number,
            "method": subject.get_method_display(),
        }
    else:
        text = _("Refund: %(reason)s") % {"reason": subject.reason}
    if not subject.gateway_ref:
        return text
    return format_html('{}<span class="gateway-ref">{}</span>', text, subject.gateway_ref)


def _cells(facts: Facts | None, currency: str) -> list[str]:
    if facts is None:
        return [_("nothing"), NOTHING, NOTHING]
    refunded = format_money(facts.refunded, currency) if facts.refunded else NOTHING
    return [str(STATES[facts.state]), format_money(facts.amount, currency), refunded]
