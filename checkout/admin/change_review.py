"""Review a change that staff chose for a customer, and order it with a reason. Nobody types a card here: the customer
pays by a link, or their saved card does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from checkout.models import Order, Quote
from checkout.operations.confirm import AnotherOrderIsOpen, NothingToConfirm, QuoteStale, confirm
from checkout.operations.on_behalf import charge_saved_card, mail_the_link
from checkout.operations.quote import picks_of
from checkout.operations.rate_limit import TooManyQuotes
from checkout.operations.what_stays import foresee
from checkout.views.prices import names_of, price_table, starts
from checkout.views.review import stale_reason
from checkout.views.words import clock
from memberships.bills import Bill
from memberships.models import Membership, Payment, PaymentMethod
from memberships.operations.apply_change import describe
from memberships.operations.terms import terms_of
from memberships.story import intent
from products import pricing
from products.admin.asking import ask
from products.admin.base import Admin
from products.limit_display import format_limit
from products.models.limit import LABELS
from products.money_display import format_money
from sites.operations.over_limit import Excess

LINK, CARD = "link", "card"
TEMPLATE = "admin/checkout/change_plan.html"
NAMED = 5  # of what would be parked; how many there are is said beside


class ReviewForm(forms.Form):
    """Why, and how it is paid where something is due."""

    pay = forms.ChoiceField(
        label=gettext_lazy("how it is paid"), initial=LINK, widget=UnfoldAdminRadioSelectWidget
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=240,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It stands on the order and in the timeline, with your name."),
    )

    def __init__(self, data: Any, *, due: int, email: str, card: PaymentMethod | None) -> None:
        super().__init__(data)
        ways = [(LINK, _("The customer pays: a link goes to %(email)s") % {"email": email})]
        if card is not None:
            ways.append((CARD, _("Their saved card is charged, as they asked: %(card)s") % {"card": card}))
        cast("forms.ChoiceField", self.fields["pay"]).choices = ways
        if not due:
            del self.fields["pay"]


def page(model_admin: Admin[Any], request: HttpRequest, membership: Membership) -> HttpResponse:
    """Everything that will happen, and the one button that makes it happen, once however often it is pressed."""
    quote, now = _quote_of(request, membership), timezone.now()
    order = Order.objects.filter(quote=quote).first()
    if order is not None:
        messages.info(request, _("This was ordered already: here is what became of it."))
        return redirect("admin:checkout_order_change", order.pk)
    price = quote.price
    card = membership.customer.payment_methods.filter(is_default=True).first()
    email = membership.customer.user.email
    form = ReviewForm(request.POST or None, due=price.due_now, email=email, card=card)
    if form.is_valid():
        return _ordered(request, membership, quote, form, now)
    if quote.has_expired(at=now):
        messages.warning(request, stale_reason("expired"))
        return redirect(request.path)
    terms, picks = terms_of(membership), picks_of(quote)
    asked = pricing.scenario_from_json(quote.scenario)
    came_from, went_to = describe(terms, picks, price)
    due = {"amount": format_money(price.due_now, membership.currency)}
    return ask(
        model_admin, request, membership, form=form,
        title=intent(kind=price.kind, came_from=came_from, went_to=went_to),
        button=_("Order it for %(amount)s") % due if price.due_now else _("Order it, nothing due"),
        facts=[(_("membership"), membership), (_("the price holds until"), clock(quote.expires_at))],
        template=TEMPLATE,
        when=starts(price=price, terms=terms).get("when", ""),
        table=bill_table(price_table(asked=asked, price=price, names=names_of(terms, picks))),
        no_room=_no_room(foresee(quote=quote, now=now).excesses),
    )  # fmt: skip


def bill_table(bill: Bill | None) -> dict[str, Any] | None:
    """A price with the why of every line; None where nothing is priced."""
    if bill is None:
        return None
    lines = [[line.label, line.why or line.dates, line.amount] for line in (*bill.entries, *bill.sums)]
    lines.append([bill.total_label, bill.total_why, bill.total])
    if bill.into_wallet:
        lines.append([_("Stays in the wallet"), "", bill.into_wallet])
    if bill.next_label:
        lines.append([bill.next_label, bill.next_why, bill.next_amount])
    return {"headers": [_("for"), _("why"), _("amount")], "rows": lines}


def _no_room(excesses: Sequence[Excess]) -> dict[str, Any] | None:
    """What there is no room for afterwards, by name; None when all fits."""
    if not excesses:
        return None
    rows = [
        [
            each.site.name if each.site else _("all sites"),
            LABELS[each.kind],
            format_limit(each.kind, each.used),
            format_limit(each.kind, each.allowed),
            ", ".join([item.name for item in each.items if item.key not in each.stays][:NAMED]),
        ]
        for each in excesses
    ]
    return {"headers": [_("site"), _("limit"), _("used"), _("allowed"), _("does not fit")], "rows": rows}


def _quote_of(request: HttpRequest, membership: Membership) -> Quote:
    """The quote in the address, if it is for this membership and this person asked for it. Raises Http404."""
    try:
        uid = UUID(request.GET["quote"])
    except ValueError:
        raise Http404 from None
    quotes = Quote.objects.filter(membership=membership, user=cast("User", request.user))
    return get_object_or_404(quotes.select_related("membership__customer__user"), uid=uid)


def _ordered(
    request: HttpRequest, membership: Membership, quote: Quote, form: ReviewForm, now: datetime
) -> HttpResponse:
    user, typed = cast("User", request.user), form.cleaned_data
    try:
        order = confirm(quote=quote, user=user, reason=typed["reason"], now=now)
    except QuoteStale as stale:
        messages.warning(request, stale_reason(stale.reason))
        anew = f"?{urlencode({'quote': stale.fresh.uid})}" if stale.fresh else ""
        return redirect(f"{request.path}{anew}")
    except AnotherOrderIsOpen as other:
        messages.warning(request, _("This order waits for its payment. It must be paid or stopped first."))
        return redirect("admin:checkout_order_change", other.order.pk)
    except NothingToConfirm:
        messages.info(request, _("There is nothing to change: this is what the customer has now."))
        return redirect(request.path)
    except TooManyQuotes as too_many:
        messages.warning(request, _("Wait %(seconds)d seconds.") % {"seconds": too_many.seconds})
        return redirect(request.path)
    if typed.get("pay") == CARD:
        order = charge_saved_card(order=order, now=now)
    elif order.payment is not None:
        order = mail_the_link(order=order, now=now)
    _tell(request, membership, order)
    return redirect("admin:memberships_membership_change", membership.pk)


def _tell(request: HttpRequest, membership: Membership, order: Order) -> None:
    """What has become of the order so far."""
    if order.state == Order.State.FULFILLED:
        messages.success(
            request, _("Done: %(what)s. The customer is told by mail.") % {"what": order.headline}
        )
    elif order.payment is None or order.payment.state != Payment.State.OPEN:
        messages.info(request, order.get_state_display())
    elif membership.notices.filter(kind="change_to_pay", reference=f"order-{order.uid}").exists():
        messages.success(request, _("The order waits for its payment: the customer has a link by mail."))
    else:
        messages.warning(request, _("The bank has not answered yet. The order says what becomes of it."))
