"""How the cost of what is done all day grows with what is stored: conversations, disclosure requests, texts and cases.

    .venv/web/bin/python -m benchmarks.growth 1 1000 100000
    .venv/engine/bin/python -m benchmarks.growth_plot benchmarks/results/growth.csv benchmarks/results/growth.png

Each size has a database of its own, filled with so many conversations of one message, and as many requests, texts in,
texts out and closed cases. Times are milliseconds of the processor, the median of many, warm. What is written is rolled
back, so that each try meets the same database. `benchmarks/search_growth.py` does the same for passages.

SQLite's ANALYZE is not run, as nothing of ours runs it: most rows have the same state, so SQLite would then take the
index on the state for worthless and read whole tables.
"""

from __future__ import annotations

import csv
import json
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot import migrations
from bot.catalogue.models import Department
from bot.conversations import service as conversations
from bot.conversations.browsing import Wanted, browse
from bot.conversations.models import Conversation, Message
from bot.db import Database
from bot.disclosures import service as disclosures
from bot.disclosures.terms import ApplicantKind
from bot.helpline import inbox, outbox
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.places import ROOT
from bot.reviews.models import Case
from bot.reviews.queue import QueueFilter, queue
from bot.staff.models import Person
from bot.workdays import CHINA

RESULTS = ROOT / "benchmarks" / "results"
NOW = datetime(2026, 11, 24, 10, tzinfo=CHINA)
RECEIPT, CODE = "XXGK-2026-000123", "K7M2-9QXD"
_TRIES = 40
_ROWS_AT_ONCE = 5000
_OPEN_CASES = 40


def main(sizes: list[int]) -> None:
    rows = [(size, name, took) for size in sizes for name, took in measured(size).items()]
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / "growth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["conversations", "what", "ms of processor, median"])
        writer.writerows((size, name, f"{took:.3f}") for size, name, took in rows)
    (RESULTS / "growth.json").write_text(json.dumps(_machine(), indent=1) + "\n", encoding="utf-8")
    for size, name, took in rows:
        print(f"{size:>10,} {name:32}{took:9.3f} ms")


def measured(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'made.db'}")
        migrations.upgrade(database.engine)
        fill(database, size)
        found = {name: _median_ms(database, work) for name, work in WORK.items()}
        database.close()
        return found


def fill(database: Database, size: int) -> None:
    with database.transaction() as session:
        session.add(Department(code="GA", name="公安局", short_names=[], phone="0990-1"))
        session.add(Person(id=1, login="clerk", name="王芳", role="clerk", is_active=True, created_at=NOW))
        session.add(Subscriber(id=1, channel="sms", user_digest="1", user_sealed="x", conversation_id="s1"))
        session.flush()
        disclosures.record_request(
            session,
            receipt=RECEIPT,
            query_code=CODE,
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            applicant="王小明",
            description="滨河绿地规划图则",
            department_code="GA",
            received_on=date(2026, 11, 10),
            submitted_via="网上",
        )
    for first in range(0, size, _ROWS_AT_ONCE):
        numbers = range(first, min(size, first + _ROWS_AT_ONCE))
        with database.engine.begin() as writing:
            for table, row in ROWS.items():
                writing.execute(insert(table), [row(number, size) for number in numbers])


def _conversation(number: int, size: int) -> dict[str, Any]:
    at = NOW - timedelta(minutes=size - number)
    return {"id": f"c{number}", "channel": "portal", "started_at": at, "last_message_at": at}


def _message(number: int, size: int) -> dict[str, Any]:
    return {
        "conversation_id": f"c{number}", "received_at": NOW - timedelta(minutes=size - number), "entities": [],
        "text": "居住证在哪里办", "masked_text": "居住证在哪里办", "outcome": "answered_by_record",
        "replies": [{"text": "到居住地派出所办。"}],
    }  # fmt: skip


def _case(number: int, size: int) -> dict[str, Any]:
    at, is_open = NOW - timedelta(minutes=size - number), size - number <= _OPEN_CASES
    return {
        "conversation_id": f"c{number}", "channel": "portal", "reasons": ["asked_for_person"], "kind": "question",
        "question": "居住证怎么办", "transcript": [], "searched_text": "", "tags": [],
        "state": "new" if is_open else "closed", "priority": "normal", "opened_at": at, "citizen_waits": is_open,
        "waiting_since": at, "due_at": at + timedelta(days=2) if is_open else None,
        "closed_at": None if is_open else at,
    }  # fmt: skip


def _inbound(number: int, size: int) -> dict[str, Any]:
    at = NOW - timedelta(minutes=size - number)
    return {
        "subscriber_id": 1, "channel": "sms", "gateway_id": f"g{number}", "kind": "text", "text_sealed": None,
        "sent_at": at, "received_at": at, "state": "answered", "attempts": 1, "due_at": at,
    }  # fmt: skip


def _outgoing(number: int, size: int) -> dict[str, Any]:
    at = NOW - timedelta(minutes=size - number)
    return {
        "key": f"k{number}", "subscriber_id": 1, "channel": "sms", "text": "x", "state": "delivered", "made_at": at,
        "due_at": at, "attempts": 1, "sent_at": at,
    }  # fmt: skip


ROWS: dict[Any, Callable[[int, int], dict[str, Any]]] = {
    Conversation: _conversation,
    Message: _message,
    Case: _case,
    Inbound: _inbound,
    Outgoing: _outgoing,
}


def _store_message(session: Session) -> None:
    talk = conversations.open_conversation(session, "new", "portal", NOW)
    conversations.store_message(session, talk, "居住证怎么办", NOW, "m1")


def _queue(session: Session) -> None:
    queue(session, QueueFilter(), seen_by=session.get_one(Person, 1), now=NOW)


WORK: dict[str, Callable[[Session], object]] = {
    "storing a message": _store_message,
    "reading a conversation": lambda session: conversations.history(session, "c0"),
    "list of conversations": lambda session: browse(session, Wanted()),
    "queue": _queue,
    "status by receipt and code": lambda session: disclosures.look_up(session, RECEIPT, CODE, "client", NOW),
    "inbox: whose turn": lambda session: inbox.subscribers_to_answer(session, NOW, ()),
    "outbox: to whom": lambda session: outbox.subscribers_to_send_to(session, ["sms"], NOW, ()),
    "outbox: how many wait": lambda session: outbox.waiting_count(session, NOW),
}


def _median_ms(database: Database, work: Callable[[Session], object]) -> float:
    took = []
    for number in range(_TRIES + 3):
        with Session(database.engine) as session:
            began = time.process_time()
            work(session)
            session.flush()
            if number >= 3:
                took.append(time.process_time() - began)
            session.rollback()
    return 1000 * statistics.median(took)


def _machine() -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return {
        "processor": model, "system": platform.platform(), "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "sqlalchemy": sqlalchemy.__version__,
    }  # fmt: skip


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1, 1000, 100_000])
