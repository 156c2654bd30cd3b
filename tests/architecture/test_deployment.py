"""What describes the installation elsewhere agrees with the code: .env.example, Docker's files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'(?:env(?:\.\w+)?\(|environ(?:\.\w+\(|\[))\s*"([A-Z][A-Z_]+)"')
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "NETWORK_HOST", "TLS_ISSUER", "WORKER_CONCURRENCY"}
SECRETS = {"SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "POSTGRES_PASSWORD"}


def product_code() -> list[Path]:
    """What runs in production."""
    apps = ("accounts", "products", "memberships", "sites", "checkout", "config")
    elsewhere = {ROOT / "config" / name for name in ("demo", "develop", "embedded")}
    files = [file for app in apps for file in (ROOT / app).rglob("*.py")]
    return [file for file in files if not elsewhere & set(file.parents)]


@pytest.fixture(scope="module")
def documented() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def test_every_setting_read_from_the_environment_is_documented_and_no_other(documented):
    read = {name for file in product_code() for name in READ.findall(file.read_text())}
    assert set(documented) == read | COMPOSE_ONLY


def test_no_secret_has_an_example_that_could_be_left_in_place(documented):
    assert {name: documented[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_compose_has_every_process_of_the_network(compose):
    names = {"postgres", "valkey", "migrate", "web", "worker", "beat", "caddy", "mailpit"}
    assert set(compose["services"]) == names


def test_every_lasting_process_has_a_health_check(compose):
    checked = {
        name for name, service in compose["services"].items() if "test" in service.get("healthcheck", {})
    }
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()  # web's own
    assert checked == set(compose["services"]) - {"migrate", "web"}


def test_nothing_of_ours_starts_before_the_migrations_are_done(compose):
    for name in ("web", "worker", "beat"):
        waits_for = compose["services"][name]["depends_on"]["migrate"]
        assert waits_for == {"condition": "service_completed_successfully"}


def test_only_sites_in_maintenance_do_not_keep_the_others_from_being_served(compose):
    *shell, command = compose["services"]["migrate"]["command"]
    assert [exit_status(shell, command, of_migrate_sites=status) for status in (0, 1, 2)] == [0, 1, 0]


def exit_status(shell: list[str], command: str, *, of_migrate_sites: int) -> int:
    """How the container would end. Compose itself turns $$ into $."""
    played = f'python() {{ case "$2" in migrate_sites) return {of_migrate_sites};; esac; }}; '
    return subprocess.run([*shell, played + command.replace("$$", "$")], check=False).returncode


def test_every_variable_of_compose_is_documented(documented):
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used <= set(documented)


def test_the_image_holds_every_app_of_ours():
    held = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    ours = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert ours <= held
    assert {"manage.py", "requirements", "static", "templates"} <= held
