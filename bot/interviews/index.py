"""The records of talks that are over: searched on their list, and found by what is asked in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, func, select
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
class ListedInterview:
    """A talk as lists show it. `found`: the questions of its record that fit the search. `values`: see `FILTERS`."""

    interview: Interview
    values: Values
    answered_count: int
    found: Sequence[Question] = field(default=())


def listed_interviews(session: Session, text: str = "") -> list[ListedInterview]:
    """The talks that have the text, or a question about it, in the order of `all_interviews`; all without a text."""
    answered: dict[int, list[Question]] = {}
    for one in session.scalars(select(Question).where(_IS_ANSWERED).order_by(Question.position)):
        answered.setdefault(one.interview_id, []).append(one)
    hits = _hits(session, text) if text else frozenset()
    return [
        listed
        for one in all_interviews(session)
        if (listed := _listed(one, answered.get(one.id, []), text, hits)) and _fits(listed, text)
    ]


def _hits(session: Session, text: str) -> frozenset[int]:
    found = INDEX.serving(session).search(text, _MOST_FOUND)
    return frozenset(hit.passage_id for hit in found if hit.score >= WORTH_A_LOOK)


def _listed(interview: Interview, answered: Sequence[Question], text: str, hits: frozenset[int]) -> ListedInterview:
    found = [one for one in answered if one.id in hits or _has(text, one.question, one.answer)]
    department = interview.department.name if interview.department else ""
    values = {
        "state": [interview.state],
        "department": [department] if department else [],
        "year": [str(interview.begins_at.astimezone(CHINA).year)],
    }
    return ListedInterview(interview, values, len(answered), found)


def _fits(listed: ListedInterview, text: str) -> bool:
    one = listed.interview
    return not text or bool(listed.found) or _has(text, one.title, one.topic, *one.guests)


def _has(text: str, *texts: str) -> bool:
    wanted = bare(text)
    return bool(wanted) and any(wanted in bare(one) for one in texts)


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
