"""The records of talks that are over: searched on their list, and found by what is asked in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.documents.search import WORTH_A_LOOK, IndexedPassage
from bot.interviews.models import Interview, Question
from bot.interviews.service import all_interviews
from bot.interviews.terms import QuestionState, State
from bot.language.text import bare
from bot.search.filters import Values
from bot.voices.index import clauses_of, index_of_questions, is_about_same, near
from bot.workdays import CHINA

FILTERS = {"state": "状态", "department": "主办部门", "year": "年份"}
_MOST_FOUND = 200
_IS_ANSWERED = Question.state == QuestionState.ANSWERED
# Of questions joined with their talks.
_IS_OF_RECORD = and_(_IS_ANSWERED, Interview.state == State.ENDED)


@dataclass(frozen=True)
class FoundQuestion:
    id: int
    question: str


@dataclass(frozen=True)
class ListedInterview:
    """A talk as lists show it. `found`: the questions of its record that fit the search. `values`: see `FILTERS`."""

    interview: Interview
    values: Values
    answered_count: int
    found: Sequence[FoundQuestion]


def listed_interviews(session: Session, text: str = "") -> list[ListedInterview]:
    """The talks that have the text, or a question about it, in the order of `all_interviews`; all without a text."""
    counts = select(Question.interview_id, func.count()).where(_IS_ANSWERED).group_by(Question.interview_id)
    answered: dict[int, int] = dict(session.execute(counts).all())
    found = _found(session, text) if text else {}
    return [
        _listed(one, answered.get(one.id, 0), found.get(one.id, []))
        for one in all_interviews(session)
        if not text or one.id in found or _is_named(one, text)
    ]


def _found(session: Session, text: str) -> dict[int, list[FoundQuestion]]:
    """Talk → its answered questions that have the text or are about it."""
    hits = [hit for hit in INDEX.serving(session).search(text, _MOST_FOUND) if hit.score >= WORTH_A_LOOK]
    has = or_(Question.question.contains(text, autoescape=True), Question.answer.contains(text, autoescape=True))
    fits = or_(has, Question.id.in_([hit.passage_id for hit in hits]))
    wanted = select(Question.interview_id, Question.id, Question.question).where(_IS_ANSWERED, fits)
    found: dict[int, list[FoundQuestion]] = {}
    for interview_id, question_id, question in session.execute(wanted.order_by(Question.position)):
        found.setdefault(interview_id, []).append(FoundQuestion(question_id, question))
    return found


def _is_named(interview: Interview, text: str) -> bool:
    wanted = bare(text)
    return bool(wanted) and wanted in bare("\n".join((interview.title, interview.topic, *interview.guests)))


def _listed(interview: Interview, answered_count: int, found: Sequence[FoundQuestion]) -> ListedInterview:
    department = interview.department.name if interview.department else ""
    values = {
        "state": [interview.state],
        "department": [department] if department else [],
        "year": [str(interview.begins_at.astimezone(CHINA).year)],
    }
    return ListedInterview(interview, values, answered_count, found)


def answered_alike(session: Session, text: str) -> Question | None:
    """The answered question of a talk that is likely about the same as what is asked; the nearest first."""
    if session.scalar(select(Question.id).join(Interview).where(_IS_OF_RECORD).limit(1)) is None:
        return None
    whole, *clauses = clauses_of(text)
    ids = near(INDEX.serving(session), [whole, *clauses])
    records = select(Question).join(Interview).where(_IS_OF_RECORD, Question.id.in_(ids))
    by_id = {one.id: one for one in session.scalars(records)}
    found = (by_id[one] for one in ids if one in by_id)
    return next((one for one in found if is_about_same(whole, one.question, one.question, clauses)), None)


def _passages(session: Session) -> list[IndexedPassage]:
    rows = session.scalars(select(Question).join(Interview).where(_IS_OF_RECORD).order_by(Question.id))
    return [IndexedPassage(one.id, f"question {one.id}", "", "", "", one.question, True) for one in rows]


def _revision(session: Session) -> object:
    """The wording of an answered question does not change."""
    told = select(func.count(), func.sum(Question.id), func.max(Question.answered_at)).select_from(Question)
    return tuple(session.execute(told.join(Interview).where(_IS_OF_RECORD)).one())


INDEX = index_of_questions(_passages, _revision, lambda settings: settings.interviews_index_path)
