"""What an author types becomes blocks that a page can show."""

import pytest

from accounts.legal.wording import Block, blocks


def block(sort, *lines):
    return Block(sort=sort, lines=lines)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", []),
        ("\n \r\n\t\n", []),
        ("One\r\nTwo\r\n\r\nThree", [block("paragraph", "One", "Two"), block("paragraph", "Three")]),
        ("## A\n## B\nText", [block("heading", "A"), block("heading", "B"), block("paragraph", "Text")]),
        ("Say:\n- one\n  - two\n\n- three", [
            block("paragraph", "Say:"), block("list", "one", "two"), block("list", "three"),
        ]),
        ("#no heading\n-no entry", [block("paragraph", "#no heading", "-no entry")]),
        ("## - A", [block("heading", "- A")]),
    ],
)  # fmt: skip
def test_an_empty_line_a_heading_and_an_entry_each_begin_a_block(typed, shown):
    assert list(blocks(typed)) == shown
