"""The private PostgreSQL and Valkey: what they keep, how they come back, and that they go."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import DataInUseError, Services, demo_folder, places, throwaway_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test run's own servers are in the environment, where they would win."""
    for name in ("DATABASE_URL", "REDIS_URL", "SITEWRIGHT_PG_BIN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    with throwaway_folder() as base:
        folder = base / "with spaces"
        folder.mkdir(mode=0o711)
        yield folder


def services(folder: Path, *, durable: bool = True) -> Services:
    return Services(folder=folder, logs=folder / "logs", durable=durable)


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def wait_until_gone(*pids: int, seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < give_up, "still running"
        time.sleep(0.02)


def test_servers_for_tests_are_fast_and_roomy_and_leave_nothing(folder):
    with services(folder, durable=False).running() as env:
        assert setting(env["DATABASE_URL"], "fsync") == "off"
        assert setting(env["DATABASE_URL"], "max_locks_per_transaction") == "512"
        assert setting(env["DATABASE_URL"], "server_encoding") == "UTF8"
        with redis.Redis.from_url(env["REDIS_URL"]) as broker:
            broker.set("key", "value")
        version = subprocess.run(
            [f"{env['SITEWRIGHT_PG_BIN']}/pg_dump", "--version"], capture_output=True, text=True, check=True
        )
        assert version.stdout.startswith("pg_dump (PostgreSQL) 18.")
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        psycopg.connect(env["DATABASE_URL"])


def test_the_demo_keeps_its_data_through_an_end_and_through_a_crash(folder):
    first = services(folder)
    with first.running() as env:
        assert setting(env["DATABASE_URL"], "fsync") == "on"
        with psycopg.connect(env["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    second = services(folder)
    with second.running() as env:
        with psycopg.connect(env["DATABASE_URL"]) as connection:
            connection.execute("INSERT INTO kept VALUES (8)")
        second.processes["postgres"].kill()
        second.processes["postgres"].wait()
    assert (folder / "postgres" / "postmaster.pid").exists()
    with services(folder).running() as env, psycopg.connect(env["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT number FROM kept ORDER BY number").fetchall() == [(7,), (8,)]


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_the_start(folder):
    with services(folder).running():
        pid_file = (folder / "postgres" / "postmaster.pid").read_text()
    stranger = subprocess.Popen(["sleep", "60"], user="nobody" if os.geteuid() == 0 else None)
    try:
        _, rest = pid_file.split("\n", 1)
        (folder / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{rest}")
        with services(folder).running() as env:
            assert setting(env["DATABASE_URL"], "fsync") == "on"
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_first_start_is_made_good_by_the_next(folder):
    (folder / "postgres-unfinished").mkdir()
    (folder / "postgres-unfinished" / "PG_VERSION").write_text("18\n")
    with services(folder).running() as env:
        assert setting(env["DATABASE_URL"], "fsync") == "on"


def test_addresses_in_the_environment_win(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with services(folder).running() as env:
        assert not {"DATABASE_URL", "REDIS_URL"} & set(env)
    assert not (folder / "postgres").exists()


def test_servers_end_with_a_parent_that_is_killed(folder):
    program = f"""
import time
from pathlib import Path
from config.embedded import Services
folder = Path({str(folder)!r})
services = Services(folder=folder, logs=folder / "logs", durable=False)
with services.running():
    print(*(process.pid for process in services.processes.values()), flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert [alive(pid) for pid in pids] == [True, True]
        parent.send_signal(signal.SIGKILL)
    wait_until_gone(*pids)


def test_secrets_are_for_the_servers_alone(folder):
    with services(folder).running():
        for name in ("postgres-password", "valkey/valkey.conf"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        for name in ("postgres", "valkey"):
            assert stat.S_IMODE((folder / name).stat().st_mode) == 0o700
        command_lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    password = (folder / "postgres-password").read_bytes()
    assert not any(password in line for line in command_lines)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a folder outside the checkout")
def test_roots_data_is_where_only_root_can_put_it():
    for folder in (places.data_folder(), *places.data_folder().parents):
        assert folder.stat().st_uid == 0
        assert not folder.stat().st_mode & 0o022


def test_a_folder_left_by_a_killed_run_goes_and_one_in_use_stays(folder):
    left_behind = folder.parent.with_name("throwaway-left")
    left_behind.mkdir()
    (left_behind / "file").touch()
    with throwaway_folder() as another:
        assert not left_behind.exists()
        assert folder.exists()
    assert not another.exists()


def test_the_demos_data_has_one_user_at_a_time(folder, monkeypatch):
    monkeypatch.setattr(places, "data_folder", lambda: folder)
    with demo_folder(), pytest.raises(DataInUseError, match="running already"), demo_folder():
        pass
    with demo_folder() as free_again:
        assert free_again == folder / "demo"


def test_processes_that_share_servers_are_never_many(pytestconfig: pytest.Config, monkeypatch):
    """They would share a cache."""
    monkeypatch.setenv("REDIS_URL", "redis://given")
    assert pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig) == 0
