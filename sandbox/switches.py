"""What tests may set: how deliveries go wrong, which requests fail. In memory: a restart clears it."""

import fnmatch
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

FaultKind = Literal["cut_before", "timeout_after", "server_error", "rate_limit"]


class BadSetting(ValueError):
    """A setting that does not exist or has the wrong shape; the message says which."""


@dataclass(slots=True, kw_only=True)
class Drop:
    """Events not to send. `count` None: all of them; `types` None: of every type."""

    count: int | None = None
    types: list[str] | None = None


@dataclass(slots=True, kw_only=True)
class Fault:
    """Requests to fail: the next `times` of this method whose path fits the pattern (`*` is anything)."""

    kind: FaultKind
    times: int = 1
    path: str = "*"
    method: str = "POST"


@dataclass(slots=True, kw_only=True)
class Switches:
    """`duplicate`: copies sent beyond the first. `delay`: seconds. `reorder`: newest first in a burst."""

    duplicate: int = 0
    delay: float = 0.0
    reorder: bool = False
    paused: bool = False
    drop: Drop | None = None
    faults: list[Fault] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)


_lock = threading.Lock()
switches = Switches()


def change(given: dict[str, Any]) -> None:
    """Sets what is named, leaves the rest; all or nothing. Raises BadSetting.

    `drop` None: nothing is dropped. `fail_next`: adds a fault; None calls all of them off.
    """
    read = {name: _read(name, value) for name, value in given.items()}
    with _lock:
        for name, value in read.items():
            if name != "fail_next":
                setattr(switches, name, value)
            elif value is None:
                switches.faults.clear()
            else:
                switches.faults.append(value)


def _read(name: str, value: Any) -> Any:
    match name, value:
        case "duplicate", int() if not isinstance(value, bool) and value >= 0:
            return value
        case "delay", int() | float() if not isinstance(value, bool) and value >= 0:
            return float(value)
        case (("reorder" | "paused"), bool()):
            return value
        case (("drop" | "fail_next"), None):
            return None
        case "drop", dict():
            return _built(Drop, value)
        case "fail_next", dict():
            return _fault(value)
    raise BadSetting(f"no such setting, or not such a value: {name} = {value!r}")


def _fault(value: dict[str, Any]) -> Fault:
    fault: Fault = _built(Fault, value)
    if fault.kind not in get_args(FaultKind):
        raise BadSetting(f"fail_next.kind is one of {', '.join(get_args(FaultKind))}")
    return fault


def _built(shape: type, value: dict[str, Any]) -> Any:
    unknown = set(value) - {each.name for each in fields(shape)}
    if unknown:
        raise BadSetting(f"{shape.__name__.lower()} knows no {', '.join(sorted(unknown))}")
    try:
        return shape(**value)
    except TypeError as error:
        raise BadSetting(str(error)) from error


def reset() -> None:
    with _lock:
        fresh = Switches()
        for each in fields(Switches):
            setattr(switches, each.name, getattr(fresh, each.name))


def state() -> dict[str, Any]:
    with _lock:
        return asdict(switches) | {"requests": dict(switches.requests)}


def seen(request: str) -> None:
    """Counts a request that arrived, by `METHOD /path/{id}`, whatever becomes of it."""
    with _lock:
        switches.requests[request] += 1


def take_fault(*, method: str, path: str) -> FaultKind | None:
    """The fault this request is to suffer, used up by one."""
    with _lock:
        for fault in switches.faults:
            if fault.method == method and fnmatch.fnmatchcase(path, fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    switches.faults.remove(fault)
                return fault.kind
    return None


def take_drop(event_type: str) -> bool:
    """Whether this event is not to be sent, used up by one."""
    with _lock:
        drop = switches.drop
        if drop is None or (drop.types is not None and event_type not in drop.types):
            return False
        if drop.count is not None:
            drop.count -= 1
            if drop.count <= 0:
                switches.drop = None
        return True
