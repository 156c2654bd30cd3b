"""Staff help a customer: they order a change that the customer pays, and visit a site without being able to pay."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.customer import Customer
from tests.browser.test_life_of_the_money import link_in_the_mail
from tests.stack import PASSWORD, Stack


@pytest.mark.parametrize("width", [390])
def test_a_change_that_staff_order_is_paid_by_the_customer(
    stack: Stack, page: Page, browser: Browser, pictures: Path | None, width: int
):
    stack.member("olga")
    olga = Customer(page, stack, "olga", pictures)
    desk = browser.new_context(viewport={"width": 1280, "height": 900})
    staff = Customer(desk.new_page(), stack, "admin", pictures)
    finds(staff.page, stack, "memberships/membership", "olga@demo.example")
    staff.page.get_by_role("link", name="Change plan").click()
    staff.page.get_by_role("radio", name="Premium").check()
    staff.page.get_by_role("button", name="Show the price").click()
    expect(staff.page.get_by_text("Due today").first).to_be_visible()
    staff.looks_closely("desk-change-plan")
    staff.page.get_by_role("button", name="Review").click()
    staff.page.get_by_label("Reason").fill("Asked by phone")
    staff.looks_closely("desk-change-review")
    staff.page.get_by_role("button", name="Order it for €30.00").click()
    expect(staff.page.get_by_text("the customer has a link by mail")).to_be_visible()
    staff.look("desk-membership")
    desk.close()

    page.goto(link_in_the_mail(page, stack, to="olga@demo.example", subject="please pay"))
    page.get_by_role("button", name="Pay €30.00").click()
    olga.pays("€30.00")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    olga.signs_in()
    expect(page.locator("#membership").get_by_text("Premium").first).to_be_visible()


def test_who_visits_a_site_as_its_owner_cannot_pay_and_is_seen(
    stack: Stack, page: Page, browser: Browser, pictures: Path | None
):
    stack.member("viola")
    desk = browser.new_context(viewport={"width": 1280, "height": 900})
    staff = Customer(desk.new_page(), stack, "admin", pictures)
    finds(staff.page, stack, "sites/site", "viola@demo.example")
    staff.page.get_by_role("link", name="Visit as owner").click()
    staff.page.get_by_label("Reason").fill("The menu is broken")
    staff.looks_closely("desk-visit")
    staff.page.get_by_role("button", name="Open the dashboard").click()
    staff.page.wait_for_url("**/dashboard/")
    expect(staff.page.get_by_text("You visit this site as its owner")).to_be_visible()
    staff.look("desk-visiting")
    expect(staff.page.locator(f'a[href^="{stack.origin}/account/"]')).to_have_count(0)
    expect(staff.page.locator('a[href$="/upgrade/"]')).to_have_count(0)

    viola = Customer(page, stack, "viola", pictures)
    viola.signs_in()
    expect(page.get_by_text("The menu is broken")).to_be_visible()
    viola.looks_closely("visits-by-staff")
    membership = page.url
    refused = desk.request.get(f"{membership}change/")
    assert refused.status == 404

    staff.page.get_by_role("button", name="End the visit").click()
    expect(staff.page.get_by_role("heading", name="The visit is over")).to_be_visible()
    staff.looks_closely("desk-visit-over")
    staff.page.goto(f"{stack.site('viola')}/dashboard/")
    expect(staff.page.get_by_text("You visit this site as its owner")).to_have_count(0)
    desk.close()


def finds(desk: Page, stack: Stack, model: str, word: str) -> None:
    """Sign in at the desk, and open the one row of `model` that `word` finds."""
    desk.set_default_timeout(20_000)
    desk.goto(f"{stack.origin}/admin/{model}/?q={word}")
    desk.get_by_label("E-mail address").fill("admin@demo.example")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    desk.locator("#result_list tbody a").first.click()
