"""The overview of the desk, and members who come from another network."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.customer import Customer
from tests.stack import PASSWORD, Stack

NEXT_YEAR = "2098-01-12"  # any day that is still to come


def at_the_desk(page: Page, stack: Stack, pictures: Path | None) -> Customer:
    """The demo's admin, who has just signed in there."""
    page.goto(f"{stack.origin}/auth/login/?next=/admin/&lang=en")
    page.get_by_label("E-mail address").fill("admin@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="How business goes")).to_be_visible()
    return Customer(page, stack, "admin", pictures)


def block(page: Page, title: str):
    return page.get_by_role("region", name=title, exact=True)


def test_a_number_of_the_overview_leads_to_its_rows_and_each_row_to_its_page(
    stack: Stack, page: Page, pictures: Path | None
):
    admin = at_the_desk(page, stack, pictures)
    admin.look("overview")
    number = block(page, "Recurring revenue").get_by_role("link", name=re.compile("^Paying memberships"))
    paying = int(re.sub(r"\D", "", number.inner_text()))
    assert paying > 0
    number.click()
    expect(page.get_by_text(f"{paying} row", exact=False).first).to_be_visible()
    admin.look("overview-rows")
    with page.expect_download() as file:
        page.get_by_role("link", name="CSV").click()
    lines = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + paying
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()

    page.goto(f"{stack.origin}/admin/")
    page.get_by_role("link", name="13 weeks").click()
    expect(page).to_have_url(re.compile("period=week"))
    block(page, "Revenue invoiced").get_by_role("link", name=re.compile("^Without tax")).click()
    expect(page.get_by_text(re.compile("Together:"))).to_be_visible()
    page.get_by_role("link", name="Overview", exact=True).last.click()
    expect(page.get_by_role("heading", name="How business goes")).to_be_visible()


def test_members_of_another_network_are_checked_mended_and_imported(
    stack: Stack, page: Page, pictures: Path | None
):
    admin = at_the_desk(page, stack, pictures)
    page.goto(f"{stack.origin}/admin/imports/importjob/add/")
    page.get_by_label("What the file holds").select_option(label="Memberships")
    text = (
        "reference,email,plan,next_renewal\n"
        f"yara,yara@demo.example,premium,{NEXT_YEAR}\n"
        "zeno,zeno@demo.example,premium,1999-01-01\n"
    )
    file = {"name": "two.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a dict, as Playwright documents
    page.get_by_role("button", name="Check the file", exact=True).click()
    expect(page.get_by_text("1 ready to import, 1 refused")).to_be_visible()  # the page looks again by itself
    expect(page.get_by_text("This has gone by.")).to_be_visible()
    admin.look("import-checked")

    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("1 imported, 1 refused")).to_be_visible()
    admin.look("import-done")
    page.goto(f"{stack.origin}/admin/memberships/membership/?q=yara")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_text("Moved to this network with Premium").first).to_be_visible()
