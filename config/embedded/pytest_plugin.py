"""Gives a test run servers of its own. Loaded with ``-p``: pytest-django reads the settings soon after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.embedded import EmbeddedError, Services, throwaway_folder

_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper runs before every plain hook, pytest-django's among them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    try:
        folder = _running.enter_context(throwaway_folder())
        services = Services(folder=folder, logs=folder / "logs", durable=False)
        os.environ.update(_running.enter_context(services.running()))
    except EmbeddedError as problem:
        raise pytest.UsageError(str(problem)) from None
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers when nothing asks for them any more."""
    _running.close()
