"""One customer with everything that the network admin can look at, written as plain rows."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from checkout.models import Order, Quote
from memberships.models import (
    Attempt,
    Customer,
    InboundEvent,
    Invoice,
    InvoiceCounter,
    InvoiceLine,
    Membership,
    MembershipItem,
    Notice,
    Payment,
    PaymentMethod,
    Refund,
    ScheduledChange,
    ScheduledItem,
    WalletEntry,
)
from products.limits import Kind
from products.models import Product
from sites.models import Domain, ProvisioningStep, Site

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
MONTH = timedelta(days=30)


def full_membership(number: int, *, plan: Product) -> Membership:
    """The `number`-th customer: on `plan` for a month, paid by card, with a downgrade ahead and one site."""
    price = plan.prices.current().order_by("pk")[0]
    user = User.objects.create_user(email=f"customer{number}@example.com", name=f"Customer {number}")
    customer = Customer.objects.create(
        user=user, company=f"Company {number}", country="NL", gateway_ref=f"cus_{number}"
    )
    PaymentMethod.objects.create(
        customer=customer,
        gateway_ref=f"pm_{number}",
        brand="visa",
        last4="4242",
        exp_month=4,
        exp_year=2030,
        is_default=True,
        created_at=START,
    )
    membership = Membership.objects.create(
        customer=customer,
        currency="EUR",
        created_at=START,
        anchor=START,
        period_start=START,
        period_end=START + MONTH,
    )
    membership.move(Membership.State.ACTIVE, now=START, actor=user)
    item = MembershipItem.objects.create(
        membership=membership, product=plan, price=price, unit_price=price.amount, added_at=START
    )
    give(membership, reference=f"gift-{number}")
    _paid(membership, item, number=number, user=user)
    _scheduled(membership, item, number=number, user=user)
    _site(membership, number=number)
    return membership


def give(membership: Membership, *, reference: str) -> None:
    """€2.50 of credit."""
    WalletEntry.objects.create(
        membership=membership,
        amount=250,
        reason="adjustment",
        reference=reference,
        actor=membership.customer.user,
        created_at=START,
    )


def _paid(membership: Membership, item: MembershipItem, *, number: int, user: User) -> None:
    payment = Payment.objects.create(
        membership=membership,
        amount=3630,
        captured=3630,
        currency="EUR",
        purpose="Started Premium",
        state="paid",
        created_at=START,
        settled_at=START,
    )
    when = {"started_at": START, "finished_at": START}
    for try_, state in ((1, "failed"), (2, "succeeded")):
        Attempt.objects.create(
            payment=payment,
            number=try_,
            method="saved_card",
            state=state,
            gateway_ref=f"pi_{number}_{try_}",
            **when,
        )
    Refund.objects.create(
        payment=payment,
        amount=500,
        reason="A slow week",
        state="succeeded",
        gateway_ref=f"re_{number}",
        created_at=START,
        settled_at=START,
    )
    InvoiceCounter.objects.update_or_create(year=START.year, defaults={"last": number})
    invoice = Invoice.objects.create(
        number=f"2026-{number:05}",
        membership=membership,
        payment=payment,
        reference=f"order-{number}",
        kind="new",
        went_to="Premium",
        currency="EUR",
        net=3000,
        tax=630,
        due=3630,
        customer_name=membership.customer.company,
        issued_at=START,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        item=item,
        product=item.product,
        type="charge",
        description=item.product.name,
        gross=3000,
        net=3000,
        tax=630,
        tax_percent="21",
        covers_start=START,
        covers_end=START + MONTH,
    )
    quote = Quote.objects.create(
        membership=membership,
        user=user,
        revision=0,
        as_of=START,
        expires_at=START + timedelta(minutes=15),
        picks=[{"product": item.product_id, "price": item.price_id, "quantity": 1}],
        scenario={"currency": "EUR"},
        result={"kind": "new", "due_now": 3630},
    )
    Order.objects.create(
        quote=quote,
        membership=membership,
        payment=payment,
        placed_by=user,
        state="fulfilled",
        kind="new",
        went_to="Premium",
        created_at=START,
        expires_at=START + timedelta(hours=1),
        settled_at=START,
    )
    InboundEvent.objects.create(
        source="stripe",
        external_id=f"evt_{number}",
        kind="payment_intent.succeeded",
        object_id=f"pi_{number}_2",
        payload={"id": f"evt_{number}", "data": {"object": {"amount": 3630, "note": "<b>bold</b>"}}},
        state="handled",
        attempts=1,
        effect="Order applied",
        received_at=START,
        handled_at=START,
    )
    Notice.objects.create(
        membership=membership,
        kind="receipt",
        reference=f"order-{number}",
        to=user.email,
        subject="Your receipt",
        created_at=START,
        sent_at=START,
    )


def _scheduled(membership: Membership, item: MembershipItem, *, number: int, user: User) -> None:
    change = ScheduledChange.objects.create(
        membership=membership,
        kind="downgrade",
        effective_at=START + MONTH,
        interval_unit="month",
        reference=f"down-{number}",
        created_at=START,
        actor=user,
    )
    ScheduledItem.objects.create(change=change, product=item.product, price=item.price)


def _site(membership: Membership, *, number: int) -> None:
    site = Site.objects.create(
        name=f"Site {number}",
        slug=f"site{number}",
        membership=membership,
        state="ready",
        created_at=START,
        ready_at=START,
        entitlements={Kind.POSTS: 100, Kind.DISK: 5 * 1024**3, Kind.VISITS: None},
        usage={Kind.POSTS: 12, Kind.DISK: 20 * 1024**2},
        usage_at=START,
    )
    host = f"site{number}.sites.localhost"
    Domain.objects.create(domain=host, tenant=site, is_primary=True, created_at=START)
    when = {"started_at": START, "finished_at": START}
    for position, name in enumerate(("schema", "content", "owner")):
        ProvisioningStep.objects.create(
            site=site, name=name, position=position, state="done", attempts=1, **when
        )
