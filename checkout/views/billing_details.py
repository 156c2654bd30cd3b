"""Who the customer is on their bills: a form of its own, that keeps what was typed until it is right."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.models import Order
from checkout.views.owned import signed_in
from memberships.forms import BillingDetailsForm
from memberships.models import Customer, Membership


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """GET shows the form as things are; POST saves, or shows again what was typed with what is wrong."""
    owned = Membership.objects.owned_by(signed_in(request)).select_related("customer__user")
    membership = get_object_or_404(owned, uid=uid)
    form = BillingDetailsForm(request.POST or None, customer=membership.customer)
    if request.method == "POST" and form.is_valid() and _may_be_saved(form, membership.customer):
        form.save()
        messages.success(request, _("Your billing details are saved. They stand on your bills from now on."))
        return redirect(f"{reverse('checkout:account', args=[uid])}#details")
    status = 422 if request.method == "POST" else 200
    return render(
        request, "pages/billing_details.html", {"membership": membership, "form": form}, status=status
    )


def _may_be_saved(form: BillingDetailsForm, customer: Customer) -> bool:
    """Country and VAT number stay while an order waits for its money: its tax was worked out with them."""
    waiting = form.changes_the_tax and Order.objects.open().filter(membership__customer=customer).exists()
    if waiting:
        form.add_error(
            None,
            _(
                "Something is still to be paid, with the tax of your present country. Pay it or stop it first."
            ),
        )
    return not waiting
