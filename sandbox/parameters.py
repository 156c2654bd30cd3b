"""Which parameters a request may have, and their reading from text into values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sandbox.refusals import Refusal

Fields = Mapping[str, "Parameter"]

LONGEST_METADATA_KEY = 40
LONGEST_METADATA_VALUE = 500
MOST_METADATA = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `clears`: an empty text takes the stored value away instead of being refused."""

    kind: Literal["text", "integer", "flag", "metadata", "hash", "list", "created"]
    choices: tuple[str, ...] = ()
    fields: Fields = field(default_factory=dict)
    item: "Parameter | None" = None
    required: bool = False
    clears: bool = False


TEXT = Parameter(kind="text")
CLEARABLE = Parameter(kind="text", clears=True)
INTEGER = Parameter(kind="integer")
FLAG = Parameter(kind="flag")
METADATA = Parameter(kind="metadata")
CREATED = Parameter(kind="created", fields=dict.fromkeys(("gt", "gte", "lt", "lte"), INTEGER))


def choice(*choices: str) -> Parameter:
    return Parameter(kind="text", choices=choices)


def hash_of(**fields: Parameter) -> Parameter:
    return Parameter(kind="hash", fields=fields)


def list_of(item: Parameter) -> Parameter:
    return Parameter(kind="list", item=item)


def required(parameter: Parameter) -> Parameter:
    return replace(parameter, required=True)


def read(raw: Mapping[str, Any], fields: Fields, *, within: str = "") -> dict[str, Any]:
    """The values of `raw`, typed. Raises Refusal for what is unknown, missing or of the wrong kind."""
    for name in raw:
        if name not in fields:
            full = _full(within, name)
            raise Refusal(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name, parameter in fields.items():
        if parameter.required and name not in raw:
            full = _full(within, name)
            raise Refusal(f"Missing required param: {full}.", code="parameter_missing", param=full)
    return {name: _value(value, fields[name], name=_full(within, name)) for name, value in raw.items()}


def _full(within: str, name: str) -> str:
    return f"{within}[{name}]" if within else name


def _value(raw: Any, parameter: Parameter, *, name: str) -> Any:
    return _READERS[parameter.kind](raw, parameter, name)


def _hash(raw: Any, parameter: Parameter, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Refusal("Invalid object", param=name)
    return read(raw, parameter.fields, within=name)


def _list(raw: Any, parameter: Parameter, name: str) -> list[Any]:
    if not isinstance(raw, list):
        raise Refusal("Invalid array", param=name)
    assert parameter.item is not None
    return [_value(item, parameter.item, name=f"{name}[{place}]") for place, item in enumerate(raw)]


def _created(raw: Any, parameter: Parameter, name: str) -> dict[str, Any]:
    """Bounds in seconds since 1970; a single moment is both of them."""
    if isinstance(raw, dict):
        return _hash(raw, parameter, name)
    moment = _integer(raw, parameter, name)
    return {"gte": moment, "lte": moment}


def _text(raw: Any, parameter: Parameter, name: str) -> str | None:
    if raw == "" and parameter.clears:
        return None
    text = _single(raw, name)
    if parameter.choices and text not in parameter.choices:
        raise Refusal(f"Invalid {name}: must be one of {', '.join(parameter.choices)}", param=name)
    return text


def _integer(raw: Any, _parameter: Parameter, name: str) -> int:
    text = _single(raw, name)
    try:
        return int(text)
    except ValueError:
        raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name) from None


def _flag(raw: Any, _parameter: Parameter, name: str) -> bool:
    text = _single(raw, name)
    if text not in ("true", "false"):
        raise Refusal(f"Invalid boolean: {text}", param=name)
    return text == "true"


def _single(raw: Any, name: str) -> str:
    """One value that is not empty."""
    if not isinstance(raw, str):
        raise Refusal("Invalid string: expected a single value", param=name)
    if raw == "":
        raise Refusal(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or "
            "supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return raw


def _metadata(raw: Any, _parameter: Parameter, name: str) -> dict[str, str] | None:
    """Keys with an empty value are to be taken away; None: all of them are."""
    if raw == "":
        return None
    if isinstance(raw, list):  # all keys were digits
        raw = {str(place): value for place, value in enumerate(raw)}
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise Refusal("Metadata values must be strings", param=name)
    for key, value in raw.items():
        if len(key) > LONGEST_METADATA_KEY:
            raise Refusal(f"Metadata keys can be {LONGEST_METADATA_KEY} characters long: {key}", param=name)
        if len(value) > LONGEST_METADATA_VALUE:
            raise Refusal(
                f"Metadata values can be {LONGEST_METADATA_VALUE} characters long: {key}",
                param=f"{name}[{key}]",
            )
    if len(raw) > MOST_METADATA:
        raise Refusal(f"You can have up to {MOST_METADATA} metadata keys", param=name)
    return raw


_READERS: dict[str, Callable[[Any, Parameter, str], Any]] = {
    "created": _created,
    "flag": _flag,
    "hash": _hash,
    "integer": _integer,
    "list": _list,
    "metadata": _metadata,
    "text": _text,
}


def merge_metadata(stored: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Stripe's rule for an update: named keys change, empty ones go, None clears all."""
    if given is None:
        return {}
    return {key: value for key, value in {**stored, **given}.items() if value != ""}
