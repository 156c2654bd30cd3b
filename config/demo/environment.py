"""What the demo's processes are told: addresses, and secrets made once for this machine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.embedded.places import LOCAL

GATEWAY_DATA = LOCAL / "gateway"
LOGINS = LOCAL / "logins.txt"
_SECRETS = LOCAL / "demo.env"
_RUNNING = LOCAL / "running.json"
_DATA = (LOCAL / "media", LOCAL / "mail", GATEWAY_DATA, LOGINS, _SECRETS)


def environment(*, port: int, gateway_port: int) -> dict[str, str]:
    """Our environment with the demo's settings, but for the databases.

    The demo's own values win: it must never meet a real payment gateway that the shell knows of.
    """
    LOCAL.mkdir(mode=0o700, exist_ok=True)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SITEWRIGHT_ENV": "demo",
        "NETWORK_ORIGIN": f"http://localhost:{port}",
        "SITES_DOMAIN": "sites.localhost",
        "SITES_SCHEME": "http",
        "SITES_ORIGIN_PORT": str(port),
        "WEB_BIND": f"127.0.0.1:{port}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{gateway_port}",
        **_secrets(),
    }


def forget_everything(database_folder: Path) -> None:
    """Remove the demo's data and secrets; whoever calls holds the lock in `database_folder`, which stays."""
    for path in (*_DATA, *(path for path in database_folder.iterdir() if path.name != "lock")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def announced(env: Mapping[str, str]) -> Iterator[None]:
    """Let `./run manage` find the servers that run, and how the demo is set up, while the block runs."""
    added = {name: value for name, value in env.items() if os.environ.get(name) != value}
    _write_private(_RUNNING, json.dumps(added))
    try:
        yield
    finally:
        _RUNNING.unlink(missing_ok=True)


def announcement() -> dict[str, str]:
    """What the running demo adds to its environment; empty while it has not said so yet."""
    try:
        added: dict[str, str] = json.loads(_RUNNING.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return added


def _secrets() -> dict[str, str]:
    if not _SECRETS.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "STRIPE_API_KEY": f"sk_test_{secrets.token_hex(16)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(32)}",
        }
        _write_private(_SECRETS, "".join(f"{name}={value}\n" for name, value in made.items()))
    return dict(line.split("=", 1) for line in _SECRETS.read_text().splitlines())


def _write_private(file: Path, content: str) -> None:
    """Write for our eyes only, all or nothing."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    draft.replace(file)
