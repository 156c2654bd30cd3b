"""Fixtures shared by all kinds of tests."""

pytest_plugins: list[str] = []
