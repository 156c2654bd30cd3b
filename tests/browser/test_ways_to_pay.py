"""A change paid in every way there is: with a new card, the saved one, one that is declined, one whose bank asks; and
by everybody: with the keyboard alone, without scripts, in Dutch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.customer import Customer
from tests.pdf import lines_of
from tests.stack import PASSWORD, Stack

ASKS = "Asks for confirmation"
DECLINED = "4000000000000341"
FARTHEST = 80  # presses of Tab: on no page is anything farther away


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_saved_card_pays_for_two_of_a_package_and_the_summary_says_so_as_they_are_chosen(
    stack: Stack, page: Page, pictures: Path | None
):
    stack.member("petra", plan="premium", days=1)
    charged = stack.gateway.state()["charges"]["succeeded"]
    petra = Customer(page, stack, "petra", pictures)
    petra.signs_in()
    petra.goes_to_change()
    page.get_by_role("checkbox", name="Extra disk space").check()
    expect(page.locator("#announce")).to_contain_text("Due today €3.8")  # a day of the month is over
    page.get_by_label("Quantity Extra disk space").fill("2")
    expect(page.locator("#announce")).to_contain_text("Due today €7.7")
    expect(page.locator("#announce")).to_contain_text("€38.00")
    petra.looks_closely("package")
    page.locator("#summary").get_by_role("button").click()

    expect(page.get_by_role("radio", name="4242")).to_be_checked()
    page.get_by_role("button", name="Pay €7.7").first.click()
    expect(page.get_by_role("heading", name="Added Extra disk space")).to_be_visible()
    expect(page.get_by_text("25.0 GB")).to_be_visible()
    petra.looks_closely("package-bought")
    assert stack.gateway.state()["charges"]["succeeded"] == charged + 1


@pytest.mark.parametrize("width", [390])
def test_a_declined_card_changes_nothing_and_another_one_pays_once_its_bank_has_asked(
    stack: Stack, page: Page, pictures: Path | None, width: int
):
    stack.member("dirk", plan="premium", days=1)
    stack.card_becomes("dirk", DECLINED)
    charged = stack.gateway.state()["charges"]["succeeded"]
    dirk = Customer(page, stack, "dirk", pictures)
    dirk.signs_in()
    dirk.goes_to_change()
    page.get_by_role("radio", name="Business").check()
    page.get_by_role("button", name="Review upgrade").first.click()
    page.get_by_role("button", name="and upgrade").first.click()

    expect(page.get_by_role("heading", name="The payment did not go through")).to_be_visible()
    expect(page.get_by_text("You keep Premium, and nothing is lost.")).to_be_visible()
    dirk.looks_closely("declined")
    page.get_by_role("radio", name="Another card").check()
    page.get_by_role("button", name="Try again: pay").click()
    page.get_by_role("radio", name=ASKS).check()
    page.get_by_role("button", name="Pay €").click()
    expect(page.get_by_role("heading", name="Confirm with your bank")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="Upgraded Premium → Business")).to_be_visible()
    assert stack.gateway.state()["charges"]["succeeded"] == charged + 1


def test_the_saved_cards_bank_asks_and_a_no_leaves_the_old_plan(stack: Stack, page: Page):
    stack.member("bea", plan="premium", days=1)
    stack.card_becomes("bea", "4000002760003184")
    bea = Customer(page, stack, "bea", None)
    bea.signs_in()
    bea.goes_to_change()
    page.get_by_role("radio", name="Business").check()
    page.get_by_role("button", name="Review upgrade").first.click()
    page.get_by_role("button", name="and upgrade").first.click()
    page.get_by_role("button", name="Fail the check").click()
    expect(page.get_by_role("heading", name="The payment did not go through")).to_be_visible()
    page.get_by_role("button", name="Try again: pay").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="Upgraded Premium → Business")).to_be_visible()


def test_an_upgrade_with_the_keyboard_alone(stack: Stack, page: Page):
    stack.member("kim")
    page.goto(f"{stack.origin}/account/")
    press(page, page.get_by_label("E-mail address"))
    page.keyboard.type("kim@demo.example")
    press(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your Membership")).to_be_visible()
    press(page, page.get_by_role("link", name="Skip to content"), "Enter")
    press(page, page.get_by_role("link", name="Change", exact=True).first, "Enter")
    press(page, page.get_by_role("radio", name="Free"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Premium")).to_be_checked()
    expect(page.locator("#announce")).to_contain_text("Due today €30.00.")
    press(page, page.locator("#summary").get_by_role("button", name="Review upgrade"), "Enter")
    press(page, page.get_by_role("button", name="Pay €30.00 and upgrade").first, "Enter")
    press(page, page.get_by_role("button", name="Pay €30.00"), "Enter")
    expect(page.get_by_role("heading", name="Upgraded Free → Premium")).to_be_visible()
    press(page, page.get_by_role("link", name="Back to your account"), "Enter")
    expect(page.locator("#membership").get_by_text("Premium", exact=True)).to_be_visible()


def test_an_upgrade_without_scripts(stack: Stack, without_scripts: Page):
    stack.member("nils")
    page = without_scripts
    nils = Customer(page, stack, "nils", None)
    nils.signs_in()
    nils.goes_to_change()
    page.get_by_role("radio", name="Premium").check()
    page.get_by_role("button", name="Update total").click()
    expect(page.locator("#summary").get_by_text("€30.00").filter(visible=True).first).to_be_visible()
    page.locator("#summary").get_by_role("button", name="Review upgrade").click()
    page.get_by_role("button", name="Pay €30.00 and upgrade").first.click()
    nils.pays("€30.00")
    expect(page.get_by_role("heading", name="Upgraded Free → Premium")).to_be_visible()


@pytest.mark.parametrize("width", [390])
def test_dutch_from_a_shared_link_to_the_invoice(stack: Stack, page: Page, pictures: Path | None, width: int):
    stack.member("daan", language="nl")
    daan = Customer(page, stack, "daan", pictures)
    page.goto(f"{stack.origin}/?lang=nl")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    daan.looks_closely("eerste-pagina")
    page.get_by_role("link", name="Inloggen").first.click()
    page.get_by_label("E-mail").fill("daan@demo.example")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.get_by_role("link", name="Wijzigen", exact=True).first.click()
    page.get_by_role("radio", name="Premium").check()
    expect(page.locator("#announce")).to_contain_text("Vandaag te betalen: €\N{NO-BREAK SPACE}30,00.")
    page.get_by_role("button", name="Upgrade controleren").first.click()
    daan.looks_closely("controleren")
    page.get_by_role("button", name="€\N{NO-BREAK SPACE}30,00 betalen en upgraden").first.click()
    daan.pays("€30.00")
    expect(page.get_by_role("heading", name="Upgrade Free → Premium")).to_be_visible()
    daan.looks_closely("gelukt")

    page.goto(f"{stack.origin}/account/")
    address = page.locator("#history a[href$='.pdf']").first.get_attribute("href")
    invoice = lines_of(page.request.get(f"{stack.origin}{address}").body())
    assert "Factuur" in invoice[0] or "Factuur" in invoice
    assert not {"Invoice", "Total", "Due"} & set(invoice)


FRAMED = """element => {
  const frames = element => getComputedStyle(element).outlineStyle !== "none";
  return element.matches(":focus-visible") && (frames(element) || frames(element.closest("label, .choice, .switch")));
}"""


def press(page: Page, wanted: Locator, *keys: str) -> None:
    """Come to what is `wanted` as who has no mouse does, see that it is framed, and press `keys`."""
    for _ in range(FARTHEST):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    assert wanted.evaluate(FRAMED), "who comes by keyboard does not see where they are"
    for key in keys:
        page.keyboard.press(key)
