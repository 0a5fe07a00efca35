"""Logs as JSON, one object a line, the same from all processes:

{"time": "2026-11-27T08:00:00.123Z", "level": "INFO", "process": "web", "logger": "bot.web.chat",
 "message": "message answered", "request_id": "4bf9…", "channel": "portal", "milliseconds": 62}

What stands beside `message` comes from `fields`. Used in both environments.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any

from bot import quiet_logs, request_ids

_FIELDS = "fields"
_ENCODER = json.JSONEncoder(ensure_ascii=False)
# Names of things that we have named. A text of somebody else does not pass.
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def fields(**values: object) -> dict[str, Any]:
    """For `extra` of a log call: numbers, and names such as a channel's or an outcome's."""
    return {_FIELDS: {name: plain(value) for name, value in values.items()}}


def milliseconds_since(began: float) -> float:
    """`began`: as `time.monotonic` told it."""
    return (time.monotonic() - began) * 1000


def plain(value: object) -> int | float | str | None:
    """The value, unless it is a text that is no name."""
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, int) or value is None:
        return value
    return str(value) if _NAME.fullmatch(str(value)) else "(not a name)"


class JsonLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{at}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = request_ids.current()
        if request_id:
            line["request_id"] = request_id
        return _ENCODER.encode({**line, **getattr(record, _FIELDS, {})})


def install(process: str) -> None:
    """Makes all log records of this process such lines on standard error, with nobody's words in them."""
    quiet_logs.install()
    # Our own loggers do not pass their records on to the root: Rasa sets its level, and drops lines that are repeated.
    for name in ("", *quiet_logs.OURS):
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines(process))
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # Each look at the schema would be two lines.
    logging.getLogger("alembic").setLevel(logging.WARNING)
