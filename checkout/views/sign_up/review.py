"""The last page before the order: everything that will happen, and the one button that makes it happen."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.network.live import network
from checkout.models import Quote, SignUp
from checkout.operations.confirm import AnotherOrderIsOpen, NothingToConfirm, QuoteStale, confirm
from checkout.operations.quote import picks_of
from checkout.operations.rate_limit import count_card_page
from checkout.operations.selection import SelectionRefused
from checkout.operations.sign_up import AddressLost, binding_quote, choice_of, hold_for_payment, step_of
from checkout.policies.steps import Step
from checkout.views.owned import signed_in
from checkout.views.paying import cards_of, chosen_card, leave_for, to_payment
from checkout.views.prices import confirm_label, names_of, price_table, starts
from checkout.views.review import stale_reason, state_of
from checkout.views.sign_up.way import open_sign_up, plan_page, steps, to_next_step, to_the_beginning
from checkout.views.too_often import not_too_often
from checkout.views.words import clock
from memberships.billing.gateway import GatewayRefused, GatewayUnavailable
from memberships.models import CardSetup
from memberships.operations.card_setup import open_card_page, reconcile_card_setup
from memberships.operations.terms import terms_of
from memberships.operations.transfers import transfers_are_offered
from products import pricing
from products.money_display import format_money
from sites import addresses


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@not_too_often
def page(request: HttpRequest) -> HttpResponse:
    """GET shows the price, which binds for a quarter of an hour. POST confirms it, once however often it is sent."""
    user, now = signed_in(request), timezone.now()
    sign_up = open_sign_up(user)
    if sign_up is None:
        return to_the_beginning(user)
    if step_of(sign_up, now=now) != Step.REVIEW:
        return to_next_step(request, sign_up, now=now)
    try:
        quote = binding_quote(sign_up=sign_up, now=now.replace(microsecond=0))
    except SelectionRefused as refused:
        messages.warning(request, refused.message)
        return redirect(plan_page(choice_of(sign_up)))
    if request.method == "GET":
        return _show(request, sign_up, quote)
    if request.POST.get("quote") != str(quote.uid):
        return _show(request, sign_up, quote, notice=_what_differs(_sent(request, sign_up), quote))
    return _confirm(request, sign_up, quote)


@never_cache
@login_required
@require_GET
def card_saved(request: HttpRequest, setup_uid: UUID) -> HttpResponse:
    """Back from the gateway's page, where a card was saved for what comes after the trial."""
    user = signed_in(request)
    setup = get_object_or_404(CardSetup, customer__user=user, uid=setup_uid)
    try:
        setup = reconcile_card_setup(setup=setup, now=timezone.now())
    except (GatewayUnavailable, GatewayRefused):
        messages.warning(request, _("The bank has not answered yet. Please try again in a moment."))
        return redirect("checkout:sign_up_review")
    if setup.state == CardSetup.State.DONE:
        messages.success(request, _("Card saved. Now start your trial."))
    else:
        messages.info(request, _("No card was saved."))
    return redirect("checkout:sign_up_review")


def _confirm(request: HttpRequest, sign_up: SignUp, quote: Quote) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    if _needs_card(sign_up, quote):
        return _to_the_card_page(request, sign_up)
    try:
        hold_for_payment(sign_up=sign_up, now=now)
        order = confirm(quote=quote, user=user, now=now)
    except AddressLost:
        messages.warning(request, _("Somebody else has taken this address meanwhile. Choose another."))
        return redirect("checkout:sign_up_site")
    except QuoteStale as stale:
        sign_up.refresh_from_db()
        return _after_stale(request, sign_up, quote, stale)
    except AnotherOrderIsOpen as other:
        return redirect("checkout:order", uid=other.order.uid)
    except NothingToConfirm:
        return to_next_step(request, sign_up, now=now)
    return to_payment(request, order, card=chosen_card(request, sign_up.membership.customer))


def _after_stale(request: HttpRequest, sign_up: SignUp, seen: Quote, stale: QuoteStale) -> HttpResponse:
    """Nobody was charged: the same page with today's price, and what was seen beside it."""
    if stale.fresh is None:
        messages.warning(request, stale_reason(stale.reason))
        return redirect("checkout:sign_up")
    sign_up.quote = stale.fresh
    sign_up.save(update_fields=["quote"])
    return _show(request, sign_up, stale.fresh, notice=_what_differs(seen, stale.fresh))


def _what_differs(seen: Quote | None, now_it_is: Quote) -> str:
    """Why the button that was pressed did nothing."""
    currency = now_it_is.membership.currency
    due = format_money(now_it_is.price.due_now, currency)
    before = format_money(seen.price.due_now, currency) if seen else due
    if before == due:
        return _("The price had run out, or you chose anew in another window. Please look once more.")
    return _(
        "The price has changed: due today were %(before)s, and are now %(due)s. Nothing was charged."
    ) % {
        "before": before,
        "due": due,
    }


def _sent(request: HttpRequest, sign_up: SignUp) -> Quote | None:
    """The quote that the page showed whose button was pressed."""
    try:
        uid = UUID(request.POST.get("quote", ""))
    except ValueError:
        return None
    return Quote.objects.filter(uid=uid, membership=sign_up.membership).first()


def _needs_card(sign_up: SignUp, quote: Quote) -> bool:
    """Whether this trial begins with a saved card: that is a setting of the network."""
    if not network.trials_need_a_card or quote.price.kind != pricing.Kind.TRIAL:
        return False
    return not sign_up.membership.customer.payment_methods.exists()


def _to_the_card_page(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    count_card_page(user=user, now=now)
    try:
        setup = open_card_page(customer=sign_up.membership.customer, return_url=_card_saved_url, now=now)
    except (GatewayUnavailable, GatewayRefused):
        messages.error(request, _("The bank could not be reached. Please try again."))
        return redirect("checkout:sign_up_review")
    return leave_for(request, setup.url, to_pay=False)


def _card_saved_url(setup_uid: UUID) -> str:
    return f"{settings.NETWORK_ORIGIN}{reverse('checkout:sign_up_card', args=[setup_uid])}"


def _show(request: HttpRequest, sign_up: SignUp, quote: Quote, *, notice: str = "") -> HttpResponse:
    membership, price = sign_up.membership, quote.price
    terms, picks = terms_of(membership), picks_of(quote)
    asked = pricing.scenario_from_json(quote.scenario)
    needs_card = _needs_card(sign_up, quote)
    context: dict[str, Any] = {
        "steps": steps(Step.REVIEW),
        "sign_up": sign_up,
        "membership": membership,
        "quote": quote,
        "notice": notice,
        "address": addresses.site_host(sign_up.slug),
        "gets": state_of(
            picks, asked.selection.interval, code=asked.selection.discount, currency=asked.currency
        ),
        "price": price_table(asked=asked, price=price, names=names_of(terms, picks)),
        **starts(price=price, terms=terms),
        "due": price.due_now,
        "needs_card": needs_card,
        "button": _("Save a card for later")
        if needs_card
        else confirm_label(price=price, currency=asked.currency),
        "cards": cards_of(membership.customer) if price.due_now else [],
        "by_transfer": transfers_are_offered(),
        "until": clock(quote.expires_at),
        "plans": plan_page(choice_of(sign_up)),
    }
    return render(request, "pages/sign_up/review.html", context, status=409 if notice else 200)
