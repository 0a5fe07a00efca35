"""Keeps what people write out of all log records of a process, whichever library a record comes from.

An error is logged by its type and the places that it passed, never by its message, which may quote a citizen. Lines of
other libraries that are not plain ASCII are left out. Used in both environments.
"""

from __future__ import annotations

import logging
import traceback
import warnings
from functools import lru_cache
from typing import Any

from bot.language.masking import mask

# The loggers of our own code.
OURS = ("bot", "actions")
_MOST_PLACES = 8

_plain_record = logging.LogRecord


def install() -> None:
    """Takes effect for the whole process. Debug records are switched off, since they quote what was said."""
    logging.disable(logging.DEBUG)
    logging.setLogRecordFactory(without_words)
    warnings.showwarning = _tell_of_warning  # type: ignore[assignment]


def without_words(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record as `logging` makes it, with nothing in it that a citizen may have said."""
    record = _plain_record(*args, **kwargs)
    is_ours = record.name.split(".")[0] in OURS
    # Lines without arguments are the same each time; to look through one takes as long as all else of it.
    text = _without_words(record.getMessage(), is_ours) if record.args else _fixed_without_words(record.msg, is_ours)
    error = record.exc_info[1] if record.exc_info else None
    record.msg = f"{text}: {condensed(error)}" if error else text
    record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
    return record


def condensed(error: BaseException) -> str:
    """`KeyError at bot/a.py:12 in f < bot/b.py:7 in g`, followed by its cause; system errors with their reason."""
    told = f"{type(error).__name__}{_reason(error)}{_places(error)}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{told}; from {condensed(cause)}" if cause is not None else told


def _without_words(text: str, is_ours: bool) -> str:
    if not is_ours and not (text.isascii() and "\\u" not in text):
        return f"({len(text)} characters that may be somebody's words)"
    return mask(text)


@lru_cache(maxsize=256)
def _fixed_without_words(text: object, is_ours: bool) -> str:
    return _without_words(str(text), is_ours)


def _reason(error: BaseException) -> str:
    return f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_PLACES:]
    return "".join(
        f" {'<' if place else 'at'} {frame.filename}:{frame.lineno} in {frame.name}"
        for place, frame in enumerate(reversed(frames))
    )


def _tell_of_warning(_message: object, category: type, filename: str, lineno: int, *_: object) -> None:
    """Logs where a warning arose, not its message, which may quote what was typed."""
    logging.getLogger("warnings").warning("%s at %s:%d", category.__name__, filename, lineno)
