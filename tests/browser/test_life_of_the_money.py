"""What becomes of the money after the first payment, as customers and staff see it."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.customer import Customer
from tests.stack import PASSWORD, Stack


@pytest.mark.parametrize("width", [390])
def test_a_renewal_that_failed_is_paid_by_the_link_in_the_mail_without_signing_in(
    stack: Stack, page: Page, pictures: Path | None, width: int
):
    stack.member("nora", plan="premium", days=33)
    stack.renewal_fails("nora")
    nora = Customer(page, stack, "nora", pictures)

    page.goto(link_in_the_mail(page, stack, to="nora@demo.example", subject="did not go through"))
    expect(page.get_by_role("heading", name="€30.00")).to_be_visible()
    nora.looks_closely("pay-link")
    page.get_by_role("button", name="Pay €30.00").click()
    nora.pays("€30.00")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    nora.looks_closely("pay-link-paid")

    nora.signs_in()
    expect(page.locator("#membership").get_by_text("Active")).to_be_visible()
    expect(page.locator("#history").get_by_text("Renewed Premium")).to_be_visible()


def test_who_cancels_takes_it_back_until_the_period_ends_in_dutch(
    stack: Stack, page: Page, pictures: Path | None
):
    stack.member("bram", plan="premium", days=10, language="nl")
    bram = Customer(page, stack, "bram", pictures)
    bram.signs_in("Uw lidmaatschap")
    page.locator("#cancel").get_by_role("link", name="Lidmaatschap opzeggen").click()
    expect(page.get_by_text("Tot dan kunt u dit terugnemen")).to_be_visible()
    bram.looks_closely("cancel")
    page.get_by_label("Waarom").fill("Geen tijd meer")
    page.get_by_role("button", name="Opzeggen per").click()

    expect(page.get_by_text("Uw lidmaatschap eindigt op").first).to_be_visible()
    expect(page.locator("#cancel")).to_have_count(0)
    bram.looks_closely("cancelled")
    page.get_by_role("button", name="Mijn abonnement houden").click()
    expect(page.get_by_text("Uw lidmaatschap eindigt op")).to_have_count(0)
    expect(page.locator("#cancel")).to_be_visible()


@pytest.mark.parametrize("width", [390])
def test_an_upgrade_is_undone_and_the_money_goes_back_to_the_card(
    stack: Stack, page: Page, pictures: Path | None, width: int
):
    stack.member("ugo")
    refunds = stack.gateway.state()["refunds"]
    ugo = Customer(page, stack, "ugo", pictures)
    ugo.signs_in()
    ugo.chooses_premium()
    page.get_by_role("button", name="Pay €30.00 and upgrade").first.click()
    ugo.pays("€30.00")
    page.get_by_role("link", name="Undo this upgrade").click()
    ugo.looks_closely("undo")
    page.get_by_role("button", name="Undo and get €30.00 back").click()

    expect(page.get_by_role("heading", name="This change was undone")).to_be_visible()
    ugo.looks_closely("undone")
    assert stack.gateway.state()["refunds"] == refunds + 1
    page.goto(f"{stack.origin}/account/")
    expect(page.locator("#membership").get_by_text("Free", exact=True)).to_be_visible()


def test_a_bank_transfer_takes_effect_when_staff_have_entered_it(
    stack: Stack, page: Page, browser: Browser, pictures: Path | None
):
    stack.member("tess")
    tess = Customer(page, stack, "tess", pictures)
    tess.signs_in()
    tess.chooses_premium()
    page.get_by_role("radio", name="Bank transfer").check()
    page.get_by_role("button", name="Pay €30.00 and upgrade").first.click()
    expect(page.get_by_role("heading", name="Please transfer the amount to this account")).to_be_visible()
    tess.looks_closely("transfer")
    reference = re.search(r"RF\d\d( \w{1,4})+", page.locator("dl").inner_text())
    assert reference is not None

    desk = browser.new_context(viewport={"width": 1280, "height": 900})
    enter_the_transfer(desk.new_page(), stack, reference[0].replace(" ", ""))
    desk.close()

    page.reload()
    expect(page.get_by_role("heading", name="Upgraded Free → Premium")).to_be_visible()


def enter_the_transfer(desk: Page, stack: Stack, reference: str) -> None:
    desk.goto(f"{stack.origin}/admin/memberships/payment/?q={reference}")
    desk.get_by_label("E-mail address").fill("admin@demo.example")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    desk.locator("#result_list tbody a").first.click()
    desk.get_by_role("link", name="Enter a bank transfer").click()
    expect(desk.get_by_role("heading", name="Enter a bank transfer")).to_be_visible()
    desk.get_by_label("Bank reference").fill("2026-11-23/17")
    desk.get_by_role("button", name="Enter", exact=True).click()
    expect(desk.get_by_text("Entered. Nothing is missing any more.")).to_be_visible()


def link_in_the_mail(page: Page, stack: Stack, *, to: str, subject: str) -> str:
    """The link to pay in the newest mail of this `subject`, once the worker has sent it."""
    give_up = time.monotonic() + 20
    mails = page.get_by_role("row").filter(has_text=to).filter(has_text=subject).get_by_role("link")
    page.goto(f"{stack.origin}/demo/mails/")
    while not mails.count() and time.monotonic() < give_up:
        page.wait_for_timeout(200)
        page.reload()
    mails.first.click()
    link = re.search(rf"{stack.origin}/pay/\S+/", page.content())
    assert link is not None
    return link[0]
