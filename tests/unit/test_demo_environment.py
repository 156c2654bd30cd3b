"""What the demo's processes are told, and what `--fresh` forgets."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.demo import environment as demo


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.local` of its own."""
    local = tmp_path / ".local"
    monkeypatch.setattr(demo, "LOCAL", local)
    for name, path in vars(demo).copy().items():
        if isinstance(path, Path) and path.parent.name == ".local":
            monkeypatch.setattr(demo, name, local / path.name)
    monkeypatch.setattr(demo, "_DATA", tuple(local / path.name for path in demo._DATA))
    return local


def test_secrets_are_made_once_and_for_the_owner_alone(local):
    first = demo.environment(port=8000, gateway_port=8001)
    again = demo.environment(port=8100, gateway_port=8101)
    for name in ("SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert first[name] == again[name]
    assert len(first["SECRET_KEY"]) == 67
    assert stat.S_IMODE((local / "demo.env").stat().st_mode) == 0o600


def test_the_demo_never_meets_a_gateway_that_the_shell_knows_of(local, monkeypatch):
    monkeypatch.setenv("CURRENCY", "CHF")
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_real")
    monkeypatch.setenv("STRIPE_API_BASE", "https://api.stripe.com")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "elsewhere.settings")
    env = demo.environment(port=8000, gateway_port=8001)
    assert env["CURRENCY"] == "CHF"  # what does no harm is passed on
    assert env["STRIPE_API_KEY"].startswith("sk_test_")
    assert env["STRIPE_API_BASE"] == "http://127.0.0.1:8001"
    assert env["DJANGO_SETTINGS_MODULE"] == "config.settings.demo"


def test_addresses_follow_the_port(local):
    env = demo.environment(port=8100, gateway_port=8101)
    assert (env["NETWORK_ORIGIN"], env["SITES_ORIGIN_PORT"]) == ("http://localhost:8100", "8100")
    assert env["WEB_BIND"] == "127.0.0.1:8100"


def test_a_running_demo_says_how_to_join_it_and_stops_saying_so(local, monkeypatch):
    monkeypatch.setenv("FROM_THE_SHELL", "same")
    local.mkdir()
    with demo.announced({"FROM_THE_SHELL": "same", "DATABASE_URL": "postgresql://here/db"}):
        assert demo.announcement() == {"DATABASE_URL": "postgresql://here/db"}
        assert stat.S_IMODE((local / "running.json").stat().st_mode) == 0o600
    assert demo.announcement() == {}


def test_fresh_forgets_data_and_secrets_but_not_who_holds_the_lock(local, tmp_path):
    demo.environment(port=8000, gateway_port=8001)
    databases = tmp_path / "databases"
    for folder in (local / "media", local / "gateway", local / "logs", databases / "postgres"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (databases / "lock").touch()
    demo.forget_everything(databases)
    assert sorted(path.name for path in databases.iterdir()) == ["lock"]
    assert sorted(path.name for path in local.iterdir()) == ["logs"]
