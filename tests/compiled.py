"""Templates and SQL statements are compiled once for all tests of a process.

The program compiles them once per process too. But each test opens databases and web applications of its own, and each
of these would compile all that it uses again.
"""

from __future__ import annotations

from functools import partial, partialmethod
from types import CodeType

import jinja2
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

from bot import db

STATEMENTS_KEPT = 3000


class _Templates(jinja2.BytecodeCache):
    """The code of each template, as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        assert bucket.code
        self._kept[bucket.key, bucket.checksum] = bucket.code


def compile_once() -> None:
    """From now on."""
    jinja2.Environment.__init__ = partialmethod(  # type: ignore[assignment, method-assign]
        jinja2.Environment.__init__, bytecode_cache=_Templates()
    )
    db.create_engine = partial(  # type: ignore[attr-defined]
        create_engine, execution_options={"compiled_cache": LRUCache(STATEMENTS_KEPT)}
    )
    # SQLAlchemy keeps a statement with the dialect for which it was compiled, and each database has one of its own.
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _same_kind  # type: ignore[method-assign, assignment]
        dialect.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]


def _same_kind(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(one: Dialect) -> int:
    return hash(type(one))
