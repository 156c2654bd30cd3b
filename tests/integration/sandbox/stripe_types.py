"""What stripe-python's type hints say of Stripe's objects and parameters, and what in a value breaks them."""

import builtins
import inspect
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import stripe
import stripe.params
import stripe.params.checkout
import typing_extensions
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject  # what metadata is typed as; not exported

# Parameters that only the Python client knows; they never go over the wire.
CLIENT_ONLY = frozenset(
    {
        "api_key",
        "content_type",
        "headers",
        "idempotency_key",
        "max_network_retries",
        "stripe_account",
        "stripe_context",
        "stripe_version",
    }
)


class _Names(dict[str, Any]):
    """Names that stripe-python imports for type checkers only, found when a hint asks for them."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        if name.endswith("Resource"):
            return getattr(stripe, name.removesuffix("Resource"))
        modules = (
            typing,
            stripe,
            stripe.checkout,
            stripe.test_helpers,
            stripe.params,
            stripe.params.checkout,
        )
        for module in modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise KeyError(name)


def hints(shape: type) -> dict[str, Any]:
    """The fields of an object's or parameters' class with their types."""
    found = typing_extensions.get_type_hints(shape, localns=_Names(), include_extras=True)
    return {name: hint for name, hint in found.items() if not name.startswith("_") and name != "OBJECT_NAME"}


def bare(hint: Any) -> Any:
    """Without NotRequired and the like."""
    while typing.get_origin(hint) in (
        typing_extensions.NotRequired,
        typing_extensions.Required,
        typing.Annotated,
    ):
        hint = typing.get_args(hint)[0]
    return hint


def options(hint: Any) -> tuple[Any, ...]:
    """The members of a union; the hint itself when it is none."""
    hint = bare(hint)
    return typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)


def literals(hint: Any) -> set[str]:
    """The words a hint allows; empty when it allows any."""
    return {
        word
        for each in options(hint)
        if typing.get_origin(each) is typing.Literal
        for word in typing.get_args(each)
    }


def problems(value: Any, hint: Any, *, at: str) -> Iterator[str]:
    """What in an answered value breaks the hint: one sentence each."""
    allowed = options(hint)
    if Any in allowed:
        return
    if value is None:
        if type(None) not in allowed:
            yield f"{at}: null, which is not allowed"
        return
    words = literals(hint)
    if words and isinstance(value, str):
        if value not in words:
            yield f"{at}: {value!r} is not one of Stripe's words"
        return
    tried = [list(_one(value, each, at=at)) for each in allowed if each is not type(None)]
    if [] not in tried:
        yield from min(tried, key=len)


def _one(value: Any, hint: Any, *, at: str) -> Iterator[str]:
    """The same for one member of a union."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        yield from _all(enumerate(value), inner[0], at=at) if isinstance(value, list) else [f"{at}: no list"]
    elif origin in (dict, UntypedStripeObject):
        yield from _all(value.items(), inner[-1], at=at) if isinstance(value, dict) else [f"{at}: no hash"]
    elif origin is ListObject:
        yield from _page(value, inner[0], at=at)
    elif origin is typing.Literal:
        if value not in inner:
            yield f"{at}: {value!r} is not one of Stripe's words"
    elif inspect.isclass(hint) and issubclass(hint, StripeObject):
        yield from object_problems(value, hint, at=at)
    elif type(value) is not hint:
        yield f"{at}: {value!r} is not of type {getattr(hint, '__name__', hint)}"


def _all(items: Iterable[tuple[Any, Any]], hint: Any, *, at: str) -> Iterator[str]:
    for name, item in items:
        yield from problems(item, hint, at=f"{at}[{name}]")


def object_problems(value: Any, shape: type, *, at: str) -> Iterator[str]:
    """Missing fields, unknown fields, and whatever is wrong inside."""
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is not an object"
        return
    fields = hints(shape)
    for name, hint in fields.items():
        if name not in value and type(None) not in options(hint):
            yield f"{at}.{name}: missing"
    for name, item in value.items():
        if name in fields:
            yield from problems(item, fields[name], at=f"{at}.{name}")
        else:
            yield f"{at}.{name}: unknown to Stripe"


def _page(value: Any, item: Any, *, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        yield f"{at}: not a list object"
        return
    if set(value) != {"object", "data", "has_more", "url"}:
        yield f"{at}: a list object has object, data, has_more and url, not {sorted(value)}"
    for place, each in enumerate(value["data"]):
        yield from problems(each, item, at=f"{at}.data[{place}]")
