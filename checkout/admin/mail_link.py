"""Send the customer a link that pays an order which waits for its money."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkout.models import Order
from checkout.operations.on_behalf import mail_the_link
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import Admin


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    order: Order = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST if request.method == "POST" else None)
    if form.is_valid():
        mail_the_link(order=order, now=timezone.now())
        messages.success(request, _("The customer has a link by mail; the order waits for its payment."))
        return redirect("admin:checkout_order_change", order.pk)
    return ask(
        model_admin, request, order, form=form, title=_("Mail a link to pay"), button=_("Mail the link"),
        facts=[
            (_("order"), order),
            (_("amount"), order.payment),
            (_("to"), order.membership.customer.user.email),
        ],
        warning=_("It is sent once for an order. To send it again, open that mail from the timeline."),
    )  # fmt: skip
