"""The database: base class of all tables, the engine, the transaction, and the lock of a row.

Instants are stored in UTC and always carry their time zone in Python (`UTCDateTime`).
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import psycopg
from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, event, func, inspect, select, text, update
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from bot.punctual_connection import PunctualConnection, connected

# How long a connection waits for SQLite's one write lock; readers never wait.
BUSY_SECONDS = 15
# Of the address of the database; not one of PostgreSQL's own words.
_PREPARED = "prepared"
# Of PostgreSQL's states: no connection, shutting down or starting, too many connections.
_AWAY = ("08", "57P", "53300")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Row = TypeVar("Row", bound=Base)
P = ParamSpec("P")
T = TypeVar("T")


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. SQLite stores no time zone, so it is converted to UTC when written and marked as UTC when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utcnow() -> datetime:
    return datetime.now(UTC)


def make_engine(database_url: str, *, gives_up: bool = False) -> Engine:
    """Opens SQLite (write-ahead log, foreign keys on, deleted rows overwritten, waits for a lock) or PostgreSQL.

    `gives_up`: whether PostgreSQL is waited for only so long (`bot/punctual_connection.py`).

    `?prepared=off` in the address of PostgreSQL: no statement is prepared. A pooler that lends a connection for one
    transaction gives the next transaction another one, which does not know the statement.

    Errors do not quote the values to be stored, since errors are logged.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query([_PREPARED]),
            pool_pre_ping=True,
            connect_args={"prepare_threshold": None} if url.query.get(_PREPARED) == "off" else {},
            hide_parameters=True,
        )
        if gives_up:

            @event.listens_for(engine, "do_connect")
            def _connect(_dialect, _record, _arguments, parameters) -> PunctualConnection:  # type: ignore[no-untyped-def]
                return connected(**parameters)

        return engine
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        # Enough connections for readers while others are held by transactions that wait for the write lock.
        **({"pool_size": 20, "max_overflow": 40} if url.database and url.database != ":memory:" else {}),
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection, _record) -> None:  # type: ignore[no-untyped-def]
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "handle_error")
    def _close_what_can_only_be_read(context: ExceptionContext) -> None:
        """SQLite opens a file on a disk that cannot be written for reading, and keeps to it when the disk is mended."""
        code = getattr(context.original_exception, "sqlite_errorcode", 0)
        context.is_disconnect |= code & 0xFF == sqlite3.SQLITE_READONLY

    return engine


def is_away(error: DBAPIError) -> bool:
    """Whether the server could not be reached or broke off, or the disk could not be written: it may work later."""
    state = getattr(error.orig, "sqlstate", None)
    cannot_connect = isinstance(error.orig, psycopg.OperationalError) and (state is None or state.startswith(_AWAY))
    return error.connection_invalidated or cannot_connect


def one_at_a_time(connection: Connection, work: str) -> None:
    """Until the transaction ends, others that call this for the same work wait. Not on SQLite, whose files belong to
    one assistant.

    The lock is of the transaction and not of the connection, so that it also works through a pooler.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(zlib.crc32(work.encode()))))


def compact(engine: Engine) -> None:
    """Rewrites the files, so that no deleted or changed data is left in them. Locks the database meanwhile."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM FULL"))
        else:
            connection.execute(text("VACUUM"))
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))


def locked(session: Session, table: type[Row], key: object) -> Row | None:
    """The row as it is now; nobody else changes it until the transaction ends. None if there is none.

    Done by an update that changes nothing, not by `SELECT … FOR UPDATE`: SQLite has no row locks, and takes the
    database's one write lock at the first write of a transaction.
    """
    mapper = inspect(table)
    (primary,) = mapper.primary_key
    unchanged = next(column for column in mapper.columns if not column.primary_key)
    session.execute(
        update(table).where(primary == key).values({unchanged: unchanged}).execution_options(synchronize_session=False)
    )
    return session.get(table, key, populate_existing=True)


def added(session: Session, row: object) -> bool:
    """Adds the row. False if another transaction has just added one with the same key; then nothing is changed."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


class Database:
    """One per process: hands out transactions that commit when the block ends well and roll back otherwise."""

    def __init__(self, database_url: str, *, gives_up: bool = False) -> None:
        """`gives_up`: as of `make_engine`. For processes in which citizens wait."""
        self.engine = make_engine(database_url, gives_up=gives_up)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._sessions() as session, session.begin():
            yield session

    def run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(session, …)`, in a transaction of its own."""
        with self.transaction() as session:
            return work(session, *args, **kwargs)

    def attempt(self, work: Callable[[Session], object]) -> bool:
        """Does the work in its own transaction if nobody holds the lock that it needs; False if somebody does.

        For work that can be done the next time, so that a page that is only read does not wait for a writer.
        """
        is_sqlite = self.engine.dialect.name == "sqlite"
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 0" if is_sqlite else "SET LOCAL lock_timeout = '50ms'")
            try:
                with Session(connection) as session:
                    work(session)
                    session.flush()
                    connection.commit()
            except OperationalError:
                connection.rollback()
                return False
            finally:
                if is_sqlite:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return True

    def close(self) -> None:
        self.engine.dispose()
