import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.stack import Stack

# Without the last four, Chromium calls home at every start.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-domain-reliability",
]  # fmt: skip

PATIENCE = 20_000  # milliseconds, for a busy machine; nothing here tells how fast a page is
expect.set_options(timeout=PATIENCE)

REFUSED = "the server responded with a status of 422"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), database="story", with_demo=True) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing: ./run browser installs it.")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=FLAGS)


@pytest.fixture
def pictures() -> Path | None:
    """Where to leave screenshots, if asked for by PICTURES."""
    folder = os.environ.get("PICTURES")
    return Path(folder) if folder else None


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh visitor; the width is the test's parameter `width`. What the console complains of fails the
    test, except in the dashboard, where Wagtail saves drafts by itself and a refused one is an answer 400, and
    where a form was refused (422), which is an answer that the tests read."""
    width = getattr(request.node, "callspec", None)
    width = width.params.get("width", 1280) if width else 1280
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{page.url}: {message.text}")
            if message.type == "error" and "/dashboard/" not in page.url and REFUSED not in message.text
            else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
