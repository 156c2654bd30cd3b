"""An owner changes what the network runs by: refused where it contradicts, in force at once, and taken back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_people_desk import looks, signs_in
from tests.stack import Stack

SETTINGS = "/admin/network-settings/"
UNDO, DUNNING, EXPIRY = "Hours to undo an upgrade", "Days of dunning", "Days until it expires"


def test_a_setting_is_refused_then_changed_then_taken_back_and_customers_see_it(
    stack: Stack, page: Page, pictures: Path | None
):
    signs_in(page, stack.origin, "admin")
    page.goto(f"{stack.origin}{SETTINGS}")
    looks(page, pictures, "network-settings")
    late = page.context.new_page()
    late.goto(f"{stack.origin}{SETTINGS}")

    page.get_by_label(UNDO).fill("48")
    page.get_by_label(DUNNING, exact=True).fill("0, 20")
    page.get_by_role("button", name="Save").click()
    expect(
        page.get_by_text("The last day may be 14 at most: then an unpaid membership expires.")
    ).to_be_visible()
    expect(page.get_by_label(UNDO)).to_have_value("48")
    looks(page, pictures, "network-settings-refused")

    page.get_by_label(DUNNING, exact=True).fill("0, 1, 3, 7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Web and workers have it from now on.")).to_be_visible()
    expect(page.get_by_text("The environment says: 24 hours.")).to_be_visible()
    page.goto(f"{stack.origin}/")
    expect(page.get_by_text("48 hours").first).to_be_visible()

    late.get_by_label(EXPIRY).fill("20")
    late.get_by_role("button", name="Save").click()
    expect(late.get_by_text("changed these settings at").first).to_be_visible()
    expect(late.get_by_label(EXPIRY)).to_have_value("20")
    expect(late.get_by_label(UNDO)).to_have_value("48")
    looks(late, pictures, "network-settings-second")
    late.close()

    page.goto(f"{stack.origin}{SETTINGS}")
    setting = page.locator(".network-setting").filter(has=page.get_by_label(UNDO))
    setting.get_by_label("Back to the environment’s value").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label(UNDO)).to_have_value("24")


def test_who_is_no_owner_sees_the_settings_and_no_field(stack: Stack, page: Page, pictures: Path | None):
    signs_in(page, stack.origin, "reader")  # not finance, who may have a second factor by now
    page.goto(f"{stack.origin}{SETTINGS}")
    expect(page.get_by_text("Only owners change them.")).to_be_visible()
    expect(page.locator(".network-setting input, .network-setting select")).to_have_count(0)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    looks(page, pictures, "network-settings-read-only")
