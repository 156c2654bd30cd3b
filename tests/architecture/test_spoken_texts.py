"""What Python code says to people goes through gettext: the words in the places where people read them."""

import ast
from collections.abc import Iterator

from tests.architecture.test_translations import ROOT, has_words

APPS = ("accounts", "checkout", "memberships", "products", "sites")
NOT_FOR_PEOPLE = ("migrations", "management", "api")  # operators and programmers read English
SAME_IN_EVERY_LANGUAGE = {
    "checkout/hooks/admin/message.py": ["webhook-id"],  # a header's name
    "sites/content/beginnings.py": ["Blog"],
}
SAYS = {"ValidationError", "add_error", "success", "info", "warning", "error", "HttpResponseNotFound"}
"""Calls whose words are shown. `log.info` and its like are not: see `is_log`."""
SHOWS = {
    "label", "help_text", "verbose_name", "verbose_name_plural", "description", "empty_label", "error_messages",
    "violation_error_message", "title", "heading", "placeholder", "short_description",
}  # fmt: skip


def test_no_code_says_a_text_that_cannot_be_translated():
    sources = [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if not set(NOT_FOR_PEOPLE) & set(path.relative_to(ROOT).parts)
    ]
    assert len(sources) > 200
    bare = {str(path.relative_to(ROOT)): found for path in sources if (found := bare_texts(path.read_text()))}
    assert bare == SAME_IN_EVERY_LANGUAGE


def test_a_bare_text_in_code_is_found():
    code = """
name = models.CharField(_("name"), help_text="Seen by all.")
messages.error(request, f"Owes {amount} now.")
log.info("nobody reads this")
raise ValidationError({"domain": "Not a name.", "code": _("A code.")}, code="no_such_code")
Form(label=_("Fine"), error_messages={"required": "Fill this in."})
"""
    assert bare_texts(code) == ["Seen by all.", "Owes  now.", "Not a name.", "Fill this in."]


def bare_texts(code: str) -> list[str]:
    """The words in `code` that people read and no translation reaches, from top to bottom."""
    return [
        text
        for call in calls(code)
        for part in shown_parts(call)
        for text in literals(part)
        if has_words(text)
    ]


def calls(code: str) -> Iterator[ast.Call]:
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))


def shown_parts(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in SAYS and not is_log(call.func):
        yield from (part for part in call.args if not (name == "add_error" and part is call.args[0]))
    for keyword in call.keywords:
        are_colours = keyword.arg == "label" and isinstance(keyword.value, ast.Dict)  # of Unfold's badges
        if keyword.arg in SHOWS and not are_colours:
            yield keyword.value


def is_log(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and getattr(function.value, "id", "") in {
        "log",
        "logger",
        "self",
    }


def literals(part: ast.expr) -> Iterator[str]:
    """The words that stand here as they are: alone, with values in between, or in a dict or list."""
    match part:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(each.value) for each in values if isinstance(each, ast.Constant))
        case ast.Dict(values=values):
            for each in values:
                yield from literals(each)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            for each in parts:
                yield from literals(each)
