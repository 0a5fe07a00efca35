"""Everything is destroyed and restored from a backup; what is damaged, newer or not empty is refused before."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from bot.backup import making, restoring
from bot.backup.databases import stores
from bot.backup.manifest import NAME, BackupRefused, Manifest
from bot.backup.ring import ring_of, write_apart
from bot.cli import cli
from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.db import Database
from bot.running.one_assistant import the_only_one
from bot.sealing import Sealer, kept_ring, replace_kept_keys
from bot.settings import Settings
from bot.staff.models import AuditEntry
from tests.databases import set_up

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)
COUNT = 30


def filled(database_url: str, var_dir: Path, shared_dir: Path | None = None) -> Settings:
    """A city with messages, a conversation of Rasa's, a model, what staff taught, and things that are made again."""
    if shared_dir:
        shared_dir.mkdir()
    settings = Settings.from_environment(
        {"VAR_DIR": str(var_dir), "SHARED_DIR": str(shared_dir or ""), "DATABASE_URL": database_url}
    )
    database = Database(settings.database_url)
    set_up(database)
    with database.transaction() as session:
        conversation = conversations.open_conversation(session, "c1", "portal", NOW)
        for number in range(COUNT):
            conversations.store_message(session, conversation, f"第 {number} 问\n另起一行\t\\.", NOW)
    database.close()
    for folder, names in (
        (shared_dir or var_dir, ("models/m1.tar.gz", "lessons/l1.yml", "holidays.json")),
        (var_dir, ("logs/web.log", "answering-index/x.index")),
    ):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
    with closing(sqlite3.connect(settings.trackers_path)) as trackers:
        trackers.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, data TEXT)")
        trackers.execute("INSERT INTO events (data) VALUES ('sealed')")
        trackers.commit()
    Sealer.of(settings)
    return settings


@pytest.fixture
def city(tmp_path: Path) -> Settings:
    return filled(f"sqlite:///{tmp_path / 'var' / 'assistant.db'}", tmp_path / "var")


def texts(settings: Settings) -> list[str]:
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            return list(session.scalars(select(Message.text).order_by(Message.id)))
    finally:
        database.close()


def destroy(settings: Settings) -> None:
    shutil.rmtree(settings.var_dir)
    shutil.rmtree(settings.shared_dir, ignore_errors=True)
    if settings.database_url.startswith("postgresql"):
        database = Database(settings.database_url)
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_all_is_destroyed_and_restored(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    var_dir, sqlite = tmp_path / "var", kind == "sqlite"
    # Of several machines on one PostgreSQL.
    shared_dir = None if sqlite else tmp_path / "shared"
    url = f"sqlite:///{var_dir / 'assistant.db'}" if sqlite else request.getfixturevalue("postgresql_url")
    city = filled(url, var_dir, shared_dir)
    before, sealed = texts(city), Sealer.of(city).seal("王小明")
    with the_only_one(city):  # the assistant runs meanwhile
        made = making.make(city, tmp_path / "backups", NOW)
    keys = write_apart(ring_of(city), tmp_path / "safe")  # type: ignore[arg-type]
    assert keys.stat().st_mode & 0o777 == 0o600
    assert city.identity_key_path.read_text()[:40].encode() not in made.path.read_bytes()
    destroy(city)
    restoring.restore(city, made.path, keys)
    assert texts(city) == before
    assert len(before) == COUNT
    assert Sealer.of(city).open(sealed) == "王小明"
    folders = (var_dir, shared_dir or var_dir)
    found = {path.relative_to(root).as_posix() for root in folders for path in root.rglob("*") if path.is_file()}
    files = {"models/m1.tar.gz", "lessons/l1.yml", "holidays.json", "identity.key", "running.lock"}
    assert found - {"assistant.db", "assistant.db-shm", "assistant.db-wal"} == files | (
        {"trackers.db"} if sqlite else set()
    )
    with pytest.raises(BackupRefused, match="不覆盖"):
        restoring.restore(city, made.path, keys)


def test_a_backup_is_of_one_moment_while_others_write(city: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(city.var_dir / "assistant.db")) as writing:
        writing.execute("DELETE FROM messages")
        made = making.make(city, tmp_path / "backups", NOW)
        writing.rollback()
    assert made.manifest.rows["assistant.db"]["messages"] == COUNT


def altered(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of the archive in which one member is another."""
    copy = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return copy


def in_manifest(**fields: object) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps({**json.loads(content), **fields}).encode()


def with_damaged_rows(content: bytes) -> bytes:
    manifest = json.loads(content)
    manifest["rows"]["assistant.db"]["messages"] += 1
    return json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (NAME, in_manifest(revision="9999"), "更新的程序"),
        (NAME, in_manifest(format=2), "另一种格式"),
        (NAME, in_manifest(database="postgresql"), "不能互换"),
        (NAME, in_manifest(files={}), "和清单不一致"),
        (NAME, with_damaged_rows, "行数"),
        (NAME, lambda _: b"{}", "不是完好的备份"),
        ("files/holidays.json", lambda content: content + b" ", "摘要"),
        ("assistant.db", lambda content: content[: len(content) // 2], "摘要"),
    ],
)
def test_what_is_damaged_newer_or_of_another_kind_is_refused_and_nothing_is_written(
    city: Settings, tmp_path: Path, name: str, change: Callable[[bytes], bytes], words: str
) -> None:
    path = altered(making.make(city, tmp_path / "backups", NOW).path, name, change)
    keys = write_apart(ring_of(city), tmp_path / "safe")  # type: ignore[arg-type]
    destroy(city)
    with pytest.raises(BackupRefused, match=words):
        restoring.restore(city, path, keys)
    assert [each.name for each in city.var_dir.iterdir()] == ["running.lock"]


def test_an_archive_that_was_cut_short_is_refused(city: Settings, tmp_path: Path) -> None:
    path = making.make(city, tmp_path / "backups", NOW).path
    path.write_bytes(path.read_bytes()[:-200])
    destroy(city)
    with pytest.raises(BackupRefused, match="不是完好的备份"):
        restoring.restore(city, path, None)


def test_a_damaged_database_is_not_backed_up_as_a_good_one(city: Settings, tmp_path: Path) -> None:
    (store, *_) = stores(city)
    with closing(sqlite3.connect(city.var_dir / "assistant.db")) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((city.var_dir / "assistant.db").read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    (city.var_dir / "assistant.db").write_bytes(content)
    with pytest.raises(BackupRefused, match="已损坏"):
        store.copy(tmp_path / "copy.db")
    with pytest.raises(BackupRefused):
        making.make(city, tmp_path / "backups", NOW)
    assert list((tmp_path / "backups").glob("**/*")) == []


def test_without_its_keys_a_backup_is_restored_only_on_purpose(city: Settings, tmp_path: Path) -> None:
    path = making.make(city, tmp_path / "backups", NOW).path
    destroy(city)
    with pytest.raises(BackupRefused, match="--without-keys"):
        restoring.restore(city, path, None)
    restoring.restore(city, path, None, without_keys=True)
    assert not city.identity_key_path.exists()


def test_keys_that_were_changed_after_the_backup_still_open_it_and_are_not_overwritten(
    city: Settings, tmp_path: Path
) -> None:
    path = making.make(city, tmp_path / "backups", NOW).path
    old = write_apart(ring_of(city), tmp_path / "safe")  # type: ignore[arg-type]
    newer = kept_ring(city.identity_key_path).with_new_key()
    destroy(city)
    city.var_dir.mkdir()
    replace_kept_keys(city.identity_key_path, newer)
    with pytest.raises(BackupRefused, match="不覆盖"):
        restoring.restore(city, path, old)
    restoring.restore(city, path, None)
    assert kept_ring(city.identity_key_path) == newer


def test_a_running_assistant_is_not_restored_over(city: Settings, tmp_path: Path) -> None:
    path = making.make(city, tmp_path / "backups", NOW).path
    with the_only_one(city), pytest.raises(BackupRefused, match="先停掉"):
        restoring.restore(city, path, None)


def test_a_backup_overwrites_none_lies_outside_and_older_ones_go(city: Settings, tmp_path: Path) -> None:
    into = tmp_path / "backups"
    for day in range(4):
        making.make(city, into, NOW + timedelta(days=day))
    with pytest.raises(BackupRefused, match="不覆盖"):
        making.make(city, into, NOW)
    with pytest.raises(BackupRefused, match="数据文件夹里"):
        making.make(city, city.var_dir / "backups", NOW)
    assert len(making.remove_older(into, 2)) == 2
    left = sorted(path.name for path in into.iterdir())
    assert left == ["assistant-20261201T040000Z.zip", "assistant-20261202T040000Z.zip"]


def test_there_is_nothing_to_back_up_before_the_first_start(tmp_path: Path) -> None:
    empty = Settings.from_environment({"VAR_DIR": str(tmp_path / "var")})
    with pytest.raises(BackupRefused, match="没有数据库"):
        making.make(empty, tmp_path / "backups", NOW)
    assert not (tmp_path / "var").exists()


def test_a_member_that_leads_outside_is_refused(city: Settings, tmp_path: Path) -> None:
    made = making.make(city, tmp_path / "backups", NOW)
    packed = made.manifest.files["files/holidays.json"]
    hostile = replace_member(made.path, made.manifest, "files/../../escaped", packed.model_dump())
    destroy(city)
    with pytest.raises(BackupRefused, match="不是数据文件夹里的文件"):
        restoring.restore(city, hostile, None, without_keys=True)
    assert not (tmp_path.parent / "escaped").exists()


def replace_member(path: Path, manifest: Manifest, name: str, packed: dict[str, object]) -> Path:
    copy = path.with_name("hostile.zip")
    files = {each: about.model_dump() for each, about in manifest.files.items() if each != "files/holidays.json"}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for member in files:
            new.writestr(member, old.read(member))
        new.writestr(name, old.read("files/holidays.json"))
        new.writestr(NAME, in_manifest(files={**files, name: packed})(old.read(NAME)))
    return copy


def test_the_commands_say_what_they_did(city: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(city.var_dir))
    monkeypatch.setenv("DATABASE_URL", city.database_url)
    monkeypatch.delenv("IDENTITY_KEY")
    into, safe = tmp_path / "backups", tmp_path / "safe"
    refused = CliRunner().invoke(cli, ["backup", str(into), "--keys", str(into)])
    assert (refused.exit_code, "不能和备份放在一起" in refused.output) == (1, True)
    said = CliRunner().invoke(cli, ["backup", str(into), "--keys", str(safe), "--keep", "3"])
    assert (said.exit_code, "核对过" in said.output) == (0, True), said.output
    destroy(city)
    (path,), (keys,) = into.iterdir(), safe.iterdir()
    said = CliRunner().invoke(cli, ["restore", str(path), "--keys", str(keys)])
    assert (said.exit_code, "恢复好了" in said.output) == (0, True), said.output
    database = Database(city.database_url)
    with database.transaction() as session:
        entries = session.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()
    database.close()
    # The backup was recorded after it was made, so that it is not in itself.
    assert entries == [("restore_backup", path.name)]
    assert "不覆盖" in CliRunner().invoke(cli, ["restore", str(path)]).output


def test_a_passwords_place_is_the_environment_and_not_the_list_of_processes() -> None:
    (store,) = stores(
        replace(Settings.from_environment({}), database_url="postgresql://city:s3cret@db/city?sslmode=require")
    )
    assert store._where == ["--dbname=postgresql://city@db/city?sslmode=require"]  # type: ignore[attr-defined]
