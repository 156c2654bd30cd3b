"""The acceptance story, walked as a customer walks it, on a phone and on a desktop, whatever happens to the webhook."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.customer import Customer
from tests.stack import Stack

WEBHOOK: dict[str, dict[str, Any]] = {"dropped": {"drop": {}}, "delivered three times": {"duplicate": 2}}


@pytest.mark.parametrize("webhook", WEBHOOK)
@pytest.mark.parametrize("width", [390, 1280])
def test_free_to_premium_lifts_the_limits_whatever_becomes_of_the_webhook(
    stack: Stack, page: Page, pictures: Path | None, width: int, webhook: str
):
    name = f"anna{width}{webhook[:2]}"
    stack.member(name)
    charged = stack.gateway.state()["charges"]["succeeded"]
    stack.gateway.control(**WEBHOOK[webhook])
    anna = Customer(page, stack, name, pictures)
    try:
        walk(anna)
    finally:
        stack.gateway.control(drop=None, duplicate=0)
    assert stack.gateway.state()["charges"]["succeeded"] == charged + 1


def walk(anna: Customer) -> None:
    page = anna.page
    anna.signs_in()
    anna.look("account")
    anna.opens_the_dashboard()
    anna.look("dashboard")

    anna.writes_a_post("One too many")
    expect(page.get_by_text("You have used 3 of the 3 posts in your plan.").first).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("One too many")
    anna.look("refused")

    anna.opens_the_dashboard()
    page.get_by_role("link", name="Account").first.click()
    page.get_by_role("link", name="Change", exact=True).first.click()
    expect(page.get_by_role("radio", name="Free")).to_be_checked()
    expect(page.get_by_text("Current plan")).to_be_visible()
    expect(page.get_by_text("This is what you have now.").filter(visible=True).first).to_be_visible()
    assert page.get_by_role("radio", name="Basic").count() == 0
    anna.look("change")

    page.get_by_role("radio", name="Premium").check()
    page.get_by_role("button", name="Review upgrade").first.click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    anna.look("review")
    page.get_by_role("button", name="Pay €30.00 and upgrade").first.click()

    expect(page.get_by_text("Amount to pay")).to_be_visible()
    anna.look("gateway")
    page.get_by_role("button", name="Pay €30.00").click()
    expect(page.get_by_role("heading", name="Premium")).to_be_visible()
    anna.look("done")

    anna.writes_a_post("One more")
    expect(page.get_by_text("created and published")).to_be_visible()
    page.goto(f"{anna.stack.site(anna.name)}/blog/")
    expect(page.get_by_role("link", name="One more").first).to_be_visible()
    anna.look("blog")

    page.goto(f"{anna.stack.origin}/account/")
    expect(page.locator("#history").get_by_text("Upgraded Free → Premium")).to_be_visible()
    anna.look("account-after")
