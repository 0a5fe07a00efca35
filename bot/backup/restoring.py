"""Restores a backup into an empty place. Everything is checked before anything is written."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import migrations
from bot.backup import archive as archives
from bot.backup.contents import place_of
from bot.backup.databases import kind_of, stores
from bot.backup.making import require_rows, verify
from bot.backup.manifest import BackupRefused, Manifest
from bot.backup.ring import fingerprints, put, read_ring, ring_of
from bot.running.one_assistant import AlreadyRunning, the_only_one
from bot.settings import Settings


def restore(settings: Settings, path: Path, keys: Path | None, *, without_keys: bool = False) -> Manifest:
    """Puts back the database and the files of `VAR_DIR`.

    Args:
        keys: the file that `write_apart` wrote; None if the keys are in place or come from `IDENTITY_KEY`.
        without_keys: although nobody will be able to read what is sealed.

    Raises:
        BackupRefused: an assistant runs; something is there already; the backup is damaged, of a newer program or of
            another kind of database; the keys are not those that it was sealed with.
        SettingsError
    """
    try:
        with the_only_one(settings):
            manifest = verify(settings, path)
            _require_fit(settings, manifest)
            _require_keys(settings, manifest, keys, without_keys=without_keys)
            with archives.opened(path) as (archive, _):
                _require_empty(settings, manifest)
                if keys is not None and not settings.identity_key:
                    put(settings.identity_key_path, read_ring(keys).as_text())
                _put_back(settings, archive, manifest)
    except AlreadyRunning:
        raise BackupRefused(f"助手正在 {settings.var_dir} 运行，先停掉它") from None
    return manifest


def _require_fit(settings: Settings, manifest: Manifest) -> None:
    if not migrations.is_known(manifest.revision):
        raise BackupRefused(
            f"备份来自更新的程序（{manifest.version}，数据表 {manifest.revision}），换上不早于它的程序再恢复"
        )
    if manifest.database != kind_of(settings):
        raise BackupRefused(f"备份是 {manifest.database} 的，DATABASE_URL 却是 {kind_of(settings)} 的，两种不能互换")


def _require_keys(settings: Settings, manifest: Manifest, keys: Path | None, *, without_keys: bool) -> None:
    if settings.identity_key and keys is not None and read_ring(keys) != ring_of(settings):
        raise BackupRefused("设了 IDENTITY_KEY，又给了另一份密钥；两个只留一个")
    ring = read_ring(keys) if keys is not None else ring_of(settings)
    missing = set(manifest.keys) - set(fingerprints(ring))
    if missing and not without_keys:
        raise BackupRefused(
            "没有封这份备份的密钥：用 --keys 给出密钥文件，或者设 IDENTITY_KEY。密钥真的丢了，加 --without-keys，"
            "市民说的话和申请人的信息以后都打不开"
        )


def _require_empty(settings: Settings, manifest: Manifest) -> None:
    for store in stores(settings):
        store.require_empty()
    for name in _files(manifest):
        place = place_of(settings, archives.relative(name))
        if place.exists():
            raise BackupRefused(f"{place} 已经有了，不覆盖；先把它移到别处")


def _put_back(settings: Settings, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    # Beside the place where all belongs, so that at the end files are only renamed.
    with TemporaryDirectory(dir=settings.var_dir, prefix="restoring.") as name:
        folder = Path(name)
        files = {file: archives.extract(archive, file, folder / archives.relative(file)) for file in _files(manifest)}
        for store in stores(settings):
            if store.member in manifest.files:
                store.restore(archives.extract(archive, store.member, folder / "databases" / store.member))
                require_rows(store, store.rows(), manifest)
        for file, extracted in files.items():
            target = place_of(settings, archives.relative(file))
            target.parent.mkdir(parents=True, exist_ok=True)
            # Not renamed, since SHARED_DIR may be on another disk.
            shutil.move(extracted, target)


def _files(manifest: Manifest) -> list[str]:
    return [name for name in manifest.files if name.startswith(archives.FILES)]
