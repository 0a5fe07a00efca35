"""The id of the request that is being answered. It goes with a message through all processes and into each log line.

with carrying(new_id()):
    logger.info("taken")  # this line, and those of tasks and threads begun here, carry the id
    await session.post(url, headers=as_headers())  # and so do the lines of the next process

Used in both environments.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-Id"
# What proxies make: nginx 32 hexadecimal digits, HAProxy and Envoy a UUID. Nothing else comes into a log.
_GIVEN = re.compile(r"[0-9A-Za-z-]{16,64}")

_CURRENT: ContextVar[str] = ContextVar("request_id", default="")


def new_id() -> str:
    return uuid.uuid4().hex


def current() -> str:
    """Empty outside of all requests, as in chores."""
    return _CURRENT.get()


def given(header: str | None) -> str:
    """The id that a header of another process holds; empty if it holds none, or anything else."""
    return header if header is not None and _GIVEN.fullmatch(header) else ""


@contextmanager
def carrying(request_id: str) -> Iterator[None]:
    token = _CURRENT.set(request_id)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def as_headers() -> dict[str, str]:
    """What to send along to the next process."""
    request_id = current()
    return {HEADER: request_id} if request_id else {}
