"""The network's pages hold to the strict Content-Security-Policy, and no colour stands outside the tokens."""

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (ROOT / "templates").rglob("*.html")
    if "mail" not in path.relative_to(ROOT / "templates").parts
)
SHEETS = [
    ROOT / "static" / "css" / name
    for name in re.findall(r"css/([a-z]+\.css)", (ROOT / "templates/components/stylesheets.html").read_text())
]
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script in the page": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a file from elsewhere": re.compile(r"(?:src|<link[^>]*href)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_page_holds(what):
    assert PAGES
    assert [path.name for path in PAGES if INLINE[what].search(path.read_text())] == []


def test_every_icon_that_a_page_names_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "img" / "icons.svg").read_text()))
    named = {
        icon
        for path in PAGES
        for icon in re.findall(r'components/icon\.html" with name="([a-z-]+)"', path.read_text())
    }
    assert named - drawn == set()


def test_colours_are_named_in_the_tokens_alone():
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)\(", re.IGNORECASE)
    used = {sheet.name: sorted(set(colour.findall(sheet.read_text()))) for sheet in SHEETS}
    # a code to scan and a sheet of paper are white whatever the colour scheme
    assert len(SHEETS) == 6
    assert {name: found for name, found in used.items() if found and name != "tokens.css"} == {
        "pages.css": ["#fff"]
    }


def test_text_can_be_read_on_every_surface_in_both_colour_schemes():
    written = re.compile(r"--([a-z-]+):\s*light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)")
    tokens = dict(written.findall((ROOT / "static" / "css" / "tokens.css").read_text()))
    inks, grounds = ("ink", "ink-muted", "ink-subtle", "accent"), ("page", "surface", "sunken")
    tones = ("good", "warn", "bad", "note", "accent")
    pairs = [
        *product(inks, grounds),
        *((tone, f"{tone}-soft") for tone in tones),
        *((text, f"{tone}-soft") for text in ("ink", "ink-muted") for tone in tones),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("on-bad", "bad-fill"),
    ]
    too_faint = [
        (ink, ground, scheme)
        for ink, ground in pairs
        for scheme, (front, back) in enumerate(
            zip(tokens[ink].split(", "), tokens[ground].split(", "), strict=True)
        )
        if contrast(front, back) < 4.5
    ]
    assert too_faint == []


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours written as #rrggbb."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
