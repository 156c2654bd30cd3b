"""docs/api.md does what it says: its commands are run, and answer what stands below them."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest
from django.utils import timezone

from checkout.api.openapi import MEANINGS
from tests.integration.api.conftest import Program, just_now, token_for

pytestmark = pytest.mark.django_db
DOCS = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(sh|json)\n(.*?)^```$", DOCS, flags=re.DOTALL | re.MULTILINE)
DIFFERS = {  # from run to run; everything else must be as it is written
    "<id>": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "<day>": r"\d{1,2} [A-Z][a-z]+ \d{4}( \d\d:\d\d UTC)?",
    "<reference>": r"RF\d\d[0-9A-Z]{12}",
    "<address>": r"https?://[^\"]+",
    "<title>": r"Unprocessable \w+",  # as Python calls the status, which has changed its name
}


def examples() -> Iterator[tuple[str, Any]]:
    """The commands in their order, each with the answer that stands below it, or None."""
    for place, (kind, text) in enumerate(BLOCKS):
        if kind == "sh":
            after = BLOCKS[place + 1] if place + 1 < len(BLOCKS) else ("", "")
            yield text, json.loads(after[1]) if after[0] == "json" else None


def run(program: Program, command: str, variables: dict[str, str]) -> Any:
    """What `command` answers: a curl with an address, a header, and perhaps a body in a here-document."""
    line, _newline, body = Template(command).substitute(variables).partition("\n")
    curl, address, flag, header, *rest = shlex.split(line)
    assert (curl, flag, header) == ("curl", "-H", f"Authorization: Bearer {variables['TOKEN']}")
    path = address.removeprefix(variables["API"])
    if not rest:
        return program.get(path)
    assert rest == ["--json", "@-", "<<END"]
    assert body.endswith("END\n")
    return program.post(path, body.removesuffix("END\n"))


def alike(answer: Any) -> Any:
    text = json.dumps(answer, ensure_ascii=False)
    for name, pattern in DIFFERS.items():
        text = re.sub(pattern, name, text)
    return json.loads(text)


def test_each_command_answers_what_stands_below_it(world, catalogue):
    member = world.signs_up("fleur", catalogue.free, now=just_now())
    secret = token_for(member.customer.user, now=timezone.now()).secret
    variables = {
        "API": "https://network.example/api/v1",
        "TOKEN": secret,
        "MEMBERSHIP": str(member.uid),
        "PLAN": str(catalogue.premium.uid),
        "ADDON": str(catalogue.disk.uid),
    }
    program, told = Program(secret), list(examples())
    for command, written in told:
        answer = run(program, command, variables)
        if written is not None:
            assert alike(answer.json()) == alike(written)
            assert [*answer.json()] == [*written]
        assert answer.status_code in {200, 201, (written or {}).get("status")}
        if answer.status_code == 201:
            variables["QUOTE" if "/quotes" in command else "ORDER"] = answer.json()["id"]
    assert len(told) == 9
    assert sum(written is not None for _command, written in told) == 4


def test_every_problem_that_is_described_stands_in_the_table():
    statuses = {int(status) for status in re.findall(r"^\| (\d{3}) \| `", DOCS, flags=re.MULTILINE)}
    described = {status for status in MEANINGS if status >= 400}
    assert statuses - described == {405, 500}
    assert described <= statuses
