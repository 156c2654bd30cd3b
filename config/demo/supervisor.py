"""Runs a handful of processes as one: their output on one screen, their end when we end, whatever ends us."""

from __future__ import annotations

import io
import itertools
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self, TextIO

from config.embedded.process import Process, end, spawn

_TICK: Final = 0.25  # seconds between two looks at who has ended
_FIRST_PAUSE: Final = 1.0  # seconds before a process that ended is started again; doubles each time,
_LONGEST_PAUSE: Final = 30.0  # up to this,
_STABLE: Final = 60.0  # and starts anew when it has run for so long
_COLOURS: Final = (36, 32, 33, 35, 34, 96)


class ChildFailedError(Exception):
    """A process that the others need has ended, or was not ready in time; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to run. One that `comes_back` is started again when it ends; the end of another ends all."""

    name: str
    command: Sequence[str | Path]
    comes_back: bool = False


@dataclass(slots=True, kw_only=True)
class _Place:
    """A child's place: its process, or when to start the next one."""

    child: Child
    is_step: bool
    prefix: str
    log: IO[bytes]
    process: Process | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = _FIRST_PAUSE
    incomplete: bytes = field(default=b"", repr=False)  # the beginning of a line


class Supervisor:
    """Starts children and passes on what they print, line by line, to `screen` and to a file each in `logs`.

    Use it as a context: nothing it started outlives the block, nor this process if it is killed.
    Asked to end, children have `patience` seconds for it.
    """

    def __init__(
        self, *, env: Mapping[str, str], cwd: Path, logs: Path, screen: TextIO, patience: float = 12.0
    ) -> None:
        self._env = {**env, "PYTHONUNBUFFERED": "1"}
        self._cwd = cwd
        self._logs = logs
        self._screen = screen
        self._patience = patience
        self._colours = itertools.cycle(_COLOURS) if screen.isatty() and "NO_COLOR" not in env else None
        self._selector = selectors.DefaultSelector()
        self._places: dict[str, _Place] = {}
        self._needed: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_all()

    def need(self, processes: Mapping[str, Process]) -> None:
        """Watch what somebody else started: the end of one ends all."""
        self._needed.update(processes)

    def run(self, *steps: Child, seconds: float = 600.0) -> None:
        """Run steps side by side to their end. Raises ChildFailedError when one fails or takes too long."""
        places = [self._begin(step, is_step=True) for step in steps]
        awaited = ", ".join(step.name for step in steps)
        self.tend(
            until=lambda: all(place.process is None for place in places), seconds=seconds, awaited=awaited
        )
        for step in steps:
            self._places.pop(step.name).log.close()

    def start(self, child: Child) -> None:
        """Start a child that stays."""
        self._begin(child, is_step=False)

    def tend(self, *, until: Callable[[], bool], seconds: float = float("inf"), awaited: str = "") -> None:
        """Pass on output and start again what comes back, until told.

        Raises ChildFailedError, also when what is `awaited` takes longer than `seconds`.
        """
        give_up = time.monotonic() + seconds
        while not until():
            if time.monotonic() > give_up:
                raise ChildFailedError(f"{awaited} was not ready after {seconds:.0f} seconds.")
            self._pass_on_output(_TICK)
            for place in self._places.values():
                self._look_after(place)
            for name, process in self._needed.items():
                if process.poll() is not None:
                    raise ChildFailedError(self._obituary(name, process))

    def say(self, text: str) -> None:
        """Print on the screen, between the lines of the children."""
        print(text, file=self._screen, flush=True)

    def _begin(self, child: Child, *, is_step: bool) -> _Place:
        prefix = f"{child.name:<8}| "
        if self._colours:
            prefix = f"\033[{next(self._colours)}m{prefix}\033[0m"
        log = (self._logs / f"{child.name}.log").open("wb", buffering=0)
        place = _Place(child=child, is_step=is_step, prefix=prefix, log=log)
        self._places[child.name] = place
        self._launch(place)
        return place

    def _launch(self, place: _Place) -> None:
        process = spawn(
            place.child.command,
            env=self._env,
            cwd=self._cwd,
            output=subprocess.PIPE,
            farewell=signal.SIGTERM,
        )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, place)
        place.process, place.started = process, time.monotonic()

    def _look_after(self, place: _Place) -> None:
        if place.process is None:
            if not place.is_step and time.monotonic() >= place.start_at:
                self._launch(place)
            return
        process = place.process
        if process.poll() is None:
            return
        self._bury(place)
        if place.is_step and process.returncode == 0:
            return
        obituary = self._obituary(place.child.name, process)
        if not place.child.comes_back:
            raise ChildFailedError(obituary)
        now = time.monotonic()
        if now - place.started > _STABLE:
            place.pause = _FIRST_PAUSE
        place.start_at = now + place.pause
        self.say(f"{obituary} It is started again in {place.pause:.0f} s.")
        place.pause = min(place.pause * 2, _LONGEST_PAUSE)

    def _obituary(self, name: str, process: Process) -> str:
        code = process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"{name} {how}; what it said is in {self._logs / name}.log."

    def _pass_on_output(self, seconds: float) -> None:
        """Wait at most this long for children to print something, and pass it on."""
        for key, _ in self._selector.select(seconds):
            place: _Place = key.data
            if not self._read(place):  # it closed its output
                self._selector.unregister(key.fileobj)

    def _read(self, place: _Place) -> bool:
        """Pass on one piece of output; False when there will be none any more."""
        assert place.process is not None
        assert place.process.stdout is not None
        piece = os.read(place.process.stdout.fileno(), 65_536)
        place.log.write(piece)
        *lines, place.incomplete = (place.incomplete + piece).split(b"\n")
        for line in lines:
            self.say(place.prefix + line.decode(errors="replace"))
        return bool(piece)

    def _bury(self, place: _Place) -> None:
        """Read what is left, end what it left behind, and close its output."""
        assert place.process is not None
        assert place.process.stdout is not None
        with suppress(BlockingIOError):  # a grandchild still holds the pipe
            while self._read(place):
                pass
        if place.incomplete:
            self.say(place.prefix + place.incomplete.decode(errors="replace"))
            place.incomplete = b""
        end(place.process, farewell=signal.SIGKILL, patience=0)
        with suppress(KeyError):
            self._selector.unregister(place.process.stdout)
        place.process.stdout.close()
        place.process = None

    def _end_all(self) -> None:
        """Ask every child to end, wait a while, then kill what is left."""
        for place in self._places.values():
            if place.process is not None and place.process.poll() is None:
                place.process.send_signal(signal.SIGTERM)
        try:
            self._pass_on_last_words()
        except OSError:  # the screen is gone, as after a closed terminal
            self._screen = io.StringIO()
        for place in self._places.values():
            if place.process is not None:
                self._bury(place)
            place.log.close()
        self._selector.close()

    def _pass_on_last_words(self) -> None:
        give_up = time.monotonic() + self._patience
        processes = [place.process for place in self._places.values() if place.process is not None]
        while time.monotonic() < give_up and any(process.poll() is None for process in processes):
            self._pass_on_output(_TICK)
