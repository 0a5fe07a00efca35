"""Proposing, reviewing and withdrawing lessons. One person proposes, another reviews.

Functions that change a lesson raise `LessonRefused` if the change is not allowed. The caller must let this error
end the transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.unanswered import messages
from bot.language.masking import mask
from bot.language.text import bare
from bot.lessons.labels import STATE_TITLES, Label, LessonRefused, LessonState, checked
from bot.lessons.models import Lesson
from bot.staff.models import Person

MOST_TEXT_CHARACTERS = 200


def propose(
    session: Session, text: str, label: Label, author: Person, now: datetime, message_id: int | None = None
) -> Lesson:
    """A lesson that waits for its review. `text` is masked before it is kept.

    For the same text and label the existing lesson is returned, unless it was rejected or withdrawn.
    """
    return _propose(session, text, checked(session, label), author, now, message_id)


def propose_for_message(session: Session, message_id: int, label: Label, author: Person, now: datetime) -> Lesson:
    """As `propose`, for the message of a citizen."""
    lessons = propose_many(session, [message_id], label, author, now)
    return lessons[0]


def propose_many(
    session: Session, message_ids: Collection[int], label: Label, author: Person, now: datetime
) -> list[Lesson]:
    """One label for all these messages, as for a cluster of similar questions; equal texts become one lesson."""
    label = checked(session, label)
    found = messages(session, message_ids)
    if not found:
        raise LessonRefused("没有这些消息")
    first_with: dict[str, Message] = {}
    for message in found:
        first_with.setdefault(bare(message.masked_text), message)
    lessons = [
        _propose(session, message.masked_text, label, author, now, message.id) for message in first_with.values()
    ]
    return list(dict.fromkeys(lessons))


def review(session: Session, lesson: Lesson, reviewer: Person, now: datetime, *, approve: bool, why: str = "") -> None:
    """Approves or rejects, not by the author. A rejection needs a reason. Of two reviewers at once one succeeds."""
    if lesson.author_id == reviewer.id:
        raise LessonRefused("自己提的纠正要由别人复核")
    if not approve and not why.strip():
        raise LessonRefused("请写明不采用的理由")
    to_state = LessonState.APPROVED if approve else LessonState.REJECTED
    _move(session, lesson, (LessonState.PROPOSED,), to_state, reviewer_id=reviewer.id, reviewed_at=now, why=why.strip())


def withdraw(session: Session, lesson: Lesson, person: Person, now: datetime, why: str = "") -> None:
    """Withdraws a lesson, so that the next training leaves it out.

    While it waits for review, only its author may do so; once it is approved, any reviewer, with a reason.
    """
    if lesson.state == LessonState.PROPOSED:
        if lesson.author_id != person.id:
            raise LessonRefused("还没有复核，只有提出人能撤回")
    elif not why.strip():
        raise LessonRefused("请写明撤回的理由")
    _move(
        session,
        lesson,
        (LessonState.PROPOSED, LessonState.APPROVED),
        LessonState.WITHDRAWN,
        reviewer_id=lesson.reviewer_id if lesson.author_id == person.id else person.id,
        reviewed_at=now,
        why=why.strip(),
    )


def get_lesson(session: Session, lesson_id: int) -> Lesson | None:
    return session.get(Lesson, lesson_id)


def lessons(session: Session, state: LessonState | None = None, newest: int | None = None) -> list[Lesson]:
    """Newest first, of one state or of all."""
    found = select(Lesson).order_by(Lesson.id.desc()).limit(newest)
    return list(session.scalars(found if state is None else found.where(Lesson.state == state)))


def lessons_of_message(session: Session, message_id: int) -> list[Lesson]:
    return list(session.scalars(select(Lesson).where(Lesson.message_id == message_id).order_by(Lesson.id)))


def approved(session: Session) -> list[Lesson]:
    """The lessons for the next model, oldest first; of several on the same text only the one approved last."""
    in_order = sorted(
        lessons(session, LessonState.APPROVED), key=lambda lesson: (lesson.reviewed_at or lesson.at, lesson.id)
    )
    newest = {bare(lesson.text): lesson for lesson in in_order}
    return [lesson for lesson in in_order if newest[bare(lesson.text)] is lesson]


def approved_revision() -> Select[int, int | None, datetime | None]:
    """A query for one row, which changes whenever `approved` changes."""
    found = select(func.count(), func.max(Lesson.id), func.max(Lesson.reviewed_at))
    return found.where(Lesson.state == LessonState.APPROVED)


def taught_texts(session: Session) -> frozenset[str]:
    """The texts that are approved or proposed already, in the form that `bare` gives."""
    known = select(Lesson.text).where(Lesson.state.in_((LessonState.PROPOSED, LessonState.APPROVED)))
    return frozenset(bare(text) for text in session.scalars(known))


def label_of(lesson: Lesson) -> Label:
    return Label(
        lesson.intent,
        tuple(lesson.items),
        tuple(lesson.facets),
        lesson.should_be_refused,
        lesson.absent_matter,
        lesson.answer or "",
    )


def _propose(
    session: Session, text: str, label: Label, author: Person, now: datetime, message_id: int | None
) -> Lesson:
    masked = mask(" ".join(text.split()))
    if not bare(masked):
        raise LessonRefused("请写出群众的原话")
    if len(masked) > MOST_TEXT_CHARACTERS:
        raise LessonRefused(f"原话最多 {MOST_TEXT_CHARACTERS} 个字")
    standing = select(Lesson).where(
        Lesson.text == masked, Lesson.state.in_((LessonState.PROPOSED, LessonState.APPROVED))
    )
    for lesson in session.scalars(standing.order_by(Lesson.id)):
        if label_of(lesson) == label:
            return lesson
    lesson = Lesson(
        message_id=message_id,
        text=masked,
        intent=label.intent,
        items=list(label.items),
        facets=list(label.facets),
        should_be_refused=label.should_be_refused,
        absent_matter=label.absent_matter,
        answer=label.answer,
        author_id=author.id,
        at=now,
        state=LessonState.PROPOSED,
        why="",
    )
    session.add(lesson)
    session.flush()
    return lesson


def _move(
    session: Session, lesson: Lesson, from_states: Sequence[LessonState], to_state: LessonState, **values: object
) -> None:
    """Checks and sets the state in one statement, so that a lesson is reviewed once."""
    moved = session.execute(
        update(Lesson)
        .where(Lesson.id == lesson.id, Lesson.state.in_(from_states))
        .values(state=to_state, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(lesson)
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        raise LessonRefused(f"这条纠正现在是“{STATE_TITLES[LessonState(lesson.state)]}”，不能再改")
