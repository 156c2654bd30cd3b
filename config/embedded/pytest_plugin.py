"""Gives a test run servers of its own. Loaded with ``-p``: pytest-django reads the settings soon after.

A whole run may be shared by several processes (``-n auto``); each then has servers, and so a database, of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.embedded import EmbeddedError, Services, throwaway_folder
from config.embedded.places import LOCAL

_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """A wrapper runs before every plain hook, pytest-django's among them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    if not _leaves_it_to_others(early_config):
        _start_servers()
    return (yield)


@pytest.hookimpl(tryfirst=True)  # xdist answers this itself, with one process a core
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core; but one alone for a part of the tests, and for servers that are not ours to multiply."""
    if config.known_args_namespace.file_or_dir or "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ:
        return 0
    return os.cpu_count() or 1


def _leaves_it_to_others(config: pytest.Config) -> bool:
    """Whether this process only hands out tests."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return False
    wanted = config.known_args_namespace.numprocesses
    return bool(pytest_xdist_auto_num_workers(config) if wanted == "auto" else wanted)


def _start_servers() -> None:
    LOCAL.mkdir(mode=0o700, exist_ok=True)
    (LOCAL / "static").mkdir(
        exist_ok=True
    )  # in a new checkout WhiteNoise would warn, and warnings are errors
    try:
        folder = _running.enter_context(throwaway_folder())
        services = Services(folder=folder, logs=folder / "logs", durable=False)
        os.environ.update(_running.enter_context(services.running()))
    except EmbeddedError as problem:
        raise pytest.UsageError(str(problem)) from None


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers when nothing asks for them any more."""
    _running.close()
