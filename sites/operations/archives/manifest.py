"""The list in an archive: what is in it, what it was made of, and by whom. Nothing in an archive is believed before
its list is, and the list is believed for its signature."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from django.core.signing import BadSignature, Signer

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
TABLE_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
LONGEST_PATH: Final = 500
SALT: Final = "sites.archive"


class ArchiveRefused(ValueError):
    """The archive cannot be taken. The message says what is wrong with which part, for whoever brought it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """A table's rows in PostgreSQL's text format: `size` bytes before they are packed."""

    name: str
    columns: tuple[str, ...]
    rows: int
    size: int
    sha256: str

    @property
    def member(self) -> str:
        return f"tables/{self.name}.copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A file of the site's media, named within its folder."""

    name: str
    size: int
    sha256: str

    @property
    def member(self) -> str:
        return f"media/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`migrations` is the fingerprint of the template the schema was made of; `made_at` is ISO 8601."""

    format: int
    site: str
    name: str
    host: str
    made_at: str
    migrations: str
    versions: dict[str, str]
    tables: Sequence[TablePart]
    files: Sequence[FilePart]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def parts(self) -> list["TablePart | FilePart"]:
        return [*self.tables, *self.files]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def sign(text: bytes) -> str:
    return Signer(salt=SALT).sign(hashlib.sha256(text).hexdigest())


def believed(text: bytes, signature: str) -> Manifest:
    """The list, if this network made it and nobody changed it since. Raises ArchiveRefused."""
    try:
        signed = Signer(salt=SALT).unsign(signature)
    except BadSignature:
        signed = ""
    if signed != hashlib.sha256(text).hexdigest():
        raise ArchiveRefused(
            "manifest.json was changed after the archive was made, or another network made it: the signature is wrong."
        )
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, ArchiveRefused):
            raise
        raise ArchiveRefused(f"manifest.json is not a list of this kind: {error}.") from error


def _read(facts: dict[str, Any]) -> Manifest:
    if facts["format"] != FORMAT:
        raise ArchiveRefused(f"The archive has format {facts['format']!r}; this network reads {FORMAT}.")
    tables = [TablePart(**{**each, "columns": tuple(each["columns"])}) for each in facts["tables"]]
    files = [FilePart(**each) for each in facts["files"]]
    for table in tables:
        _check(table.name, table, is_sound=all(map(TABLE_NAME.fullmatch, (table.name, *table.columns))))
    for file in files:
        _check(file.name, file, is_sound=is_inside(file.name))
    return Manifest(**{**facts, "tables": tables, "files": files})


def _check(name: str, part: TablePart | FilePart, *, is_sound: bool) -> None:
    if not is_sound:
        raise ArchiveRefused(f"The archive names something that cannot be a part of a site: {name!r}.")
    if part.size < 0 or not DIGEST.fullmatch(part.sha256):
        raise ArchiveRefused(f"{part.member}: the list has no sound size and checksum for it.")


def is_inside(path: str) -> bool:
    """Whether `path` names a file within the folder it is put into, on any system."""
    parts = PurePosixPath(path).parts
    return (
        0 < len(path) <= LONGEST_PATH
        and path == "/".join(parts)
        and not path.startswith("/")
        and not any(part in {".", ".."} for part in parts)
        and not any(character in path for character in "\\\0:")
        and path.isprintable()
    )
