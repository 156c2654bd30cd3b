"""The demo's supervisor: whatever ends it or one of its children, nothing is left behind."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from config.demo import __main__ as demo
from config.demo.supervisor import Child, ChildFailedError, Supervisor
from config.embedded import EmbeddedError
from config.embedded.process import free_port

ROOT = Path(__file__).resolve().parents[2]

STUBBORN = "trap '' TERM; sleep 300 & echo up; while true; do wait; done"  # with a child of its own
OBEDIENT = "echo up; exec sleep 300"
SUPERVISE = """
import os, signal, sys
from pathlib import Path
from config.demo import __main__ as demo
from config.demo.supervisor import Child, Supervisor
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
demo._stop_on_signals()
try:
    logs = Path(sys.argv[1])
    with Supervisor(env=os.environ, cwd=Path("/"), logs=logs, screen=sys.stdout, patience=1) as supervisor:
        for number, script in enumerate(sys.argv[2:]):
            supervisor.start(Child(name=f"child{number}", command=("bash", "-c", script)))
        supervisor.tend(until=lambda: False)
except demo.StopAsked:
    print("stopped", flush=True)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(env=os.environ, cwd=tmp_path, logs=tmp_path, screen=io.StringIO()) as supervisor:
        yield supervisor


def screen(supervisor: Supervisor) -> str:
    assert isinstance(supervisor._screen, io.StringIO)
    return supervisor._screen.getvalue()


def bash(name: str, script: str, *, comes_back: bool = False) -> Child:
    return Child(name=name, command=("bash", "-c", script), comes_back=comes_back)


class Supervised:
    """A supervisor in a process of its own; all it starts carries a mark in its environment."""

    def __init__(self, logs: Path, *scripts: str) -> None:
        self.mark = f"SUPERVISED={logs}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, logs, *scripts],
            cwd=ROOT,
            env={**os.environ, "SUPERVISED": str(logs)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout
        self.lines = [self.output.readline() for _ in scripts]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.output.close()

    def alive(self) -> list[str]:
        """Command lines of all processes with the mark."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def wait_until_alive(self, number: int) -> None:
        """A process that is being replaced by another program, or ended by the kernel, takes a moment."""
        give_up = time.monotonic() + 10
        while len(alive := self.alive()) != number:
            assert time.monotonic() < give_up, alive
            time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_a_kill_and_a_closed_terminal_leave_no_process_behind(tmp_path, number):
    with Supervised(tmp_path, OBEDIENT, OBEDIENT) as supervised:
        assert sorted(supervised.lines) == ["child0  | up\n", "child1  | up\n"]
        supervised.wait_until_alive(3)
        supervised.process.send_signal(number)
        assert supervised.process.wait(10) == 0
        assert supervised.output.read() == "stopped\n"
        assert supervised.alive() == []


def test_a_child_that_does_not_listen_is_killed_with_its_children(tmp_path):
    with Supervised(tmp_path, STUBBORN) as supervised:
        supervised.process.send_signal(signal.SIGINT)
        supervised.process.send_signal(signal.SIGINT)  # impatience changes nothing
        assert supervised.process.wait(20) == 0
        assert supervised.alive() == []


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    with Supervised(tmp_path, OBEDIENT, OBEDIENT) as supervised:
        supervised.process.send_signal(signal.SIGKILL)
        supervised.process.wait()
        supervised.wait_until_alive(0)


def test_the_end_of_a_child_that_is_needed_ends_all(tmp_path):
    with Supervised(tmp_path, OBEDIENT, "echo up; sleep 0.2; exit 3") as supervised:
        assert supervised.process.wait(10) == 1
        assert supervised.alive() == []


def test_the_end_of_a_child_is_told_with_its_code_and_its_log(supervisor, tmp_path):
    supervisor.start(bash("web", "exit 3"))
    with pytest.raises(ChildFailedError) as failure:
        supervisor.tend(until=lambda: False)
    assert str(failure.value) == f"web ended with code 3; what it said is in {tmp_path}/web.log."


def test_the_end_of_a_server_somebody_else_started_ends_all(supervisor):
    server = subprocess.Popen(["sleep", "300"])
    supervisor.need({"postgres": server})
    server.kill()
    with pytest.raises(ChildFailedError, match=r"^postgres was ended by SIGKILL; "):
        supervisor.tend(until=lambda: False)


def test_a_child_that_comes_back_is_started_again_after_a_pause(supervisor, tmp_path):
    supervisor.start(bash("worker", "echo x >> started; kill -9 $$", comes_back=True))
    started = tmp_path / "started"
    supervisor.tend(until=lambda: started.exists() and started.read_text() == "x\nx\n", seconds=10)
    assert (
        f"worker was ended by SIGKILL; what it said is in {tmp_path}/worker.log. It is started again in 1 s."
        in screen(supervisor)
    )


def test_what_children_say_is_on_the_screen_line_by_line_and_in_a_file_each(supervisor, tmp_path):
    supervisor.run(bash("one", "printf 'a\\nb'; sleep 0.1; printf 'c\\nd'"))
    supervisor.run(bash("two", "echo problem >&2"))
    assert screen(supervisor) == "one     | a\none     | bc\none     | d\ntwo     | problem\n"
    assert (tmp_path / "one.log").read_text() == "a\nbc\nd"
    assert (tmp_path / "two.log").read_text() == "problem\n"


def test_a_great_deal_of_output_is_passed_on_whole(supervisor, tmp_path):
    supervisor.run(bash("chatty", "seq 100000"))
    assert (tmp_path / "chatty.log").read_text() == "".join(f"{number}\n" for number in range(1, 100_001))
    assert screen(supervisor).count("\n") == 100_000


def test_a_step_that_fails_says_so_and_the_others_are_ended(supervisor):
    with pytest.raises(ChildFailedError, match=r"^migrate ended with code 1; "):
        supervisor.run(bash("static", "sleep 300"), bash("migrate", "exit 1"))


def test_a_step_that_takes_too_long_says_so(supervisor):
    with pytest.raises(ChildFailedError, match=r"^migrate was not ready after 0 seconds\.$"):
        supervisor.run(bash("migrate", "sleep 300"), seconds=0.4)


def test_a_taken_port_is_named_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr("config.embedded.places.data_folder", lambda: tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(EmbeddedError) as refusal:
            demo.serve(port=port, fresh=False)
    assert (
        str(refusal.value) == f"Port {port} is taken; choose another, such as: ./run demo --port {port + 100}"
    )


def test_a_machine_that_does_not_know_localhost_is_told_so(tmp_path, monkeypatch):
    def unknown(name, *_args):
        raise socket.gaierror(f"{name}: Name or service not known")

    monkeypatch.setattr("config.embedded.places.data_folder", lambda: tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(EmbeddedError) as refusal:
        demo.serve(port=free_port(), fresh=False)
    sentence = "This machine does not know the name localhost; /etc/hosts should give 127.0.0.1."
    assert str(refusal.value) == sentence
