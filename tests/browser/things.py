"""What the pages of `tests.browser.pages` show, made inside a stack's environment."""

import json
import sys
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from checkout.links import token_of
from checkout.models import Order, Quote
from checkout.operations.confirm import confirm
from checkout.operations.pay import pay
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from checkout.operations.transfer import await_transfer
from config.demo.seed import MONTH
from memberships.models import Membership
from memberships.operations.terms import terms_of
from products.models import Product
from sites.models import Role, Site, SiteMember
from sites.operations import people
from sites.operations.domains import claim_domain
from sites.operations.enter import hash_of
from tests.browser.pages import URLCONF

TOKEN = "n" * 43


def show() -> None:
    """Make what is not there yet, and print where everything is, as JSON."""
    json.dump(things(now=timezone.now()), sys.stdout)


def things(*, now: datetime) -> dict[str, str]:
    """What an address can be made of, by its name in `tests.browser.pages`."""
    owner, newcomer, editor = member("max"), member("fleur"), member("rosa")
    goes_down(editor, now=now)
    site = Site.objects.get(slug="keller")
    if not site.domain_claims.exists():
        claim_domain(site=site, typed="www.example.com", now=now)
    return {
        "membership": str(owner.uid),
        "owners_row": str(owner.pk),
        "free_membership": str(newcomer.uid),
        "editors_membership": str(editor.uid),
        "site": str(site.uid),
        "order": str(bought(owner, now=now).uid),
        "quote": str(quote(owner, plan="business", now=now).uid),
        "downgrade": str(quote(owner, plan="free", now=now).uid),
        **waiting(newcomer, now=now),
        **invited(site, editor.customer.user, now=now),
        "terms": "terms",
        "nobody": "0",
        "nothing": "nothing",
        "code": code_of(User.objects.get(email="studio@demo.example")),
        **rows_of_the_desk(),
    }


def member(name: str) -> Membership:
    return Membership.objects.get(customer__user__email=f"{name}@demo.example")


def quote(membership: Membership, *, plan: str, now: datetime, **addons: int) -> Quote:
    product = {row.code: row for row in Product.objects.all()}
    terms = terms_of(membership)
    choice = Choice(
        plan=product[plan].uid,
        interval=MONTH,
        addons={product[code.replace("_", "-")].uid: count for code, count in addons.items()},
    )
    picks = choose(menu=menu(terms=terms, plan=product[plan].uid), choice=choice)
    return make_quote(terms=terms, picks=picks, user=membership.customer.user, now=now)


def goes_down(membership: Membership, *, now: datetime) -> None:
    """Plan a downgrade for the end of the period."""
    if not membership.scheduled_changes.exists():
        confirm(quote=quote(membership, plan="free", now=now), user=membership.customer.user, now=now)


def bought(membership: Membership, *, now: datetime) -> Order:
    """A package paid with the saved card a moment ago, which can be undone."""
    order = Order.objects.filter(membership=membership, kind="addon").first()
    if order is None:
        wanted = quote(membership, plan="premium", now=now, extra_disk=2)
        order = confirm(quote=wanted, user=membership.customer.user, now=now)
        pay(order=order, card=membership.customer.payment_methods.get(), return_url="", now=now)
    return order


def waiting(membership: Membership, *, now: datetime) -> dict[str, str]:
    """An upgrade that waits for a bank transfer."""
    order = Order.objects.open().filter(membership=membership).first()
    if order is None:
        wanted = quote(membership, plan="premium", now=now)
        order = confirm(quote=wanted, user=membership.customer.user, now=now)
        await_transfer(order=order, now=now)
    return {"waiting_order": str(order.uid), "pay_token": token_of(order)}


def invited(site: Site, colleague: User, *, now: datetime) -> dict[str, str]:
    """Somebody new who has not answered yet, and a colleague who works on the site."""
    rows = SiteMember.objects.of(site)
    if not rows.exists():
        people.invite(site=site, email="eva@example.com", role=Role.EDITOR, now=now)
        people.invite(site=site, email=colleague.email, role=Role.WRITER, now=now)
        rows.filter(email=colleague.email).update(user=colleague, accepted_at=now)
    rows.filter(email="eva@example.com").update(token_hash=hash_of(TOKEN), sent_at=now)
    return {"invitation": TOKEN}


def code_of(user: User) -> str:
    """A second factor for `user`, and a recovery code that opens it once."""
    if not is_mfa_enabled(user):
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    codes = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    unused: list[str] = RecoveryCodes(codes).get_unused_codes()
    return unused[0]


def rows_of_the_desk() -> dict[str, str]:
    """Of every kind that the network's staff see, the row that is hardest to fit on a screen."""
    assert get_resolver(URLCONF).url_patterns  # what is not for them is taken off the desk as it is laid
    hardest: dict[str, str] = {}
    for model in admin.site._registry:
        key = model._meta.pk.attname
        rows: list[dict[str, Any]] = list(model._default_manager.values())
        if rows:
            hardest[model._meta.label_lower.replace(".", "_")] = str(max(rows, key=longest_word)[key])
    return hardest


def longest_word(row: dict[str, Any]) -> int:
    return max(len(word) for value in row.values() for word in str(value).split())
