"""What citizens and staff do with a question: ask, look up, delete; take up, leave out, answer, order, correct."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from bot.conversations.service import new_conversation_id
from bot.db import added, locked
from bot.disclosures.identity import hash_query_code, query_code_fits
from bot.disclosures.service import attempts_left, begin_attempt, record_attempt
from bot.interviews.models import Interview, Question, QuestionConcern
from bot.interviews.service import get_interview, required
from bot.interviews.terms import (
    HOLD_TITLES,
    LEAST_QUESTION,
    MOST_ANSWER,
    MOST_QUESTION,
    MOST_WHY,
    PUBLIC_STATES,
    InterviewRefused,
    NoSuchInterview,
    QuestionState,
    State,
)
from bot.language.masking import mask
from bot.language.receipts import new_query_code, normalise_query_code
from bot.language.text import bare, normalise
from bot.sealing import own_sealer
from bot.staff import audit
from bot.staff.models import Person
from bot.voices.holding import holds_of
from bot.voices.service import as_written, checked_contact

BY_CITIZEN = "本人"
_NUMBER = re.compile(r"(?:ft-?)?(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """`query_code`: shown once. `is_new`: false if this very form had been sent before."""

    question: Question
    query_code: str
    is_new: bool = True


@dataclass(frozen=True)
class QuestionLookUp:
    """`question`: None if number and code do not fit. `attempts_left`: 0 during a pause."""

    question: Question | None
    attempts_left: int


# What citizens do.


def ask(
    session: Session, interview_id: int, form: Mapping[str, str], form_id: str, now: datetime, *, is_often: bool
) -> Asked:
    """Takes the question of the fields `words` and `contact`. Nobody sees it before staff have looked at it.

    The same form with the same words is the same question with a new query code: whoever holds the form wrote it.

    Args:
        form_id: random, made with the empty form.
        is_often: several questions came from one network in a short time.

    Raises:
        NoSuchInterview
        InterviewRefused: a field is wrong, or no questions are taken.
        bot.voices.terms.VoiceRefused: the contact is none.
    """
    interview = get_interview(session, interview_id)
    if not interview.takes_questions(now):
        raise InterviewRefused("提问已经截止")
    words, contact = as_written(form.get("words", "")), checked_contact(as_written(form.get("contact", "")))
    if len(bare(words)) < LEAST_QUESTION or len(words) > MOST_QUESTION:
        raise InterviewRefused(f"请写问题，{LEAST_QUESTION} 到 {MOST_QUESTION} 个字")
    digest, code = own_sealer().digest(f"question {interview.id} {bare(words)}"), new_query_code()
    holds = holds_of(words, is_often=is_often, is_same=_is_known(session, digest))
    question = Question(
        interview_id=interview.id,
        interview=interview,
        form_id=form_id,
        query_code_hash=_hash(code),
        words=words,
        contact=contact,
        text_digest=digest,
        asked_at=now,
        holds=[hold.value for hold in holds],
        state=QuestionState.WAITING,
        why="",
        question="",
        answer="",
        answered_by="",
        position=0,
        correction="",
    )
    if added(session, question):
        return Asked(question, code)
    before = session.scalars(select(Question).where(Question.form_id == form_id)).one()
    if before.text_digest == digest:
        before.query_code_hash = _hash(code)
        return Asked(before, code, is_new=False)
    return ask(session, interview_id, form, new_conversation_id(), now, is_often=is_often)  # after a step back


def _hash(code: str) -> str:
    return hash_query_code(normalise_query_code(code) or code)


def _is_known(session: Session, digest: str) -> bool:
    return session.scalar(select(Question.id).where(Question.text_digest == digest).limit(1)) is not None


def hold_words(question: Question) -> str:
    return "；".join(HOLD_TITLES.get(hold, hold) for hold in question.holds)


def look_up(session: Session, number: str, query_code: str, client: str, now: datetime) -> QuestionLookUp:
    """The question if the code is right. Wrong tries are counted as those for disclosure requests are."""
    found = question_of_number(session, number)
    canonical = found.number if found else number.strip().upper()
    if begin_attempt(session, canonical, client, now) == 0:
        return QuestionLookUp(None, 0)
    code = normalise_query_code(query_code) or query_code
    fits = query_code_fits(code, found.query_code_hash if found else None)
    record_attempt(session, canonical, client, now, failed=not fits)
    return QuestionLookUp(found if fits else None, attempts_left(session, client, now, canonical))


def question_of_number(session: Session, number: str) -> Question | None:
    """“ｆｔ 12” and “12” are `FT-000012`."""
    found = _NUMBER.fullmatch(re.sub(r"\s", "", normalise(number)))
    return session.get(Question, int(found[1])) if found else None


def delete_own(session: Session, question: Question, now: datetime) -> None:
    """Deletes the question with its answer, at once (个人信息保护法 art. 47)."""
    audit.record(session, who=BY_CITIZEN, action="delete_question", subject=question.number, why="", at=now)
    _delete(session, [question.id])


def share_concern(session: Session, interview_id: int, question_id: int, client: str) -> bool:
    """Counts the visitor once. False if they were counted before.

    `client` is the visitor's network, of which only a keyed digest is kept, a different one for each question.

    Raises:
        NoSuchInterview: also for a question that is not public.
    """
    question = session.get(Question, question_id)
    if question is None or question.interview_id != interview_id or question.state not in PUBLIC_STATES:
        raise NoSuchInterview(question_id)
    digest = own_sealer().digest(f"question concern {question_id} {client}")
    return added(session, QuestionConcern(question_id=question_id, visitor_digest=digest))


# What staff do. Each has checked who may.


def get_question(session: Session, interview: Interview, question_id: int) -> Question:
    """As it is now; nobody else changes it until the transaction ends. Raises NoSuchInterview."""
    found = locked(session, Question, question_id)
    if found is None or found.interview_id != interview.id:
        raise NoSuchInterview(question_id)
    return found


def questions_of(session: Session, interview: Interview) -> list[Question]:
    """All of a talk, in the order in which they came."""
    wanted = select(Question).where(Question.interview_id == interview.id).order_by(Question.id)
    return list(session.scalars(wanted))


def waiting_counts(session: Session) -> dict[int, int]:
    """Talk → how many questions nobody has looked at yet."""
    counted = select(Question.interview_id, func.count()).where(Question.state == QuestionState.WAITING)
    return dict(session.execute(counted.group_by(Question.interview_id)).all())


def public_questions(session: Session, interview: Interview) -> list[Question]:
    """What everybody sees, in the order that staff gave."""
    wanted = select(Question).where(Question.interview_id == interview.id, Question.state.in_(PUBLIC_STATES))
    return list(session.scalars(wanted.order_by(Question.position, Question.id)))


def concern_counts(session: Session, interview: Interview) -> dict[int, int]:
    """Question → how many share its concern."""
    counted = (
        select(QuestionConcern.question_id, func.count())
        .join(Question)
        .where(Question.interview_id == interview.id)
        .group_by(QuestionConcern.question_id)
    )
    return dict(session.execute(counted).all())


def take_up(session: Session, question: Question, wording: str, person: Person, now: datetime) -> None:
    """Everybody sees the question in this wording, masked once more. Also rewords one that is taken up already.

    Raises:
        InterviewRefused: the talk was cancelled, the question is answered, or the wording cannot stand so.
    """
    _require(question, QuestionState.WAITING, QuestionState.LEFT_OUT, QuestionState.TAKEN)
    question.question = mask(required(wording, "公开的问题", MOST_QUESTION))
    question.state, question.why = QuestionState.TAKEN, ""
    _place_last(session, question)
    _record(session, question, "take_up_question", person, now)


def leave_out(session: Session, question: Question, why: str, person: Person, now: datetime) -> None:
    """Nobody sees the question; who asked is told why. What was public is taken down. Raises InterviewRefused."""
    _require(question, QuestionState.WAITING, QuestionState.TAKEN, QuestionState.ANSWERED)
    question.why = required(why, "不选用的理由，提问人看得到", MOST_WHY)
    question.state, question.position = QuestionState.LEFT_OUT, 0
    _record(session, question, "leave_out_question", person, now, question.why)


def keep_answer(question: Question, answer: str, answered_by: str) -> None:
    """Keeps the answer for later; nobody sees it yet. Raises InterviewRefused."""
    _require(question, QuestionState.TAKEN)
    question.answer, question.answered_by = _answer(question, answer, answered_by)


def publish_answer(
    session: Session, question: Question, answer: str, answered_by: str, person: Person, now: datetime
) -> None:
    """Everybody sees the answer.

    Raises:
        InterviewRefused: the talk has not begun, the question is not taken up, or a field is wrong.
    """
    _require(question, QuestionState.TAKEN)
    if question.interview.state == State.ANNOUNCED:
        raise InterviewRefused("访谈还没有开始，答复先存着，开始以后再发布")
    question.answer, question.answered_by = _answer(question, answer, answered_by)
    question.state, question.answered_at = QuestionState.ANSWERED, now
    question.correction, question.corrected_at = "", None  # of an answer that was taken down before
    _record(session, question, "answer_question", person, now)


def correct(
    session: Session, question: Question, answer: str, answered_by: str, note: str, person: Person, now: datetime
) -> None:
    """Puts a published answer right; `note` says what was corrected, and stands below it. Raises InterviewRefused."""
    _require(question, QuestionState.ANSWERED)
    question.answer, question.answered_by = _answer(question, answer, answered_by)
    question.correction, question.corrected_at = required(note, "更正了什么，大家看得到", MOST_WHY), now
    _record(session, question, "correct_answer", person, now, question.correction)


def move(session: Session, question: Question, by: int, person: Person, now: datetime) -> None:
    """One place up (-1) or down (1) among what is public; nothing if it is the first or last there."""
    order = public_questions(session, question.interview)
    place = next((place for place, one in enumerate(order) if one.id == question.id), None)
    if place is None or not 0 <= place + by < len(order):
        return
    order.insert(place + by, order.pop(place))
    for position, one in enumerate(order, start=1):
        one.position = position
    _record(session, question, "move_question", person, now)


def open_asked(session: Session, question: Question, why: str, person: Person, now: datetime) -> tuple[str, str]:
    """The words and the contact as the citizen wrote them. The audit log keeps the reason. Raises InterviewRefused."""
    _record(session, question, "open_question", person, now, required(why, "理由，记入审计日志", MOST_WHY))
    return question.words, question.contact


def _require(question: Question, *states: QuestionState) -> None:
    if question.interview.state == State.CANCELLED:
        raise InterviewRefused("访谈已经取消")
    if question.state not in states:
        raise InterviewRefused("这个问题刚刚有变化，请看过再办")


def _answer(question: Question, answer: str, answered_by: str) -> tuple[str, str]:
    if answered_by not in (*question.interview.guests, question.answered_by) or not answered_by:
        raise InterviewRefused("请选由哪位嘉宾答复")
    return required(answer, "答复", MOST_ANSWER), answered_by


def _place_last(session: Session, question: Question) -> None:
    if question.position == 0:
        highest = select(func.max(Question.position)).where(Question.interview_id == question.interview_id)
        question.position = (session.scalar(highest) or 0) + 1


def _record(session: Session, question: Question, action: str, person: Person, now: datetime, why: str = "") -> None:
    audit.record(session, who=person.login, action=action, subject=question.number, why=why, at=now)


# What is deleted after a time (`bot.privacy.retention`).


def expired_questions(before: datetime) -> Select[int]:
    """Of talks that were over before then, those that still hold something private."""
    closed_at = func.coalesce(Interview.closed_at, Interview.ends_at)
    return select(Question.id).join(Interview).where(closed_at < before, Question.query_code_hash != "")


def forget_questions(session: Session, ids: Sequence[int]) -> None:
    """Deletes the questions; of those that were answered in public the record stays, without what is private."""
    public = Question.state == QuestionState.ANSWERED
    kept = session.scalars(select(Question.id).where(Question.id.in_(ids), public)).all()
    emptied = {"query_code_hash": "", "words": "", "contact": "", "text_digest": ""}
    session.execute(update(Question).where(Question.id.in_(kept)).values(**emptied))
    _delete(session, [one for one in ids if one not in kept])


def _delete(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(QuestionConcern).where(QuestionConcern.question_id.in_(ids)))
    session.execute(delete(Question).where(Question.id.in_(ids)))
