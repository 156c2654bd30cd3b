"""What a customer may write in the styles of their own site.

Styles run no script, and the content policy lets them load nothing from elsewhere. Here they are read by the
rules of CSS itself, so that whoever writes something that would not work is told the line.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import tinycss2
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST: Final = 30_000  # characters
MOST_PROBLEMS: Final = 5  # told at once
AT_RULES: Final = frozenset(
    {"container", "keyframes", "layer", "media", "property", "scope", "starting-style", "supports"}
)
LOADING: Final = frozenset({"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade"})
OWN_FILES: Final = "/media/"


def validate_stylesheet(text: str) -> None:
    """Raise ValidationError, naming the first lines at fault, when `text` is not CSS or would load something from
    elsewhere."""
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    problems = sorted(set(_problems(rules)))[:MOST_PROBLEMS]
    if problems:
        lines = [_("Line %(line)d: %(what)s") % {"line": line, "what": what} for line, what in problems]
        raise ValidationError(lines, code="unsafe_styles")


def _problems(nodes: Iterable[Any]) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) for every node, however deep it stands."""
    for node in nodes:
        if node.type == "error":
            yield node.source_line, _("this is not CSS: %(message)s.") % {"message": node.message}
        elif node.type == "url":
            yield from _foreign(node)
        elif node.type in {"at-rule", "at-keyword"}:
            name = (node.at_keyword if node.type == "at-rule" else node.value).lower()
            if name not in AT_RULES:
                yield node.source_line, _("@%(name)s is not possible here.") % {"name": name}
        elif node.type == "function" and node.lower_name in LOADING:
            yield from (found for part in node.arguments if part.type == "string" for found in _foreign(part))
        for part in ("prelude", "content", "arguments", "value"):
            inner = getattr(node, part, None)
            if isinstance(inner, list):
                yield from _problems(inner)


def _foreign(node: Any) -> Iterator[tuple[int, str]]:
    address = urlsplit(node.value.strip())
    own = not address.scheme and not address.netloc and address.path.startswith(OWN_FILES)
    if not own and address.scheme != "data":
        what = _("pictures come from this site's own files, at %(path)s….") % {"path": OWN_FILES}
        yield node.source_line, what
