"""Fixtures shared by all kinds of tests live in `tests/plugins`, one module a subject."""

pytest_plugins = [
    "tests.plugins.caddy",
    "tests.plugins.desk",
    "tests.plugins.dns",
    "tests.plugins.network",
    "tests.plugins.settings",
    "tests.plugins.sites",
    "tests.plugins.receiver",
    "tests.plugins.rings",
]
