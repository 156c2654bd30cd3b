"""The demo network: made by the same operations that customers and admins use, so nothing in it is painted on."""

import json
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import User
from checkout.models import Order
from checkout.operations.confirm import confirm
from checkout.operations.pay import pay, reconcile
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from config.demo.catalogue import make_catalogue
from config.demo.sites import FLEUR, KELLER, ROSA, Story, write
from config.demo.starter import WORKSHOP, offer
from memberships.models import Customer, Membership, Payment
from memberships.operations.terms import terms_of
from products.models import Product
from products.pricing import Interval, Unit, add
from sites.models import Site
from sites.operations.create import create_site
from sites.operations.entitle import refresh_usage
from sites.operations.provision import provision_site
from sites.operations.template import ensure_template

PASSWORD = "look-around-2026"  # noqa: S105 -- printed on the screen, opens nothing but the demo
ADMIN = "admin@demo.example"
MONTH = Interval(unit=Unit.MONTH, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One of the demo's customers. They became a member `ago` before the seed."""

    email: str
    name: str
    language: str
    plan: str
    ago: timedelta
    site: str
    slug: str
    about: str
    story: Story
    packages: Sequence[str] = ()


CAST = (
    Cast(
        email="fleur@demo.example", name="Fleur de Wit", language="en", plan="free", ago=timedelta(days=40),
        site="Fleur's Garden", slug="fleur", about="Free, at the limit of its posts",
        story=FLEUR,
    ),
    Cast(
        email="max@demo.example", name="Max Keller", language="en", plan="premium", ago=timedelta(days=14),
        site="Keller Furniture", slug="keller", about="Premium, in the middle of the period, card saved",
        story=KELLER,
    ),
    Cast(
        email="rosa@demo.example", name="Rosa Jansen", language="nl", plan="premium", ago=timedelta(days=0),
        site="Bakkerij Rosa", slug="rosa", about="Premium, renews within the hour, card saved, in Dutch",
        story=ROSA, packages=("unlimited-visits",),
    ),
    Cast(
        email="studio@demo.example", name="Network studio", language="en", plan="free", ago=timedelta(days=60),
        site="Workshop", slug="workshop", about="The network's own starter site, which others can begin anew with",
        story=WORKSHOP,
    ),
)  # fmt: skip


def seed(*, now: datetime, say: Callable[[str], object]) -> None:
    """Make what is not there yet. Needs the gateway double, where the customers pay with a test card."""
    now = now.replace(microsecond=0)  # for explanations without fractions of a second
    catalogue = make_catalogue(settings.CURRENCY)
    if not User.objects.filter(email=ADMIN).exists():
        User.objects.create_superuser(ADMIN, PASSWORD, name="Network admin", language="en")
    ensure_template(now=now)
    for member in CAST:
        if not Site.objects.ready().filter(slug=member.slug).exists():
            say(f"Making {member.site} ...")
        welcome(member, catalogue, now=now)
    offer(Site.objects.get(slug=CAST[-1].slug))


def welcome(member: Cast, catalogue: dict[str, Product], *, now: datetime) -> None:
    """Make one customer with their membership and their site, as far as they are not there yet."""
    membership = _membership(member, catalogue, now=now)
    site = Site.objects.filter(slug=member.slug).first()
    if site is None:
        site = create_site(membership=membership, name=member.site, slug=member.slug, now=now)
    site = provision_site(site_id=site.pk, now=now)
    write(site, member.story, today=now.date())
    refresh_usage(site_id=site.pk, now=now)


def logins() -> str:
    """Who can sign in, with which password, and where their sites are."""
    sites = {site.slug: site.url for site in Site.objects.all()}
    rows = [f"{ADMIN:<22}network admin: {settings.NETWORK_ORIGIN}/admin/"]
    rows += [f"{member.email:<22}{member.about}\n{'':<22}{sites[member.slug]}" for member in CAST]
    return "\n".join([f"Sign in with the password {PASSWORD} as", *rows])


def _membership(member: Cast, catalogue: dict[str, Product], *, now: datetime) -> Membership:
    user = User.objects.filter(email=member.email).first()
    if user is None:
        user = User.objects.create_user(member.email, PASSWORD, name=member.name, language=member.language)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    customer, _ = Customer.objects.get_or_create(user=user)
    joined = now - (member.ago or _almost_a_month(now))
    membership, _ = Membership.objects.get_or_create(
        customer=customer, defaults={"currency": settings.CURRENCY, "created_at": joined}
    )
    if membership.state == Membership.State.PENDING:
        _join(
            membership,
            user,
            [catalogue[code] for code in (member.plan, *member.packages)],
            joined=joined,
            now=now,
        )
        membership.refresh_from_db()
    return membership


def _almost_a_month(now: datetime) -> timedelta:
    """So long ago that a month ends within the hour."""
    month_ago = add(now, MONTH, -1)
    return now - month_ago - timedelta(minutes=45)


def _join(
    membership: Membership, user: User, wanted: Sequence[Product], *, joined: datetime, now: datetime
) -> None:
    """Become a member and pay; goes on where an interrupted seed stopped."""
    order = Order.objects.open().filter(membership=membership).select_related("payment").first()
    if order is None:
        plan, *packages = wanted
        choice = Choice(plan=plan.uid, interval=MONTH, addons={package.uid: 1 for package in packages})
        terms = terms_of(membership)
        picks = choose(menu=menu(terms=terms, plan=plan.uid), choice=choice)
        order = confirm(
            quote=make_quote(terms=terms, picks=picks, user=user, now=joined), user=user, now=joined
        )
    if order.payment is not None and order.payment.state == Payment.State.OPEN:
        attempt = pay(order=order, card=None, return_url=_order_url(order.uid), now=now)
        _play_the_customer(attempt.gateway_ref)
    reconcile(order=order, now=joined)


def _order_url(uid: UUID) -> str:
    return f"{settings.NETWORK_ORIGIN}/orders/{uid}/"


def _play_the_customer(session: str) -> None:
    """Pay on the gateway double's page with the test card that always works."""
    request = urllib.request.Request(  # noqa: S310 -- the gateway double's own address
        f"{settings.STRIPE_API_BASE}/control/sessions/{session}/pay",
        data=json.dumps({"card": "4242424242424242"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 -- see above
        pass
