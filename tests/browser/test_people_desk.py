"""The network's staff at their desk: what a role does not find there, and the second factor that is asked for."""

import base64
import hmac
import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stack import PASSWORD, Stack

ACTIONS = ("note", "limits", "wallet", "cancel", "extend", "change-plan")  # the ends of their addresses


def test_read_only_sees_everything_and_finds_nothing_to_press(
    stack: Stack, page: Page, pictures: Path | None
):
    signs_in(page, stack.origin, "reader")
    page.goto(f"{stack.origin}/admin/memberships/membership/?q=max")
    page.locator("#result_list tbody a").first.click()
    expect(page.locator("#timeline")).to_be_attached()
    membership = page.url
    for action in ACTIONS:
        expect(page.locator(f"a[href$='/{action}/']")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Save"))).to_have_count(0)
    looks(page, pictures, "read-only-membership")

    refused = page.request.get(membership.replace("/change/", "/wallet/"))
    assert refused.status == 403
    page.goto(f"{stack.origin}/admin/products/product/?q=premium")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_role("button", name=re.compile("^Save"))).to_have_count(0)

    page.goto(f"{stack.origin}/admin/staff/staffaction/")
    page.get_by_role("link", name="Membership: Add a note").first.click()
    expect(page.get_by_text("wants a second site")).to_be_visible()
    looks(page, pictures, "audit-entry")


def test_the_owner_finds_the_same_actions_where_read_only_did_not(
    stack: Stack, page: Page, pictures: Path | None
):
    signs_in(page, stack.origin, "admin")
    page.goto(f"{stack.origin}/admin/memberships/membership/?q=max")
    page.locator("#result_list tbody a").first.click()
    for action in ACTIONS:
        expect(page.locator(f"a[href$='/{action}/']").first).to_be_attached()
    for name, path in (
        ("staff-list", "staff/staffmember/"),
        ("staff-add", "staff/staffmember/add/"),
        ("audit-log", "staff/staffaction/"),
        ("roles", "auth/group/"),
    ):
        page.goto(f"{stack.origin}/admin/{path}")
        looks(page, pictures, name)


def test_who_has_no_second_factor_sets_it_up_before_they_work_and_is_asked_for_it_from_then_on(
    stack: Stack, page: Page, pictures: Path | None
):
    with stack.another_web(STAFF_NEED_SECOND_FACTOR="true") as origin:
        signs_in(page, origin, "finance")
        page.goto(f"{origin}/admin/memberships/payment/")
        page.wait_for_url("**/auth/reauthenticate/**")
        expect(page.get_by_text("The network admin asks for a second factor")).to_be_visible()
        looks(page, pictures, "second-factor")
        page.locator("#id_password").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url("**/auth/2fa/totp/activate/**")
        page.get_by_text("I cannot scan it").click()
        secret = page.locator(".code").inner_text().strip()
        page.get_by_label("Code from your app").fill(code(secret))
        page.get_by_role("button", name="Turn on").click()
        page.get_by_role("link", name="Go on to the network admin").click()
        page.wait_for_url("**/admin/")
        page.goto(f"{origin}/admin/memberships/payment/")
        expect(page.locator("#result_list")).to_be_visible()

        page.context.clear_cookies()
        signs_in(page, origin, "finance", arrives="**/auth/2fa/authenticate/**")
        expect(page.get_by_label("Code")).to_be_visible()


def signs_in(page: Page, origin: str, who: str, *, arrives: str = "**/demo/mails/") -> None:
    page.goto(f"{origin}/auth/login/?next=/demo/mails/&lang=en")
    page.get_by_label("E-mail address").fill(f"{who}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(arrives)


def code(secret: str) -> str:
    """What an app for one-time codes shows now for `secret` (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, int(time.time() // 30).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def looks(page: Page, pictures: Path | None, name: str) -> None:
    """Leave pictures of the page, wide and on a phone, light and dark, if they are asked for."""
    if pictures is None:
        return
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
