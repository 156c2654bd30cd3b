"""From the plans to a live site, as a new customer walks it, on a phone and on a desktop: nothing keeps anybody out."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.customer import Customer
from tests.stack import Stack

PASSWORD = "a-long-and-new-word"


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_signs_up_pays_and_opens_their_site(
    stack: Stack, page: Page, pictures: Path | None, width: int
) -> None:
    name = f"nora{width}"
    nora = Customer(page, stack, name, pictures)

    page.goto(f"{stack.origin}/sign-up/")
    expect(page.get_by_role("heading", name="Choose a plan")).to_be_visible()
    page.get_by_role("radio", name="Premium").check()
    expect(page.locator("#summary").get_by_text("€30.00").filter(visible=True).first).to_be_visible()
    nora.looks_closely("sign-up-1-plan")
    page.get_by_role("button", name="Continue").filter(visible=True).first.click()

    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    nora.looks_closely("sign-up-2-account")
    page.get_by_label("Your name").fill("Nora Berg")
    page.get_by_label("E-mail address").fill(f"{name}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()

    expect(page.get_by_role("heading", name="Your site")).to_be_visible()
    page.get_by_label("Name of your site").fill("Keller")
    page.get_by_label("Name of your site").blur()
    expect(page.get_by_label("Address")).to_have_value("keller-site")
    page.get_by_label("Address").fill("keller")
    expect(page.get_by_text("This address is taken.")).to_be_visible()
    nora.looks_closely("sign-up-3-site-taken")
    page.get_by_label("Address").fill("adm1n")
    expect(page.get_by_text("looks like one of the network")).to_be_visible()
    page.get_by_label("Name of your site").fill("Nora’s Bikes")
    page.get_by_label("Address").fill(name)
    expect(page.get_by_text(f"{name}.sites.localhost is free.")).to_be_visible()
    page.get_by_role("radio", name="Workshop").check()
    nora.looks_closely("sign-up-3-site")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Is everything right?")).to_be_visible()
    nora.looks_closely("sign-up-4-review")
    page.get_by_role("button", name="Pay €30.00 and start").click()
    nora.pays("€30.00")

    expect(page.get_by_role("heading", name="Nora’s Bikes is ready")).to_be_visible()
    nora.looks_closely("sign-up-5-ready")
    assert visit(page, f"{stack.site(name)}/") == (503, True)
    page.get_by_role("button", name="Open the dashboard").click()
    page.wait_for_url("**/dashboard/")

    page.goto(link_in_the_mail(stack, to=f"{name}@demo.example"))
    nora.looks_closely("sign-up-6-confirm")
    page.get_by_role("button", name="Yes, it is mine").click()
    page.wait_for_url("**/account/**")
    expect(page.get_by_text("Confirm your e-mail address")).to_have_count(0)
    assert visit(page, f"{stack.site(name)}/") == (200, False)


def test_an_address_that_is_found_late_leaves_alone_what_was_typed_meanwhile(
    stack: Stack, page: Page
) -> None:
    Customer(page, stack, "max", None).signs_in()
    page.get_by_role("link", name="Add site").click()
    late: list[Route] = []

    def comes_later(route: Route) -> None:
        late.append(route)

    page.route("**/sites/address/?fill=*", comes_later)
    name, address = page.get_by_label("Name of your site"), page.get_by_label("Address")
    name.fill("Chairs")
    with page.expect_request("**/sites/address/?fill=*"):
        name.blur()
    address.fill("keller")
    late[0].continue_()
    expect(page.get_by_text("This address is taken.")).to_be_visible()
    expect(address).to_have_value("keller")

    page.get_by_role("button", name="keller-site").click()
    expect(page.get_by_text("keller-site.sites.localhost is free.")).to_be_visible()
    expect(address).to_have_value("keller-site")
    expect(address).to_be_focused()


def visit(page: Page, url: str) -> tuple[int, bool]:
    """As a stranger: the status, and whether it says that the site opens soon."""
    context = page.context.browser.new_context() if page.context.browser else None
    assert context is not None
    stranger = context.new_page()
    answer: Any = stranger.goto(url)
    says = "This site opens soon." in stranger.content()
    context.close()
    return answer.status, says


def link_in_the_mail(stack: Stack, *, to: str) -> str:
    """Where the mail leads that asks `to` to confirm their address."""
    mails = "".join(file.read_text() for file in sorted((stack.folder / "mail").iterdir()))
    mine = "".join(mails.split(f"To: {to}")[1:]).replace("=\n", "")
    (link, *_others) = re.findall(r"http://\S+/auth/confirm-email/[^\s\"<>]+/", mine)
    return str(link)
