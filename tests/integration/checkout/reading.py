"""Reading pages as people do."""

import re
from html import unescape
from typing import Any


def text_of(response: Any) -> str:
    """What a reader sees of a page: its text, with single spaces."""
    html = re.sub(r"<(script|style|title)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()
