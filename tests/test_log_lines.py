from __future__ import annotations

import json
import logging

from bot import request_ids
from bot.log_lines import JsonLines, fields


def line(message: str, **values: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "bot.web.chat", "msg": message, "levelname": "INFO", **fields(**values)})
    told: dict[str, object] = json.loads(JsonLines("web").format(record))
    return told


def test_a_line_names_process_and_request_and_what_is_said_of_it() -> None:
    with request_ids.carrying("4bf92f3577b34da6a3ce929d0e0e4736"):
        told = line("message answered", message_id=7, outcome="answered_by_record", milliseconds=12.3456)
    del told["time"]
    assert told == {
        "level": "INFO",
        "process": "web",
        "logger": "bot.web.chat",
        "message": "message answered",
        "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "message_id": 7,
        "outcome": "answered_by_record",
        "milliseconds": 12.3,
    }
    assert "request_id" not in line("done by time")


def test_a_field_holds_no_text_of_somebody() -> None:
    assert line("message answered", outcome="我叫王小明", channel="a b")["outcome"] == "(not a name)"
