"""Staff put right what a lost webhook left undone: first they look what handling it would do."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.customer import Customer
from tests.stack import PASSWORD, Stack

CARD_THAT_WORKS = "4242424242424242"
UPGRADED = "Upgraded Free → Premium"


@pytest.fixture
def silence(stack: Stack) -> Iterator[None]:
    """The gateway tells us nothing by itself for a while."""
    stack.gateway.control(paused=True)
    yield
    stack.gateway.control(paused=False)


@pytest.mark.usefixtures("silence")
def test_a_webhook_is_looked_at_dry_and_then_replayed(
    stack: Stack, page: Page, browser: Browser, pictures: Path | None
):
    stack.member("quinten")
    quinten = Customer(page, stack, "quinten", pictures)
    quinten.signs_in()
    quinten.chooses_premium()
    page.get_by_role("button", name="Pay €30.00 and upgrade").first.click()
    expect(page.get_by_text("Amount to pay")).to_be_visible()
    session = re.search(r"cs_\w+", page.url)
    assert session is not None
    stack.gateway.pay(session[0], card=CARD_THAT_WORKS)
    page.goto("about:blank")  # the browser is closed before it is back
    gave_up_on(stack, "checkout.session.completed", session[0])

    room = browser.new_context(viewport={"width": 1280, "height": 900})
    desk = Customer(room.new_page(), stack, "admin", pictures)
    staff = desk.page
    staff.goto(f"{stack.origin}/admin/memberships/inboundevent/?look=given_up&q={session[0]}")
    staff.get_by_label("E-mail address").fill("admin@demo.example")
    staff.get_by_label("Password").fill(PASSWORD)
    staff.get_by_role("button", name="Sign in").click()
    staff.locator("#result_list tbody a").first.click()
    staff.get_by_role("link", name="Dry run: what would it do?").click()

    expect(staff.get_by_role("heading", name="Dry run")).to_be_visible()
    for told in (UPGRADED, "state: Open", "state: Paid", f"{UPGRADED}, €30.00"):
        expect(staff.get_by_role("cell", name=told, exact=True).first).to_be_visible()
    expect(staff.get_by_text("Nothing of this has happened, and nobody was told.")).to_be_visible()
    desk.look("dry-run")
    assert plan_of(stack, "quinten") == "free"

    staff.get_by_role("button", name="Replay: handle this event again").click()
    expect(staff.get_by_text("1 event is being handled again.")).to_be_visible()
    give_up = time.monotonic() + 20
    while plan_of(stack, "quinten") == "free" and time.monotonic() < give_up:
        staff.wait_for_timeout(200)
    staff.reload()
    expect(staff.get_by_text("Handled").first).to_be_visible()
    room.close()

    page.goto(f"{stack.origin}/account/")
    expect(page.locator("#history").get_by_text(UPGRADED)).to_have_count(1)


def gave_up_on(stack: Stack, kind: str, object_id: str) -> None:
    """An event that came and could not be handled, ten times."""
    with psycopg.connect(stack.database_url) as connection:
        connection.execute(
            "INSERT INTO memberships_inboundevent (source, external_id, kind, object_id, payload, state, attempts,"
            " effect, error, received_at) VALUES ('stripe', %s, %s, %s, '{}', 'failed', 10, '', 'cut', now())",
            [f"evt_{object_id}", kind, object_id],
        )


def plan_of(stack: Stack, name: str) -> str:
    with psycopg.connect(stack.database_url) as connection:
        query = (
            "SELECT product.code FROM memberships_membershipitem item JOIN products_product product ON"
            " product.id = product_id JOIN memberships_membership membership ON membership.id = membership_id"
            " JOIN memberships_customer customer ON customer.id = customer_id JOIN accounts_user person ON"
            " person.id = customer.user_id WHERE person.email = %s AND item.ended_at IS NULL"
            " AND product.type = 'plan'"
        )
        row = connection.execute(query, [f"{name}@demo.example"]).fetchone()
    assert row is not None
    return str(row[0])
