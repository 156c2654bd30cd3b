"""What a customer does in the browser, in the words of a story."""

from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.stack import PASSWORD, Stack


class Customer:
    def __init__(self, page: Page, stack: Stack, name: str, pictures: Path | None) -> None:
        self.page = page
        self.stack = stack
        self.name = name
        self.pictures = pictures

    def look(self, what: str) -> None:
        """Leave a picture, if asked for."""
        if self.pictures:
            width = (self.page.viewport_size or {"width": 0})["width"]
            self.page.screenshot(path=self.pictures / f"{what}-{width}.png", full_page=True)

    def looks_closely(self, what: str) -> None:
        """Leave a picture, and find nothing on the page that keeps somebody out or is wider than the screen."""
        self.look(what)
        found: list[dict[str, Any]] = Axe().run(self.page)["violations"]
        wrong = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]
        assert wrong == [], f"{self.page.url}: {wrong}"
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def signs_in(self, heading: str = "Your Membership") -> None:
        self.page.goto(f"{self.stack.origin}/account/")
        self.page.get_by_label("E-mail address").fill(f"{self.name}@demo.example")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()

    def opens_the_dashboard(self) -> None:
        self.page.goto(f"{self.stack.origin}/account/")
        self.page.get_by_role("button", name="Dashboard").click()
        self.page.wait_for_url("**/dashboard/")

    def writes_a_post(self, title: str) -> None:
        """The blog is page 4 of every site: sites are made from one template."""
        self.page.goto(f"{self.stack.site(self.name)}/dashboard/pages/add/content/postpage/4/")
        self.page.locator("#id_title").press_sequentially(title)
        self.page.locator("#id_title").blur()
        # Wagtail makes the address from the title a moment later; a person does not press Publish within it.
        expect(self.page.locator("#id_slug")).to_have_value(title.lower().replace(" ", "-"))
        self.page.get_by_role("button", name="More actions").last.click()
        self.page.get_by_role("button", name="Publish").click()

    def goes_to_change(self) -> None:
        self.page.goto(f"{self.stack.origin}/account/")
        self.page.get_by_role("link", name="Change", exact=True).first.click()

    def chooses_premium(self) -> None:
        """From Free, as far as the page that is reviewed."""
        self.goes_to_change()
        self.page.get_by_role("radio", name="Premium").check()
        self.page.get_by_role("button", name="Review upgrade").first.click()
        expect(self.page.get_by_role("heading", name="Review", exact=True)).to_be_visible()

    def pays(self, amount: str) -> None:
        """On the gateway's page, with the card that always works."""
        expect(self.page.get_by_text("Amount to pay")).to_be_visible()
        self.page.get_by_role("button", name=f"Pay {amount}").click()
