"""`expand[]`: ids in an answer replaced by the objects they name."""

import copy
from typing import Any

from sandbox import sessions, store
from sandbox.refusals import Refusal
from sandbox.store import Body

DEEPEST = 4

# What may be expanded, by kind of object: the property's name and the kind it names.
EXPANDABLE: dict[str, dict[str, str]] = {
    "charge": {"customer": "customer", "payment_intent": "payment_intent"},
    "checkout.session": {
        "customer": "customer",
        "payment_intent": "payment_intent",
        "setup_intent": "setup_intent",
    },
    "customer": {"invoice_settings.default_payment_method": "payment_method"},
    "payment_intent": {
        "customer": "customer",
        "latest_charge": "charge",
        "payment_method": "payment_method",
    },
    "payment_method": {"customer": "customer"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "setup_intent": {"customer": "customer", "payment_method": "payment_method"},
}


def expand(body: Body, paths: list[str]) -> Body:
    """A copy of the answer with these paths expanded. Raises Refusal for what cannot be."""
    body = copy.deepcopy(body)
    for path in paths:
        segments = path.split(".")
        if len(segments) > DEEPEST:
            raise Refusal(
                f"You cannot expand more than {DEEPEST} levels of a property ({path}).", param="expand"
            )
        _open(body, segments, path=path)
    return body


def _open(owner: Body, segments: list[str], *, path: str) -> None:
    if not segments:
        return
    if owner.get("object") == "list" and segments[0] == "data":
        for item in owner["data"]:
            _open(item, segments[1:], path=path)
        return
    holder, name, rest = _place(owner, segments)
    kind = owner.get("object", "")
    if kind == "checkout.session" and name == "line_items":
        owner[name] = copy.deepcopy(sessions.lines_of(store.find(kind, owner["id"])))
        return
    if kind == "charge" and name == "refunds":
        rows = store.of_kind("refund").filter(body__charge=owner["id"])
        owner[name] = store.page(rows, {}, url=f"/v1/charges/{owner['id']}/refunds")
        return
    dotted = ".".join(segments[: len(segments) - len(rest)])
    target = EXPANDABLE.get(kind, {}).get(dotted)
    if target is None:
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(holder[name], str):
        holder[name] = copy.deepcopy(store.find(target, holder[name]).body)
    if isinstance(holder[name], dict):
        _open(holder[name], rest, path=path)


def _place(owner: Body, segments: list[str]) -> tuple[Body, str, list[str]]:
    """The dict that holds the property, its name there, and the path beyond; plain hashes are walked."""
    holder: Any = owner
    for place, name in enumerate(segments):
        inner = holder.get(name)
        if isinstance(inner, dict) and "object" not in inner and place + 1 < len(segments):
            holder = inner
            continue
        return holder, name, segments[place + 1 :]
    return holder, segments[-1], []
