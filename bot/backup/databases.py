"""Copies of a database while it is in use, and the way back: SQLite by its backup interface, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from bot import migrations
from bot.backup.manifest import BackupRefused
from bot.db import make_engine
from bot.settings import Settings

Rows = dict[str, int]
"""Table → number of rows."""

_COPY, _END_OF_COPY = b"COPY ", b"\\.\n"


class Store(Protocol):
    """One database. `member`: its name in the archive."""

    member: str

    def copy(self, to: Path) -> Rows:
        """Writes a copy of one moment. Raises BackupRefused."""

    def check(self, copy: Path) -> Rows:
        """Reads the whole copy. Raises BackupRefused: it is damaged."""

    def require_empty(self) -> None:
        """Raises BackupRefused: something is there already."""

    def restore(self, copy: Path) -> None:
        """Raises BackupRefused."""

    def rows(self) -> Rows:
        """Of the database itself."""


def kind_of(settings: Settings) -> str:
    return make_url(settings.database_url).get_backend_name()


def stores(settings: Settings) -> list[Store]:
    """The assistant's own database first. With PostgreSQL Rasa's conversations lie in the same one."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        return [PostgreSQL(settings.database_url)]
    return [SQLite("assistant.db", Path(str(url.database))), SQLite("trackers.db", settings.trackers_path)]


def revision_of(settings: Settings) -> str:
    """Raises BackupRefused: there is nothing to be backed up."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise BackupRefused(f"没有数据库 {url.database}")
    try:
        with _opened(make_engine(settings.database_url)) as engine:
            found = migrations.revision(engine)
    except DBAPIError as error:
        raise BackupRefused(f"数据库读不了：{error.orig}") from None
    if found is None:
        raise BackupRefused("数据库里还没有表，没有可备份的")
    return found


class SQLite:
    def __init__(self, member: str, path: Path) -> None:
        self.member, self._path = member, path

    def copy(self, to: Path) -> Rows:
        """Rasa's database may not be there yet; then there is no copy."""
        if not self._path.exists():
            return {}
        with self._damage_told(), closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
            # The copy is one file, without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        return self.check(to)

    def check(self, copy: Path) -> Rows:
        with self._damage_told(), closing(sqlite3.connect(copy)) as opened:
            ((found,), *_) = opened.execute("PRAGMA integrity_check").fetchall()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        return _rows_of(copy)

    def require_empty(self) -> None:
        if self._path.exists():
            raise BackupRefused(f"{self._path} 已经有了，不覆盖；先把它移到别处")

    def restore(self, copy: Path) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f"{self._path.name}.tmp")
        shutil.copyfile(copy, unfinished)
        unfinished.replace(self._path)

    def rows(self) -> Rows:
        return _rows_of(self._path)

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise BackupRefused(f"{self.member} 已损坏：{error}") from None


def _rows_of(path: Path) -> Rows:
    with _opened(create_engine(f"sqlite:///{path}")) as engine, engine.connect() as connection:
        return _counted(connection)


class PostgreSQL:
    member = "database.dump"

    def __init__(self, url: str) -> None:
        self._url = url

    def copy(self, to: Path) -> Rows:
        """The dump and the counted rows are of the same moment."""
        with (
            _opened(make_engine(self._url)) as engine,
            engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        ):
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            rows = _counted(connection)
            self._run("pg_dump", "--format=custom", *_OWNERLESS, f"--snapshot={snapshot}", f"--file={to}", *self._where)
        return rows

    def check(self, copy: Path) -> Rows:
        """Has the dump written out as SQL, and counts the rows in it."""
        rows: Rows = {}
        command = [_program("pg_restore"), "--data-only", "--file=-", str(copy)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writing:
            assert writing.stdout is not None  # noqa: S101 # it was started with a pipe
            counting = ""
            for line in writing.stdout:
                if counting and line == _END_OF_COPY:
                    counting = ""
                elif counting:
                    rows[counting] += 1
                elif line.startswith(_COPY):
                    counting = line.split()[1].decode().split(".")[-1].strip('"')
                    rows[counting] = 0
            assert writing.stderr is not None  # noqa: S101
            said = writing.stderr.read().decode(errors="replace")
        if writing.returncode:
            raise BackupRefused(f"{self.member} 已损坏：{said.strip()}")
        return rows

    def require_empty(self) -> None:
        with _opened(make_engine(self._url)) as engine, engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise BackupRefused("DATABASE_URL 的数据库里已经有表，不覆盖；新建一个空的数据库")
            if connection.scalar(text(_OTHERS)):
                raise BackupRefused("还有别的程序连着这个数据库，先停掉它们")

    def restore(self, copy: Path) -> None:
        self._run("pg_restore", "--exit-on-error", "--single-transaction", *_OWNERLESS, *self._where, str(copy))

    def rows(self) -> Rows:
        with _opened(make_engine(self._url)) as engine, engine.connect() as connection:
            return _counted(connection)

    @property
    def _where(self) -> list[str]:
        """Without the password, which other users could see in the list of processes."""
        url = make_url(self._url).difference_update_query(["prepared"])
        bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        return [f"--dbname={bare.render_as_string()}"]

    def _run(self, name: str, *arguments: str) -> None:
        password = make_url(self._url).password
        environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
        ran = subprocess.run([_program(name), *arguments], env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise BackupRefused(f"{name} 没有做成：{ran.stderr.strip()}")


_OWNERLESS = ("--no-owner", "--no-privileges")
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


def _program(name: str) -> str:
    """Raises BackupRefused."""
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(f"这台机器没有 {name}：装 postgresql-client，版本不低于服务器的")
    return found


def _counted(connection: Connection) -> Rows:
    names = inspect(connection).get_table_names()
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


@contextmanager
def _opened(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
