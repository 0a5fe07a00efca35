"""Types of columns that hold what citizens say, or what is said about them: sealed in the database, open in Python.

SQL cannot search or compare such a column. Where that is needed, a masked text is stored in a column of its own.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from bot.sealing import SealBroken, own_sealer

logger = logging.getLogger(__name__)

# Shown in place of a text that cannot be opened, because the key that sealed it is gone.
UNREADABLE = "（封存这段文字的密钥已不在，无法显示）"


class SealedText(TypeDecorator[str]):
    """A text, or null. One sealed with a key that is gone reads `UNREADABLE`, so that the rest can still be seen."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        return None if value is None else own_sealer().seal(value)

    def process_result_value(self, value: str | None, dialect: object) -> str | None:
        return None if value is None else _opened(value, UNREADABLE)


class SealedList(TypeDecorator[list[Any]]):
    """A list as JSON knows it. One sealed with a key that is gone reads as empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: object) -> str:
        return own_sealer().seal(json.dumps(value or [], ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: object) -> list[Any]:
        found: list[Any] = [] if value is None else json.loads(_opened(value, "[]"))
        return found


class SealedDict(TypeDecorator[dict[str, Any]]):
    """A dictionary as JSON knows it. One sealed with a key that is gone reads as empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: object) -> str:
        return own_sealer().seal(json.dumps(value or {}, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: object) -> dict[str, Any]:
        found: dict[str, Any] = {} if value is None else json.loads(_opened(value, "{}"))
        return found


def _opened(sealed: str, otherwise: str) -> str:
    try:
        return own_sealer().open(sealed)
    except SealBroken:
        logger.error("a stored text was sealed with a key that is not in IDENTITY_KEY or identity.key")
        return otherwise
