"""`python -m bot backup` and `python -m bot restore`."""

from __future__ import annotations

from pathlib import Path

import click

from bot import migrations
from bot.backup import making, restoring
from bot.backup.manifest import BackupRefused
from bot.backup.ring import ring_of, write_apart
from bot.db import Database, utcnow
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("into", type=_FOLDER)
@click.option("--keys", "keys_into", type=_FOLDER, help="Also write the keys to a file of their own in this folder.")
@click.option("--keep", type=click.IntRange(min=1), help="Afterwards delete all but the newest N backups in INTO.")
def backup(into: Path, keys_into: Path | None, keep: int | None) -> None:
    """Back up database and files to one archive in the folder INTO, while the assistant runs, and verify it.

    The keys that seal personal data are never in it: keep them in another place, with --keys.
    """
    settings = Settings.from_environment()
    try:
        if keys_into is not None and keys_into.expanduser().resolve() == into.expanduser().resolve():
            raise BackupRefused("密钥不能和备份放在一起，谁拿到了就什么都打得开；换一个文件夹")
        made = making.make(settings, into, utcnow())
        ring = ring_of(settings)
        kept = write_apart(ring, keys_into) if keys_into is not None and ring is not None else None
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(
        f"备份好了，也核对过：{made.path}（{made.path.stat().st_size / (1 << 20):.1f} MB，"
        f"{made.manifest.row_count} 行，{len(made.manifest.files)} 个文件，数据表 {made.manifest.revision}）"
    )
    click.echo(f"密钥另存在 {kept}" if kept else "密钥不在里面：没有它，恢复以后打不开个人信息，请用 --keys 另存一处")
    removed = making.remove_older(into, keep) if keep else []
    for path in removed:
        click.echo(f"删掉了旧的 {path.name}")
    # A newer program that backs up before its upgrade leaves the schema, which others still use, alone.
    if made.manifest.revision == migrations.head():
        _record(settings, "make_backup", made.path.name, f"keys: {kept.name}" if kept else "")


@click.command()
@click.argument("path", metavar="FROM", type=_FILE)
@click.option("--keys", type=_FILE, help="The file of keys that `backup --keys` wrote.")
@click.option("--without-keys", is_flag=True, help="Restore although nothing that is sealed can be read any more.")
def restore(path: Path, keys: Path | None, without_keys: bool) -> None:
    """Restore the backup FROM into an empty VAR_DIR and an empty database. Overwrites nothing."""
    settings = Settings.from_environment()
    try:
        manifest = restoring.restore(settings, path, keys, without_keys=without_keys)
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from None
    made_at = f"{manifest.made_at:%Y-%m-%d %H:%M}（UTC）"
    click.echo(f"恢复好了：{made_at} 的备份，{manifest.row_count} 行，{len(manifest.files)} 个文件。")
    click.echo("接着运行 python -m bot doctor 看一遍，再启动；启动时会重建索引。")
    _record(settings, "restore_backup", path.name, "--without-keys" if without_keys else "")


def _record(settings: Settings, action: str, subject: str, why: str) -> None:
    """In the audit log. A restored database of an older version is upgraded for that, as the start does."""
    database = Database(settings.database_url)
    try:
        migrations.upgrade(database.engine)
        with database.transaction() as session:
            audit.record(session, who=operator(), action=action, subject=subject, why=why, at=utcnow())
    finally:
        database.close()
