"""A row of every kind that the desk shows."""

from datetime import date, timedelta

from accounts.legal.models import Acceptance, LegalText
from accounts.models import User
from accounts.staff.models import StaffAction
from accounts.tokens.models import ApiToken
from checkout.hooks.models import Endpoint, Message
from checkout.models import SignUp
from memberships.models import PriceCampaign
from products.limits import Kind
from products.models import Discount, Product, TaxRate
from sites.models import DomainClaim, OverLimitPolicy, RetiredSchema, Site, SiteJob, Starter
from tests.integration.products.desk_rows import START, full_membership


def a_row_of_everything(*, plan: Product, owner: User) -> None:
    """One customer with all that belongs to them, and what the network has for itself; `owner` is of the staff."""
    membership = full_membership(1, plan=plan)
    person, site = membership.customer.user, Site.objects.get()
    TaxRate.objects.create(name="Standard", percent=21)
    Discount.objects.create(code="TEN", percent=10, created_at=START)
    OverLimitPolicy.objects.create(kind=Kind.POSTS, policy="keep")
    Starter.objects.create(site=site, name="Workshop")
    DomainClaim.objects.create(membership=membership, site=site, domain="www.example.com", created_at=START)
    SiteJob.objects.create(
        site=site,
        kind="export",
        state="done",
        archive="a.zip",
        asked_by=owner.email,
        asked_at=START,
        finished_at=START,
    )
    RetiredSchema.objects.create(
        schema_name="site_" + "0" * 32, reason=RetiredSchema.Reason.values[0], site_uid=site.uid, site_name="Gone",
        host="gone.example", retired_at=START, erase_after=START + timedelta(days=7),
    )  # fmt: skip
    SignUp.objects.create(
        user=person, membership=membership, plan=plan, interval_unit="month", interval_count=1, state="done",
        created_at=START, touched_at=START, settled_at=START,
    )  # fmt: skip
    text = LegalText.objects.create(
        kind="terms", language="en", in_force_from=date(2026, 1, 1), body="We agree."
    )
    LegalText.objects.create(
        kind="privacy", language="en", in_force_from=date(2026, 1, 1), body="We keep quiet."
    )
    Acceptance.objects.create(user=person, text=text, accepted_at=START)
    ApiToken.objects.create(
        user=person,
        name="Books",
        prefix="sw_abcdef",
        digest="d" * 64,
        scopes=["sites:read"],
        created_at=START,
    )
    price = plan.prices.current().order_by("pk")[0]
    PriceCampaign.objects.create(
        from_price=price, amount=3500, starts_at=START, created_at=START, created_by=owner
    )
    StaffAction.objects.create(actor=owner, at=START, page="products_product_change")
    endpoint = Endpoint.objects.create(
        url="https://hooks.example", secret="whsec_x", owner=owner, created_at=START
    )
    Message.objects.create(
        endpoint=endpoint, type="site.ready", data={"id": "a"}, occurred_at=START, state="taken"
    )
