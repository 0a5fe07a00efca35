"""The files of a request, checked and kept sealed: those of the answer, and those of a supplement (`supplements`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.disclosures.models import Request
from bot.notices.file_formats import FileRefused, checked
from bot.notices.models import AnswerFile, AnswerFilePart, Notice, NoticeFile
from bot.sealing import Sealer
from bot.staff import audit

MOST_FILES = 20


class NoSuchFile(LookupError):
    """There is no such file, or it does not belong to that request."""


def add_file(
    session: Session, request: Request, name: str, content: bytes, sealer: Sealer, *, clerk: str, now: datetime
) -> AnswerFile:
    """Keeps a file for the answer. The applicant gets it once a notice goes out with it.

    Raises:
        FileRefused: it is of another kind, too large, or one too many.
    """
    file = keep(session, request.receipt, name, content, sealer, most=MOST_FILES, by=clerk, now=now)
    audit.record(session, who=clerk, action="add_answer_file", subject=request.receipt, why=file.name, at=now)
    return file


def keep(
    session: Session,
    receipt: str,
    name: str,
    content: bytes,
    sealer: Sealer,
    *,
    most: int,
    by: str,
    now: datetime,
    is_supplement: bool = False,
) -> AnswerFile:
    """Checks the file and keeps it sealed. Raises FileRefused."""
    name, found = checked(name, content)
    kept = [file.name for file in _files(session, receipt, is_supplement=is_supplement)]
    if len(kept) >= most:
        raise FileRefused(f"一件申请最多 {most} 个附件")
    if name in kept:
        raise FileRefused(f"已经有一个叫“{name}”的附件，请换个名字")
    file = AnswerFile(
        receipt=receipt,
        name=name,
        format=found.value,
        size=len(content),
        is_supplement=is_supplement,
        added_by=by,
        added_at=now,
    )
    session.add(file)
    session.flush()
    for position, sealed in enumerate(sealer.seal_bytes(content)):
        session.add(AnswerFilePart(file_id=file.id, position=position, sealed=sealed))
    session.flush()
    return file


def files_of(session: Session, receipt: str) -> Sequence[AnswerFile]:
    """The files for the answer, also those that have not gone out, in the order in which they came."""
    return _files(session, receipt, is_supplement=False)


def supplement_files(session: Session, receipt: str) -> Sequence[AnswerFile]:
    """What the applicant handed in with a supplement."""
    return _files(session, receipt, is_supplement=True)


def _files(session: Session, receipt: str, *, is_supplement: bool) -> Sequence[AnswerFile]:
    of_kind = (AnswerFile.receipt == receipt, AnswerFile.is_supplement.is_(is_supplement))
    return session.scalars(select(AnswerFile).where(*of_kind).order_by(AnswerFile.id)).all()


def get_file(session: Session, receipt: str, file_id: int) -> AnswerFile:
    """Raises NoSuchFile."""
    file = session.get(AnswerFile, file_id)
    if file is None or file.receipt != receipt:
        raise NoSuchFile(file_id)
    return file


def content_of(session: Session, file: AnswerFile, sealer: Sealer) -> bytes:
    """Raises bot.sealing.SealBroken: sealed with another key."""
    parts = select(AnswerFilePart.sealed).where(AnswerFilePart.file_id == file.id).order_by(AnswerFilePart.position)
    return sealer.open_bytes(session.scalars(parts))


def remove_file(session: Session, receipt: str, file_id: int, *, clerk: str, now: datetime) -> str:
    """Removes a file that has gone out with no notice; returns its name.

    Raises:
        NoSuchFile
        FileRefused: a notice went out with it, or the applicant handed it in.
    """
    file = get_file(session, receipt, file_id)
    if file.is_supplement:
        raise FileRefused(f"“{file.name}”是申请人补正时交的，不能删")
    if file.notice_links:
        raise FileRefused(f"“{file.name}”已经随文书发出，不能删；发错了请写更正的文书")
    name = file.name
    # By a statement of its own: not every database cascades, and the parts are the content.
    session.execute(delete(AnswerFilePart).where(AnswerFilePart.file_id == file_id))
    session.delete(file)
    session.flush()
    audit.record(session, who=clerk, action="remove_answer_file", subject=receipt, why=name, at=now)
    return name


def chosen_files(session: Session, receipt: str, file_ids: Collection[int]) -> list[AnswerFile]:
    """The files of the request that are among `file_ids`, in their order."""
    return [file for file in files_of(session, receipt) if file.id in file_ids]


def answer_files(session: Session, request: Request) -> list[AnswerFile]:
    """The files that the applicant may have: those of the notices that went out to them and were not corrected.

    Call it only for applicants who have given the query code (`bot.disclosures.service.look_up`).
    """
    found = (
        select(AnswerFile)
        .join(NoticeFile, NoticeFile.file_id == AnswerFile.id)
        .where(NoticeFile.notice_id.in_([notice.id for notice in answer_notices(session, request)]))
        .order_by(AnswerFile.id)
        .distinct()
    )
    return list(session.scalars(found))


def answer_notices(session: Session, request: Request) -> list[Notice]:
    """The notices to the applicant that hold, oldest first: without those to third parties and corrected ones."""
    found = session.scalars(select(Notice).where(Notice.receipt == request.receipt).order_by(Notice.id))
    return [notice for notice in found if notice.what.is_for_applicant and notice.corrected_by is None]
