"""Makes a backup while the assistant runs, and reads it again before it counts as made."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.backup import archive as archives
from bot.backup.contents import kept_files, place_of
from bot.backup.databases import Store, kind_of, revision_of, stores
from bot.backup.manifest import NAME, BackupRefused, Manifest, version
from bot.backup.ring import fingerprints, ring_of
from bot.settings import Settings

_PATTERN = "assistant-*.zip"


@dataclass(frozen=True)
class Made:
    path: Path
    manifest: Manifest


def make(settings: Settings, into: Path, now: datetime) -> Made:
    """Writes `assistant-<time>.zip` into the folder, whole or not at all.

    Raises:
        BackupRefused, SettingsError
    """
    into = into.expanduser().resolve()
    if into.is_relative_to(settings.var_dir):
        raise BackupRefused(f"{into} 在数据文件夹里，会和它一起丢；换一个地方，最好在另一台机器上")
    path = into / f"assistant-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"
    if path.exists():
        raise BackupRefused(f"{path} 已经有了，不覆盖")
    revision = revision_of(settings)
    into.mkdir(parents=True, exist_ok=True)
    # In the same folder, since the archive gets its name in one step at the end.
    with TemporaryDirectory(dir=into, prefix=".unfinished-") as folder:
        unfinished = Path(folder) / "backup.zip"
        _write(settings, unfinished, Path(folder), revision, now)
        manifest = verify(settings, unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(path)
    return Made(path, manifest)


def _write(settings: Settings, path: Path, folder: Path, revision: str, now: datetime) -> None:
    databases = {each.member: (folder / each.member, each) for each in stores(settings)}
    rows = {member: store.copy(copy) for member, (copy, store) in databases.items()}
    # After the databases, so that each file that they name is there.
    members = {member: copy for member, (copy, _) in databases.items() if copy.exists()}
    files = {f"{archives.FILES}{file.as_posix()}": place_of(settings, file) for file in kept_files(settings)}
    with zipfile.ZipFile(path, "w") as archive:
        packed = archives.pack(archive, {**members, **files})
        manifest = Manifest(
            made_at=now,
            version=version(),
            database="postgresql" if kind_of(settings) == "postgresql" else "sqlite",
            revision=revision,
            keys=fingerprints(ring_of(settings)),
            rows={member: rows[member] for member in members},
            files=packed,
        )
        archive.writestr(NAME, manifest.model_dump_json(indent=1))
    for copy in members.values():
        copy.unlink()


def verify(settings: Settings, path: Path) -> Manifest:
    """Opens the backup again: digests, the databases, their rows. Raises BackupRefused: it would not restore."""
    with (
        archives.opened(path) as (archive, manifest),
        TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as folder,
    ):
        for store in stores(settings):
            if store.member in manifest.files:
                copy = archives.extract(archive, store.member, Path(folder) / store.member)
                require_rows(store, store.check(copy), manifest)
    return manifest


def require_rows(store: Store, found: dict[str, int], manifest: Manifest) -> None:
    """Raises BackupRefused: tables or rows are missing."""
    if found != manifest.rows.get(store.member):
        raise BackupRefused(f"{store.member} 的行数和清单不一致")


def remove_older(into: Path, keep: int) -> list[Path]:
    """Deletes all but the newest `keep` backups in the folder; those it deleted."""
    older = sorted(into.expanduser().resolve().glob(_PATTERN), reverse=True)[keep:]
    for path in older:
        path.unlink()
    return older
