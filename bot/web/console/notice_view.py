"""The notices of a request and the files of its answer, as the pages of the request show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.disclosures.models import Request
from bot.notices import service
from bot.notices.answer_files import files_of, supplement_files
from bot.notices.kinds import TITLES, NoticeKind
from bot.notices.models import AnswerFile, Notice


@dataclass(frozen=True)
class NoticesShown:
    """`possible` and `answers`: what can be written today, with its title for clerks.

    `handed_in`: files of a supplement.
    """

    notices: Sequence[Notice]
    possible: dict[NoticeKind, str]
    answers: dict[NoticeKind, str]
    files: Sequence[AnswerFile]
    handed_in: Sequence[AnswerFile]


def shown_notices(session: Session, request: Request, today: date) -> NoticesShown:
    kinds = service.possible(session, request, today)
    return NoticesShown(
        notices=service.notices_of(session, request.receipt),
        possible={kind: TITLES[kind] for kind in kinds if kind.outcome is None},
        answers={kind: TITLES[kind] for kind in kinds if kind.outcome is not None},
        files=files_of(session, request.receipt),
        handed_in=supplement_files(session, request.receipt),
    )


def size_in_words(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
