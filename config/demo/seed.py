"""The demo network: made by the same operations that customers and admins use, so nothing in it is painted on."""

import json
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import translation

from accounts.legal.operations import accept
from accounts.models import User
from checkout.models import Order
from checkout.operations.confirm import confirm
from checkout.operations.pay import pay, reconcile
from checkout.operations.quote import make_quote
from checkout.operations.selection import Choice, choose, menu
from checkout.operations.sign_up import address_site, begin
from config.demo import desk, imports, staff, webhooks
from config.demo.catalogue import make_catalogue
from config.demo.legal import make_legal_texts
from config.demo.sites import FLEUR, KELLER, ROSA, Story, write
from config.demo.starter import WORKSHOP, offer
from memberships.models import Customer, Membership, Payment, PriceCampaign
from memberships.operations.price_campaigns import draft_campaign
from memberships.operations.terms import terms_of
from products.models import Price, Product, TaxRate
from products.operations.codes import make_batch
from products.operations.tax_rates import set_rate_from
from products.pricing import Interval, Unit, add
from sites.models import Site
from sites.operations.create import create_site
from sites.operations.entitle import refresh_usage
from sites.operations.provision import provision_site
from sites.operations.template import ensure_template

PASSWORD = "look-around-2026"  # noqa: S105 -- printed on the screen, opens nothing but the demo
ADMIN = "admin@demo.example"
NEWCOMER = "nora@demo.example"
MONTH = Interval(unit=Unit.MONTH, count=1)
SPRING_FAIR = UUID("5e1ec7ed-0000-4000-8000-000000000001")


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
    story: Story | None = None
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
FORMER = Cast(
    email="paula@demo.example", name="Paula Smit", language="nl", plan="free", ago=timedelta(days=90),
    site="Paula's Pottery", slug="pottery", about="Nothing any more: the studio has what she had",
)  # fmt: skip


def seed(*, now: datetime, say: Callable[[str], object]) -> None:
    """Make the network, going on where an interrupted run stopped. Once all is made nothing is made again: what people
    have done with it since stays. Needs the gateway double, where the customers pay with a test card."""
    if imports.is_brought():  # the last thing made
        webhooks.follow()
        return
    now = now.replace(microsecond=0)  # for explanations without fractions of a second
    catalogue = make_catalogue(settings.CURRENCY)
    if not User.objects.filter(email=ADMIN).exists():
        User.objects.create_superuser(ADMIN, PASSWORD, name="Network admin", language="en")
    admin = User.objects.get(email=ADMIN)
    staff.ask_in(password=PASSWORD, owner=admin, now=now)
    staff.change_a_setting(owner=admin, now=now)
    _for_the_desk(User.objects.get(email=ADMIN), now=now)
    webhooks.offer(owner=admin, now=now)
    make_legal_texts()
    ensure_template(now=now)
    for member in CAST:
        if not Site.objects.ready().filter(slug=member.slug).exists():
            say(f"Making {member.site} ...")
        welcome(member, catalogue, now=now)
    staff.write_a_note(email="fleur@demo.example", now=now)
    desk.give_time(email="max@demo.example", now=now)
    desk.visit(slug="fleur", now=now)
    if not desk.is_handed_over():
        welcome(FORMER, catalogue, now=now)
        desk.hand_over(email=FORMER.email, to=CAST[-1].email, now=now)
    offer(Site.objects.get(slug=CAST[-1].slug))
    _half_way(catalogue["premium"], now=now)
    _price_change(catalogue["premium"], now=now)
    imports.bring_a_file(asked_by=User.objects.get(email=ADMIN), now=now)


def welcome(member: Cast, catalogue: dict[str, Product], *, now: datetime) -> None:
    """Make one customer with their membership and their site, as far as they are not there yet."""
    membership = _membership(member, catalogue, now=now)
    site = Site.objects.filter(slug=member.slug).first()
    if site is None:
        site = create_site(membership=membership, name=member.site, slug=member.slug, now=now)
    site = provision_site(site_id=site.pk, now=now)
    if member.story is not None:
        write(site, member.story, today=now.date())
    refresh_usage(site_id=site.pk, now=now)


def _for_the_desk(staff: User, *, now: datetime) -> None:
    """A few codes that were made together, and a category of tax whose rate differs in a country from a month on."""
    rules = {"name": "Spring fair", "percent": 20, "periods": 1, "most_uses": 1}
    make_batch(
        uid=SPRING_FAIR, prefix="SPRING", size=5, rules=rules, only_for=(), actor=staff, now=now
    )  # once: it has its uid
    rate, is_new = TaxRate.objects.get_or_create(name="Standard", defaults={"percent": 21})
    if is_new:
        set_rate_from(
            rate=rate, country="DE", region="", percent=Decimal(19), starts_on=(now + timedelta(days=30)).date(),
            actor=staff, now=now,
        )  # fmt: skip


def _price_change(premium: Product, *, now: datetime) -> None:
    """Staff think of a dearer month of Premium, and have told nobody yet."""
    price = premium.prices.current().filter(interval_unit=Price.Unit.MONTH).first()
    if price is not None and not PriceCampaign.objects.filter(from_price__product=premium).exists():
        draft_campaign(
            from_price=price,
            amount=price.amount + 300,
            starts_at=now + timedelta(days=45),
            message="Space and traffic have become dearer for us, too.",
            actor=User.objects.get(email=ADMIN),
            now=now,
        )


def _half_way(plan: Product, *, now: datetime) -> None:
    """Somebody who has chosen a plan, a name and an address, and has not paid; their address of mail waits, too."""
    if User.objects.filter(email=NEWCOMER).exists():
        return
    user = User.objects.create_user(NEWCOMER, PASSWORD, name="Nora Berg", language="en")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    sign_up = begin(user=user, choice=Choice(plan=plan.uid, interval=MONTH, addons={}), now=now)
    address_site(sign_up=sign_up, name="Nora's Bikes", slug="noras-bikes", starter=None, now=now)


def logins() -> str:
    """Who can sign in, with which password, and where their sites are."""
    sites = {site.slug: site.url for site in Site.objects.all()}
    rows = [f"{ADMIN:<22}network admin: {settings.NETWORK_ORIGIN}/admin/"]
    rows += [f"{each.email:<22}{each.about}" for each in staff.COLLEAGUES]
    rows.append(f"{NEWCOMER:<22}half-way through signing up, in front of the review")
    for member in CAST:
        rows.append(f"{member.email:<22}{member.about}")
        if member.slug in sites:  # it may have moved to another address, or be gone
            rows.append(f"{'':<22}{sites[member.slug]}")
    return "\n".join([f"Sign in with the password {PASSWORD} as", *rows])


def _membership(member: Cast, catalogue: dict[str, Product], *, now: datetime) -> Membership:
    user = User.objects.filter(email=member.email).first()
    if user is None:
        user = User.objects.create_user(member.email, PASSWORD, name=member.name, language=member.language)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        with translation.override(member.language):
            accept(user=user, now=now)
    customer, _ = Customer.objects.get_or_create(user=user)
    joined = now - (member.ago or _almost_a_month(now))
    membership = customer.memberships.order_by("pk").first()  # the studio may have got a second one already
    if membership is None:
        membership = Membership.objects.create(
            customer=customer, currency=settings.CURRENCY, created_at=joined
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
