"""Decides whether a letter is held back until a person has looked at it. Never silently: the citizen is told why.

The words are data: `held_words.csv`, and a city's own file of the same form (`HELD_WORDS_FILE`).
"""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path

from pydantic import Field

from bot.language.text import bare
from bot.settings import Settings
from bot.sheets import Unreadable
from bot.tabular import ImportRejected, Row, read_tables
from bot.voices.terms import Hold

SHIPPED_WORDS = Path(__file__).parent / "held_words.csv"
_ADDRESS = re.compile(r"(https?://|www\.)?((?:[a-z0-9-]+\.)+([a-z]{2,}))", re.IGNORECASE)
_USUAL_ENDINGS = ("com", "cn", "net", "org", "top", "xyz", "vip", "cc", "info", "shop", "link", "site")
# Government sites may be quoted.
_OFFICIAL = ".gov.cn"

log = logging.getLogger(__name__)


class WordRow(Row):
    word: str = Field(alias="词", min_length=2)
    why: str = Field(alias="说明")


def holds_of(text: str, *, is_often: bool, is_same: bool) -> list[Hold]:
    """Why the letter is held back; empty if it is not.

    Args:
        is_often: several letters came from one network in a short time.
        is_same: the same text came lately.
    """
    plain = bare(text)
    found = {
        Hold.OFTEN: is_often,
        Hold.SAME: is_same,
        Hold.WORDS: any(word in plain for word in held_words()),
        Hold.LINK: has_link(text),
    }
    return [hold for hold, applies in found.items() if applies]


def has_link(text: str) -> bool:
    """Whether the text has an address outside the sites of governments."""
    return any(
        (begins or ending.lower() in _USUAL_ENDINGS) and not host.lower().endswith(_OFFICIAL)
        for begins, host, ending in _ADDRESS.findall(text)
    )


def held_words() -> frozenset[str]:
    """The words, as `bot.language.text.bare` writes them."""
    return _held_words(Settings.from_environment().held_words_file)


@cache
def _held_words(own: Path | None) -> frozenset[str]:
    """A file that cannot be used must not keep anybody from writing: then the shipped words are used alone."""
    shipped = words_in(SHIPPED_WORDS)
    try:
        return shipped | words_in(own) if own else shipped
    except (ImportRejected, Unreadable) as error:
        log.error("HELD_WORDS_FILE cannot be used: %s", error)
        return shipped


def words_in(file: Path) -> frozenset[str]:
    """The words of a table with the columns 词 and 说明.

    Raises:
        ImportRejected: a row is wrong.
        Unreadable: the file is no table.
    """
    tables = read_tables(file)
    found = frozenset(bare(row.word) for name in tables.rows for _, row in tables.checked(name, WordRow))
    tables.raise_errors()
    return found
