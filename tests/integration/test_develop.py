"""`./run lint` and `./run browser`, as far as they are ours."""

from __future__ import annotations

import os
import shutil

import pytest

from config.develop import browser, lint


def test_lint_runs_every_check_and_names_those_that_fail(monkeypatch, capsys):
    checks = {"first": ("-c", "pass"), "second": ("-c", "print('why'); exit(3)"), "third": ("-c", "pass")}
    monkeypatch.setattr(lint, "CHECKS", checks)
    assert lint.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[:2] for line in lines if line[:4] in {"pass", "FAIL"}) == [
        ["FAIL", "second"],
        ["pass", "first"],
        ["pass", "third"],
    ]
    assert lines.count("why") == 1
    assert lines[-1] == "Failed: second."


def test_lint_is_content_when_every_check_is(monkeypatch, capsys):
    monkeypatch.setattr(lint, "CHECKS", {"only": ("-c", "print('chatter')")})
    assert lint.main() == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "All 1 checks pass."
    assert "chatter" not in out


def test_without_chromium_and_without_root_browser_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit) as refusal:
        browser.main([])
    assert refusal.value.code == "Chromium is missing; on Debian, as root: apt install chromium."
