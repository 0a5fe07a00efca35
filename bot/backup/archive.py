"""The archive of a backup: writing it, and reading it to its last byte."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from bot.backup.manifest import FORMAT, NAME, BackupRefused, Manifest, Packed

FILES = "files/"
_CHUNK = 1 << 20
# Compressed already.
_STORED = (".gz", ".zip", ".dump")


def pack(archive: zipfile.ZipFile, members: Mapping[str, Path]) -> dict[str, Packed]:
    """Writes the files into the archive. One that is deleted meanwhile is left out."""
    return {name: packed for name, source in members.items() if (packed := _pack(archive, name, source)) is not None}


def _pack(archive: zipfile.ZipFile, name: str, source: Path) -> Packed | None:
    try:
        file = source.open("rb")
    except FileNotFoundError:
        return None
    about = zipfile.ZipInfo(name)
    about.compress_type = zipfile.ZIP_STORED if source.suffix in _STORED else zipfile.ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    with file, archive.open(about, "w", force_zip64=True) as packed:
        return _copied(file, packed)


def _copied(source: IO[bytes], target: IO[bytes] | None) -> Packed:
    digest, size = hashlib.sha256(), 0
    while part := source.read(_CHUNK):
        digest.update(part)
        size += len(part)
        if target is not None:
            target.write(part)
    return Packed(size=size, sha256=digest.hexdigest())


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive with its manifest, after all digests were compared.

    Raises:
        BackupRefused: it is no backup, or not as it was written.
    """
    with ExitStack() as stack:
        with _explained(path):
            archive = stack.enter_context(zipfile.ZipFile(path))
            manifest = Manifest.model_validate_json(archive.read(NAME))
            _compare(path, archive, manifest)
        yield archive, manifest


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValidationError, OSError) as error:
        raise BackupRefused(f"{path} 不是完好的备份（{type(error).__name__}）") from None


def _compare(path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise BackupRefused(f"{path} 是另一种格式（{manifest.format}），这个程序只认 {FORMAT}")
    if {NAME, *manifest.files} != set(archive.namelist()):
        raise BackupRefused(f"{path} 里的文件和清单不一致")
    for name, packed in manifest.files.items():
        with archive.open(name) as member:
            if _copied(member, None) != packed:
                raise BackupRefused(f"{path} 里的 {name} 和清单的摘要不一致")


def extract(archive: zipfile.ZipFile, name: str, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as member, to.open("xb") as file:
        shutil.copyfileobj(member, file, _CHUNK)
    return to


def relative(name: str) -> Path:
    """Where in `VAR_DIR` a member belongs. Raises BackupRefused: outside of it."""
    inside = PurePosixPath(name.removeprefix(FILES))
    if inside.is_absolute() or ".." in inside.parts or not inside.parts:
        raise BackupRefused(f"备份里的 {name} 不是数据文件夹里的文件")
    return Path(inside)
