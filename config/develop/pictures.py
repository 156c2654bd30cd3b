"""``./run pictures``: what every page looks like, as contact sheets in `docs/pictures/`.

Starts the demo on servers of its own and opens the pages of `tests.browser.pages`, a list that a test holds complete,
as whoever it names: on a phone and on a desktop, light and dark. With names of sheets as arguments, only those.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

from config.embedded import EmbeddedError, Services, throwaway_folder
from config.embedded.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext

    from tests.browser.pages import Visit
    from tests.stack import Stack

FOLDER: Final = ROOT / "docs" / "pictures"
SHEETS: Final[Mapping[str, tuple[str, ...]]] = {
    "public": ("home", "checkout:pricing", "legal:"),
    "signing-in": ("account_",),
    "security": ("mfa_", "usersessions", "accounts:", "tokens:"),
    "signing-up": ("checkout:sign_up", "checkout:welcome"),
    "account": ("checkout:account", "checkout:add_site", "checkout:billing", "checkout:cancel"),
    "change": ("checkout:",),
    "sites": ("sites:",),
    "design": ("design",),
    "desk": ("admin:",),
}
"""What the names of a sheet's pages begin with; a page is on the first sheet that it fits."""
ROWS: Final = 6  # of one sheet; what is more goes on on another
MOST_BYTES: Final = 300_000
QUALITIES: Final = (72, 60, 48, 36, 24)
PHONE, DESKTOP = 390, 1280  # CSS pixels
LOOKS: Final = ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark"))
SHOWN: Final = {PHONE: 220, DESKTOP: 560}  # pixels of a picture on a sheet
ROW, GAP, TITLE = 640, 16, 30
FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PAPER, INK = "#5d6a65", "#ffffff"
Row = tuple[str, list[Image.Image]]


def main(names: Sequence[str]) -> None:
    """Make the sheets `names`, or all of them."""
    if unknown := set(names) - set(SHEETS):
        sys.exit(f"There is no sheet {', '.join(sorted(unknown))}; there are {', '.join(SHEETS)}.")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing; on Debian, as root: apt install chromium.")
    try:
        with throwaway_folder() as folder:
            services = Services(folder=folder, logs=folder / "logs", durable=False)
            with services.running() as addresses:
                os.environ.update(addresses, DJANGO_SETTINGS_MODULE="config.settings.test")
                _take(names or list(SHEETS), folder, chromium)
    except EmbeddedError as problem:
        sys.exit(str(problem))


def sheet_of(route: str) -> str | None:
    """The sheet on which the page called `route` is; None for what is for programs and for the demo alone."""
    return next((name for name, begins in SHEETS.items() if route.startswith(begins)), None)


def _take(names: Sequence[str], folder: Path, chromium: str) -> None:
    import django
    from playwright.sync_api import sync_playwright

    django.setup()  # for the addresses of pages
    from tests.browser.pages import AT_THE_DESK, VISITS
    from tests.stack import Stack

    _say("Starting the demo; this takes a minute ...")
    with Stack(folder, database="pictures", with_demo=True) as stack, sync_playwright() as playwright:
        things = stack.things()
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        cookies: dict[str, str | None] = {}
        for name in names:
            wanted = [each for each in (*VISITS, *AT_THE_DESK) if sheet_of(each.route) == name]
            for each in wanted:
                if each.who not in cookies:
                    cookies[each.who] = _sign_in(browser, stack, each.who, things)
            for number, start in enumerate(range(0, len(wanted), ROWS), 1):
                rows = [_row(browser, stack, each, cookies, things) for each in wanted[start : start + ROWS]]
                _say(_write(name if number == 1 else f"{name}-{number}", _sheet(rows)))
        browser.close()


def _sign_in(browser: Browser, stack: Stack, who: str, things: Mapping[str, str]) -> str | None:
    """Sign in as `who`, and prove it once more, as some pages ask. Answers the file with the cookies."""
    from tests.browser.pages import GUARDED, NOBODY
    from tests.stack import PASSWORD

    if who == NOBODY:
        return None
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{stack.origin}/auth/login/?next=/demo/mails/")
    page.locator("[name=login]").fill(f"{who}@demo.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form .button--primary").click()
    if who == GUARDED:
        page.locator("[name=code]").fill(things["code"])
        page.locator("main form .button--primary").click()
    page.wait_for_url("**/demo/mails/")
    page.goto(f"{stack.origin}/auth/reauthenticate/?next=/demo/mails/")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form .button--primary").click()
    page.wait_for_url("**/demo/mails/")
    file = str(stack.folder / f"{who}.json")
    context.storage_state(path=file)
    context.close()
    return file


def _row(
    browser: Browser,
    stack: Stack,
    visit: Visit,
    cookies: Mapping[str, str | None],
    things: Mapping[str, str],
) -> Row:
    address = stack.origin + visit.path(dict(things))
    title = f"{visit.route}{visit.query}" + (f", as {visit.who}" if cookies[visit.who] else "")
    return title, list(_pictures(browser, address, cookies[visit.who], visit.status))


def _pictures(browser: Browser, address: str, cookies: str | None, status: int) -> Iterator[Image.Image]:
    """The page on each device and in each colour scheme. Raises RuntimeError when it does not answer as it should."""
    for width, scheme in LOOKS:
        context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            storage_state=cookies,
        )
        page = context.new_page()
        answer = page.goto(address)
        if answer is None or answer.status != status:
            raise RuntimeError(f"{address} answers {answer and answer.status} and not {status}.")
        yield Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        context.close()


def _sheet(rows: Sequence[Row]) -> Image.Image:
    """A row a page: the phone's pictures, then the desktop's, each from its top as far as the row is high."""
    widths = [SHOWN[width] for width, _scheme in LOOKS]
    size = (sum(widths) + GAP * (len(widths) + 1), len(rows) * (ROW + TITLE + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for number, (title, pictures) in enumerate(rows):
        top, left = GAP + number * (ROW + TITLE + GAP), GAP
        pen.text((left, top), title, fill=INK, font=font)
        for width, picture in zip(widths, pictures, strict=True):
            height = round(picture.height * width / picture.width)
            small = picture.resize((width, height), Image.Resampling.LANCZOS)
            sheet.paste(small.crop((0, 0, width, min(ROW, height))), (left, top + TITLE))
            left += width + GAP
    return sheet


def _write(name: str, sheet: Image.Image) -> str:
    """Keep the sheet, as good as it can be below `MOST_BYTES`."""
    file = FOLDER / f"{name}.webp"
    for quality in QUALITIES:
        sheet.save(file, quality=quality, method=6)
        if file.stat().st_size <= MOST_BYTES:
            break
    return f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
