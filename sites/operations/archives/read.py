"""An archive that somebody brings, read with suspicion."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sites.operations.archives.manifest import (
    MANIFEST,
    SIGNATURE,
    ArchiveRefused,
    FilePart,
    Manifest,
    TablePart,
    believed,
)

CHUNK: Final = 256 * 1024
LARGEST_MANIFEST: Final = 256 * 1024 * 1024  # bytes: about a million files
PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """An archive whose list is believed, and whose parts are the ones on the list. Reading a part checks it."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file = file
        self.manifest = manifest

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator["Archive"]:
        """Raises ArchiveRefused; what is wrong inside of a part shows when that is read."""
        try:
            file = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise ArchiveRefused(f"There is no file {path}.") from None
        except (zipfile.BadZipFile, OSError) as error:
            raise ArchiveRefused(f"{path.name} is no archive, or its end is missing: {error}.") from error
        with file:
            manifest = believed(_small(file, MANIFEST), _small(file, SIGNATURE).decode("ascii", "replace"))
            archive = cls(file, manifest)
            archive._check_members()
            yield archive

    def read(self, part: TablePart | FilePart) -> Iterator[bytes]:
        """The part's bytes. Raises ArchiveRefused, at the latest at its end, when they are not those on the list."""
        size, digest = 0, hashlib.sha256()
        try:
            with self._file.open(part.member) as member:
                while chunk := member.read(CHUNK):
                    size += len(chunk)
                    if size > part.size:
                        raise ArchiveRefused(f"{part.member} is longer than the list says.")
                    digest.update(chunk)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise ArchiveRefused(f"{part.member} cannot be read: {error}.") from error
        if size != part.size or digest.hexdigest() != part.sha256:
            raise ArchiveRefused(f"{part.member} is not what was exported: its checksum is wrong.")

    def _check_members(self) -> None:
        wanted = {MANIFEST, SIGNATURE}
        wanted.update(part.member for part in self.manifest.parts)
        found: set[str] = set()
        for info in self._file.infolist():
            if info.filename in found:
                raise ArchiveRefused(f"{info.filename} is in the archive twice.")
            if info.filename not in wanted:
                raise ArchiveRefused(f"{info.filename!r} is in the archive and not on its list.")
            found.add(info.filename)
        if missing := sorted(wanted - found):
            raise ArchiveRefused(f"{missing[0]} is on the archive's list and not in it.")


def _small(file: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = file.getinfo(name)
        if info.file_size > LARGEST_MANIFEST or info.compress_type not in PACKINGS:
            raise ArchiveRefused(f"{name} is too large to be a list.")
        with file.open(info) as member:
            return member.read(LARGEST_MANIFEST)
    except KeyError:
        raise ArchiveRefused(f"This is not a site's archive: it holds no {name}.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveRefused(f"{name} cannot be read: {error}.") from error
