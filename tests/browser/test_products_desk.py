"""What the network sells, and a price that changes for who has it, as its admin and a member see it."""

import re
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.customer import Customer
from tests.stack import PASSWORD, Stack

TABS = ["General", "Prices", "Up & Downgrades", "Limits", "Taxes", "Site templates"]


def admin_at(page: Page, stack: Stack, path: str) -> None:
    page.goto(f"{stack.origin}/admin/{path}")
    if page.get_by_label("Password").count():
        page.get_by_label("E-mail address").fill("admin@demo.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()


def test_the_tabs_of_a_plan_show_each_its_own(stack: Stack, page: Page):
    admin_at(page, stack, "products/product/?q=premium")
    page.get_by_role("link", name="Premium").first.click()
    for tab in TABS:
        page.get_by_role("link", name=tab, exact=True).click()
        shown = page.get_by_text("What new sites of this plan can begin as")
        expect(shown).to_be_visible(visible=tab == "Site templates")
        expect(page.get_by_text("A price in use is never edited")).to_be_visible(visible=tab == "Prices")
    expect(page.get_by_role("checkbox", name="Workshop")).to_be_visible()


def test_a_price_is_changed_for_its_members_who_are_told_and_may_be_called_off(
    stack: Stack, page: Page, pictures: Path | None
):
    stack.member("basil", plan="basic", days=10)
    day = timezone.localdate() + timedelta(days=5)

    admin_at(page, stack, "products/product/?q=basic")
    page.get_by_role("link", name="Basic").first.click()
    page.get_by_role("link", name="Change a price for members").click()
    page.get_by_label("New amount").fill("15.00")
    page.get_by_label("In force from").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("Message to the members").fill("Space has become dearer.")
    page.get_by_role("button", name="Save", exact=True).click()

    basil = page.get_by_role("row").filter(has_text="basil@demo.example")
    expect(basil).to_contain_text("€12.00")
    expect(basil).to_contain_text("€15.00")
    expect(basil).to_contain_text("+€3.00")

    admin_at(page, stack, "memberships/pricecampaign/?q=basic")
    page.get_by_role("link", name="Basic").first.click()
    page.get_by_role("link", name="Publish").last.click()
    page.get_by_role("button", name=re.compile(r"Publish and tell \d+ member")).click()
    expect(page.get_by_text("Published. Members are being told.")).to_be_visible()
    campaign = page.url

    page.context.clear_cookies()
    member = Customer(page, stack, "basil", pictures)
    member.signs_in()
    expect(page.locator("#membership")).to_contain_text("Basic costs €15.00 per month from then on")
    member.looks_closely("price-to-come")

    page.context.clear_cookies()
    admin_at(page, stack, campaign.partition("/admin/")[2])
    page.get_by_role("link", name="Stop").last.click()
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_text("Stopped. Everybody keeps their price.")).to_be_visible()
