"""What `./run` says when it cannot go on, and when it sets `.venv` up anew."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "run"
PYTHON = getattr(sys, "_base_executable", sys.executable)  # ./run is called with the system's Python


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own with nothing set up, at a path with spaces."""
    folder = tmp_path / "a check out"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(RUN, folder / "run")
    for lock in RUN.with_name("requirements").glob("*.lock"):
        shutil.copy(lock, folder / "requirements")
    return folder


def call(*command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it as from a bare shell, in a folder that is not the checkout."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        command, cwd="/", env=bare | env, capture_output=True, text=True, timeout=60, check=False
    )


def load(path: Path) -> types.ModuleType:
    module = types.ModuleType("run")
    module.__file__ = str(path)
    exec(compile(path.read_text(), path, "exec"), module.__dict__)
    return module


def pretending(statement: str, run: Path, command: str) -> list[str | Path]:
    """The command line of a `./run COMMAND` for which `statement` changed the world before."""
    start = f"sys.argv = ['run', '{command}']; runpy.run_path({str(run)!r}, {{}}, '__main__')"
    program = f"import runpy, sys; {statement}; {start}"
    return [PYTHON, "-c", program]


def test_help_lists_every_command():
    result = call(PYTHON, RUN, "help")
    assert result.returncode == 0
    for command in ("demo", "test", "browser", "lint", "bench", "manage", "help"):
        assert f"  ./run {command} " in result.stdout


def test_without_a_command_it_prints_the_help():
    assert call(PYTHON, RUN).stdout == call(PYTHON, RUN, "help").stdout


def test_an_unknown_command_is_named():
    result = call(PYTHON, RUN, "tset")
    assert (result.returncode, result.stderr) == (
        1,
        "There is no './run tset'; './run help' lists what there is.\n",
    )


def test_an_old_python_can_read_the_file():
    ast.parse(RUN.read_text(), feature_version=(3, 6))


def test_an_old_python_is_told_what_is_needed(checkout):
    statement = "sys.version_info = (3, 9, 2); import platform; platform.python_version = lambda: '3.9.2'"
    result = call(*pretending(statement, checkout / "run", "demo"))
    assert (result.returncode, result.stderr) == (1, "Python 3.11 or newer is needed; this is 3.9.2.\n")


def test_an_unknown_machine_is_told_what_is_needed(checkout):
    statement = (
        "import platform; platform.machine = lambda: 'riscv64'; platform.platform = lambda: 'Linux-riscv64'"
    )
    result = call(*pretending(statement, checkout / "run", "demo"))
    sentence = "Linux with glibc on x86_64 or aarch64 is needed; this is Linux-riscv64.\n"
    assert (result.returncode, result.stderr) == (1, sentence)


def test_a_missing_venv_module_is_named_with_the_package_to_install(checkout):
    lookup = "lambda name: None if name == 'ensurepip' else find(name)"
    statement = f"import importlib.util; find = importlib.util.find_spec; importlib.util.find_spec = {lookup}"
    result = call(*pretending(statement, checkout / "run", "test"))
    sentence = "Python's ensurepip module is missing; on Debian: apt install python3-venv.\n"
    assert (result.returncode, result.stderr) == (1, sentence)


def test_too_little_disk_space_is_told_before_anything_is_written(checkout):
    statement = "import shutil; shutil.disk_usage = lambda _: type('', (), {'free': 300_000_000})"
    result = call(*pretending(statement, checkout / "run", "test"))
    sentence = f"The set-up needs 1500 MB of free disk space; {checkout} has 300 MB.\n"
    assert (result.returncode, result.stderr) == (1, sentence)
    assert not (checkout / ".venv").exists()


def test_a_broken_download_gives_one_sentence_and_the_next_run_starts_anew(checkout):
    result = call(
        PYTHON, checkout / "run", "test", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0"
    )
    log = checkout / ".local" / "setup.log"
    sentence = (
        f"Could not download the installer: check the network, then run this again. Details are in {log}.\n"
    )
    assert (result.returncode, result.stdout, result.stderr) == (1, "Setting up .venv ...\n", sentence)
    assert "127.0.0.1" in log.read_text()
    assert not (checkout / ".venv" / "ready").exists()


@pytest.fixture
def steps(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[types.ModuleType, list[str]]:
    """The program of a checkout whose steps only note that they were taken."""
    program = load(checkout / "run")
    taken: list[str] = []

    def call(what: str, *_command: str) -> None:
        taken.append(what)
        Path(program.PYTHON).parent.mkdir(parents=True, exist_ok=True)
        Path(program.PYTHON).touch()

    monkeypatch.setattr(program, "call", call)
    return program, taken


ALL_STEPS = ["create .venv", "download the installer", "download the dependencies"]


def test_the_second_run_sets_nothing_up(steps):
    program, taken = steps
    program.prepare()
    program.prepare()
    assert taken == ALL_STEPS


def test_a_changed_lock_makes_the_environment_anew(steps):
    program, taken = steps
    program.prepare()
    Path(program.LOCK).write_text("changed")
    program.prepare()
    assert taken == [*ALL_STEPS, *ALL_STEPS]


def test_another_python_starts_the_environment_anew(steps):
    program, taken = steps
    program.prepare()
    stamp = Path(program.STAMP)
    stamp.write_text(stamp.read_text().replace(f"{sys.version_info[0]}.{sys.version_info[1]}", "3.0", 1))
    program.prepare()
    assert taken == [*ALL_STEPS, *ALL_STEPS]


@pytest.mark.parametrize("ready_before", [False, True])
def test_an_interrupted_set_up_or_update_starts_anew(steps, monkeypatch, ready_before):
    program, taken = steps
    if ready_before:
        program.prepare()
        taken.clear()
        Path(program.LOCK).write_text("changed")
    whole = program.call

    def interrupted(what: str, *command: str) -> None:
        whole(what, *command)
        if what == "download the dependencies":
            raise KeyboardInterrupt

    monkeypatch.setattr(program, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        program.prepare()
    monkeypatch.setattr(program, "call", whole)
    program.prepare()
    assert taken == [*ALL_STEPS, *ALL_STEPS]


def test_of_two_runs_at_once_one_sets_up_and_the_other_waits_for_it(checkout):
    program = f"""
import time
module = {{"__file__": {str(checkout / "run")!r}, "__name__": "run"}}
exec(open(module["__file__"]).read(), module)
def build(wanted):
    time.sleep(1)
    open({str(checkout / "built")!r}, "a").write("x")
    import os
    os.makedirs(os.path.dirname(module["PYTHON"]))
    open(module["PYTHON"], "w").close()
    open(module["STAMP"], "w").write(wanted)
module["build"] = build
module["prepare"]()
"""
    both = [subprocess.Popen([PYTHON, "-c", program]) for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    assert (checkout / "built").read_text() == "x"
