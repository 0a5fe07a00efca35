"""A supplement (补正, 条例 art. 30) that the applicant hands in on the page `/answers`: words, files, or both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.disclosures import errands
from bot.disclosures.errands import BY_APPLICANT, LONGEST_WORDS, SHORTEST_WORDS
from bot.disclosures.models import Request
from bot.language.errands import ErrandKind
from bot.notices.answer_files import keep
from bot.sealing import Sealer

MOST_FILES = 5


class WordsRefused(ValueError):
    """The words are too short or too long; the message says so, in Chinese."""


def hand_in(
    session: Session, receipt: str, words: str, files: Iterable[tuple[str, bytes]], sealer: Sealer, now: datetime
) -> Request:
    """Records the supplement of an applicant who has given the query code. `files`: name and content of each.

    Raises:
        WordsRefused
        bot.notices.file_formats.FileRefused
        bot.disclosures.errands.ErrandRefused: no supplement is awaited (any more).
    """
    words = words.strip()
    if len(words) > LONGEST_WORDS:
        raise WordsRefused(f"补正的内容最多 {LONGEST_WORDS} 个字，更长的请作为文件交")
    names = [
        keep(
            session, receipt, name, content, sealer, most=MOST_FILES, by=BY_APPLICANT, now=now, is_supplement=True
        ).name
        for name, content in files
    ]
    if not names and len(words) < SHORTEST_WORDS:
        raise WordsRefused("写得太短，看不出补正了什么，请写清楚，或者选要交的文件")
    attached = f"（附件：{'、'.join(names)}）" if names else ""
    return errands.record(session, receipt, ErrandKind.SUPPLEMENT, f"{words}{attached}", now)
