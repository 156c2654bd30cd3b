"""Downgrade without fear: what no longer fits is named, chosen, kept, put away on its day, and restored on upgrade."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.customer import Customer
from tests.stack import Stack

# What is stored moves back rather than the clock forward: what comes after its day is asked at the real time.
ITS_DAY_COMES = """
import django; django.setup()
from django.db.models import DateTimeField, F
from django.utils import timezone
from checkout.operations.renew import renew
from memberships.models import Membership, MembershipItem, ScheduledChange
membership = Membership.objects.get(customer__user__email="{}@demo.example")
early = membership.period_end - timezone.now()
for model, key in ((Membership, "pk"), (MembershipItem, "membership"), (ScheduledChange, "membership")):
    times = [field.name for field in model._meta.fields if isinstance(field, DateTimeField)]
    model.objects.filter(**{{key: membership.pk}}).update(**{{name: F(name) - early for name in times}})
renew(membership_id=membership.pk, now=timezone.now())
"""


@pytest.mark.parametrize("width", [390])
def test_a_downgrade_with_choices_is_kept_applied_and_restored_on_upgrade(
    stack: Stack, page: Page, pictures: Path | None, width: int
):
    stack.member("dora", plan="premium", days=10)
    dora = Customer(page, stack, "dora", pictures)
    dora.signs_in()
    dora.opens_the_dashboard()
    dora.writes_a_post("The fourth")
    expect(page.get_by_text("created and published")).to_be_visible()

    goes_down(dora)
    oldest = page.get_by_role("checkbox", name="Sowing in the cold")
    expect(oldest).not_to_be_checked()
    expect(page.get_by_text("3 of 3 chosen.")).to_be_visible()
    oldest.check()
    expect(page.get_by_text("4 chosen, and there is room for 3. Untick some to go on.")).to_be_visible()
    dora.looks_closely("downgrade-too-many")
    page.get_by_role("button", name="Downgrade on").click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    expect(oldest).to_be_checked()
    page.get_by_role("checkbox", name="The fourth").uncheck()
    dora.looks_closely("downgrade-review")
    page.get_by_role("button", name="Downgrade on").click()
    expect(page.get_by_role("heading", name="Downgrade to Free")).to_be_visible()

    page.get_by_role("link", name="See what stays").click()
    expect(page.get_by_role("checkbox", name="Sowing in the cold")).to_be_checked()
    expect(page.get_by_role("checkbox", name="The fourth")).not_to_be_checked()
    dora.looks_closely("downgrade-planned")
    page.get_by_role("button", name="Keep Premium").click()
    expect(page.get_by_text("You keep Premium. Nothing will change.")).to_be_visible()

    goes_down(dora)
    page.get_by_role("checkbox", name="The fourth").uncheck()
    page.get_by_role("checkbox", name="Sowing in the cold").check()
    page.get_by_role("button", name="Downgrade on").click()
    stack.run("-c", ITS_DAY_COMES.format(dora.name))
    blog = f"{stack.site(dora.name)}/blog/"
    look_until(page, blog, "The fourth", shown=False)
    expect(page.get_by_role("link", name="Sowing in the cold").first).to_be_visible()

    page.goto(f"{stack.origin}/account/")
    page.get_by_role("link", name="See what is parked").first.click()
    expect(page.get_by_role("checkbox", name="The fourth")).not_to_be_checked()
    dora.looks_closely("parked")

    dora.chooses_premium()
    page.get_by_role("button", name="and upgrade").click()
    expect(page.get_by_role("heading", name="Upgraded Free → Premium")).to_be_visible()
    look_until(page, blog, "The fourth", shown=True)


def goes_down(dora: Customer) -> None:
    """As far as the page that is reviewed."""
    dora.page.goto(f"{dora.stack.origin}/account/")
    dora.page.get_by_role("link", name="Change", exact=True).first.click()
    dora.page.get_by_role("radio", name="Free").check()
    dora.page.get_by_role("button", name="Review downgrade").first.click()
    expect(dora.page.get_by_role("heading", name="Review", exact=True)).to_be_visible()


def look_until(page: Page, address: str, title: str, *, shown: bool) -> None:
    """Look at `address` until it shows the post, or no longer does: the limits follow within moments."""
    for _ in range(50):
        page.goto(address)
        if (page.get_by_role("link", name=title).count() > 0) == shown:
            return
        page.wait_for_timeout(200)
    pytest.fail(f"{title} is {'not ' if shown else ''}there")
