"""Says which statements read a whole table that grows, by the plans of the database itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.db import Database

# Tables to which citizens and staff add rows every day. All others are as large as the city's catalogue or its staff.
GROWING = frozenset(
    {
        *(
            "conversations",
            "messages",
            "staff_messages",
            "answer_marks",
            "talk_files",
            "talk_file_parts",
            "talk_links",
        ),
        *(
            "done_acts",
            "cases",
            "case_events",
            "case_notes",
            "case_mentions",
            "case_drafts",
            "work_orders",
        ),
        *(
            "city_orders",
            "call_backs",
            "case_unsent_texts",
            "case_ratings",
            "disclosure_requests",
        ),
        *(
            "disclosure_applicants",
            "disclosure_drafts",
            "disclosure_errands",
            "disclosure_reminders",
        ),
        *(
            "disclosure_events",
            "lookup_attempts",
            "notices",
            "answer_files",
            "answer_file_parts",
            "notice_files",
        ),
        *(
            "helpline_subscribers",
            "helpline_consents",
            "helpline_inbound",
            "helpline_outgoing",
            "helpline_nonces",
        ),
        *(
            "documents",
            "document_versions",
            "passages",
            "document_changes",
            "public_letters",
            "voices",
        ),
        *(
            "interview_questions",
            "citizen_sign_ins",
            "citizen_matters",
            "sign_ins",
            "sign_in_failures",
            "audit_log",
        ),
        *("gap_messages",),
    }
)

Asked = dict[str, Any]
"""Each statement with the parameters with which it was last sent."""


@contextmanager
def statements(database: Database) -> Iterator[Asked]:
    """The statements that are sent to this database meanwhile, whoever in this process sends them."""
    asked: Asked = {}
    url, kinds = str(database.engine.url), ("SELECT", "UPDATE", "DELETE", "WITH")

    def note(connection: Connection, _: object, statement: str, parameters: Any, *__: object) -> None:
        if str(connection.engine.url) == url and statement.lstrip().startswith(kinds):
            asked[statement] = parameters

    # Of all engines: the web process opens its own.
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def whole_tables_read(database: Database, asked: Asked) -> list[str]:
    """A line for each statement that reads all of a growing table: its plan's step, and the statement.

    PostgreSQL is told to avoid reading a whole table where an index would do, since its tables are nearly empty here.
    SQLite plans for tables of unknown size, which it takes to be large.
    """
    found = []
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in asked.items():
            explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            every = parameters if isinstance(parameters, list) else [parameters]
            rows = connection.exec_driver_sql(explain + statement, every[0]).all()
            names = _aliases(statement)
            steps = [str(row[3]) for row in rows] if is_sqlite else [str(row[0]) for row in rows]
            if is_sqlite and " LIMIT " in statement and not any("TEMP B-TREE" in step for step in steps):
                continue  # read in the order of a key, and only until the page is full
            for table, step in _scanned(steps, is_sqlite):
                if names.get(table, table) in GROWING:
                    found.append(f"{step.strip()} ← {' '.join(statement.split())}")
    return found


def _scanned(steps: list[str], is_sqlite: bool) -> Iterator[tuple[str, str]]:
    # An index that SQLite scans is as long as its table, unless it holds only some of the rows.
    pattern = r"SCAN (\w+)(?! USING INDEX \w*waiting)" if is_sqlite else r"Seq Scan on (\w+)"
    for step in steps:
        if match := re.search(pattern, step):
            yield match[1], step


def _aliases(statement: str) -> dict[str, str]:
    return {alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement)}
