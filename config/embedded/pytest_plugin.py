"""Gives a test run servers of its own. Loaded with ``-p``: pytest-django reads the settings soon after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.embedded import EmbeddedError, Services, throwaway_folder
from config.embedded.places import LOCAL

_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper runs before every plain hook, pytest-django's among them."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
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
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop the servers when nothing asks for them any more."""
    _running.close()
