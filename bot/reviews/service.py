"""Opens and reads cases, and records what citizens do. Actions of staff are in `handling`, the list in `queue`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.language.masking import mask
from bot.reviews import promises
from bot.reviews.models import AnswerDraft, CannedReply, Case, CaseEvent, Note, Rating
from bot.reviews.order_states import SEEING_ORDERS
from bot.reviews.promises import Clock
from bot.reviews.reasons import (
    BEST_STARS,
    NOBODY_WAITS,
    REASON_TITLES,
    STARS_TITLES,
    WORST_STARS,
    ClosedAs,
    Kind,
    Priority,
    Reason,
    Stars,
)
from bot.reviews.states import Action, CaseActionRefused, CaseState, change, citizen_action, opened, require_allowed
from bot.staff.models import Person
from bot.staff.roles import Role


class NoSuchCase(LookupError):
    """There is no case of this number."""


def open_case(
    session: Session,
    conversation_id: str,
    channel: str,
    reason: Reason,
    transcript: Sequence[Mapping[str, str]],
    now: datetime,
    question: str | None = None,
    kind: Kind = Kind.QUESTION,
    department_code: str | None = None,
) -> Case:
    """Opens a case, or adds the reason and the newest transcript to the one already open.

    Args:
        transcript: lines of `{"by", "text"}`; empty if the messages are stored.
        question: the message that needs a person, by default the citizen's last line; an open case keeps its own.
        kind: for a new case; an open case keeps its own.
        department_code: the department meant, for a new case; staff still have to pass it on.
    """
    lines = [{**line, "text": mask(line["text"])} for line in transcript]
    said = [line["text"] for line in lines if line["by"] == "citizen"]
    at_issue = mask(question) if question is not None else next(reversed(said), "")
    case = case_of_conversation(session, conversation_id)
    if case is None:
        try:
            with session.begin_nested():
                return _new_case(session, conversation_id, channel, reason, lines, at_issue, now, kind, department_code)
        except IntegrityError:
            # Another process opened it between the query and the insert.
            case = case_of_conversation(session, conversation_id)
            if case is None:
                raise
    if lines:
        case.transcript = lines
        case.searched_text = _searched_text(case.question, lines)
    try:
        _add_reason(session, case, reason, now)
    except CaseActionRefused:
        # A clerk claimed or closed it at the same moment: try again. Each retry needs another clerk, so this ends.
        return open_case(session, conversation_id, channel, reason, transcript, now, question, kind, department_code)
    return case


def citizen_spoke(session: Session, case: Case, now: datetime) -> None:
    """Records that the citizen wrote about an open case and waits for an answer.

    A case that waited for the citizen or was answered goes back to its owner; a snoozed case returns to the list.

    Raises:
        CaseActionRefused: it is closed; `open_case` opens another.
    """
    action = citizen_action(case)
    if action != Action.CITIZEN_RETURNS and case.citizen_waits and case.snoozed_until is None:
        return
    try:
        change(
            session,
            case,
            action,
            None,
            now,
            citizen_waits=True,
            waiting_since=case.waiting_since if case.citizen_waits else now,
            snoozed_until=None,
        )
    except CaseActionRefused:
        if case.state == CaseState.CLOSED:
            raise
        # A clerk claimed it or replied at the same moment: try again.
        citizen_spoke(session, case, now)


def rate(session: Session, case: Case, stars: Stars, why: str, now: datetime) -> Rating:
    """Stores the citizen's rating of an answered or closed case. The two worst grades reopen it (see `asks_why`).

    Raises:
        CaseActionRefused: nothing was answered yet, or the last answer is already rated.
    """
    case = survivor(session, case)
    require_allowed(case, Action.RATE)
    if rating_of_answer(session, case):
        raise CaseActionRefused("这次答复已经评价过了")
    rating = Rating(case_id=case.id, stars=stars, why=mask(why.strip()), at=now)
    session.add(rating)
    change(session, case, Action.RATE, None, now, STARS_TITLES[stars])
    if stars in WORST_STARS:
        reopen(session, case, Reason.RATED_BADLY, now)
    return rating


def reopen(session: Session, case: Case, reason: Reason, now: datetime) -> None:
    """Reopens a case whose citizen is not content, for its owner, or for everybody if the owner has left.

    If the conversation has another open case, the reason is added to that case instead.
    """
    other = case_of_conversation(session, case.conversation_id)
    if other is not None and other.id != case.id:
        _add_reason(session, other, reason, now)
        return
    has_owner = case.claimed_by is not None and case.claimed_by.is_active
    change(
        session,
        case,
        Action.REOPEN if has_owner else Action.REOPEN_FOR_ALL,
        None,
        now,
        REASON_TITLES[reason],
        reasons=list(dict.fromkeys([*case.reasons, reason])),
        claimed_by_id=case.claimed_by_id if has_owner else None,
        reopened_at=now,
        extended_working_days=0,
        closed_at=None,
        outcome=None,
        citizen_waits=True,
        waiting_since=now,
        snoozed_until=None,
    )


def asks_why(rating: Rating) -> bool:
    """Whether the citizen should be asked what was wrong."""
    return rating.stars in WORST_STARS and not rating.why


def explain_rating(session: Session, rating: Rating, why: str) -> None:
    """Adds the reason, once the citizen has been asked for it."""
    rating.why = mask(why.strip())
    session.flush()


def abandoned(session: Session, now: datetime) -> list[Case]:
    """The cases that have waited for the citizen until their due time."""
    overdue = select(Case).where(Case.state == CaseState.WAITING_FOR_CITIZEN, Case.due_at <= now).order_by(Case.id)
    return list(session.scalars(overdue))


def close_abandoned(session: Session, now: datetime) -> list[Case]:
    """Closes the abandoned cases and returns them; called by a periodic job."""
    closed = []
    for case in abandoned(session, now):
        try:
            change(
                session,
                case,
                Action.CLOSE_ABANDONED,
                None,
                now,
                outcome=ClosedAs.NO_WORD,
                closed_at=now,
                snoozed_until=None,
            )
        except CaseActionRefused:
            continue  # the citizen wrote at the same moment
        closed.append(case)
    return closed


def settled(session: Session, now: datetime) -> list[tuple[Case, Action]]:
    """The answered cases that are to close by themselves, each with the action: rated well, or answered days ago.

    A bad rating opens a case again, and so do further words of the citizen; neither is answered any more.
    """
    is_rated_well = exists().where(
        Rating.case_id == Case.id, Rating.at >= Case.answered_at, Rating.stars.in_(BEST_STARS)
    )
    days = promises.in_force().answered_days
    is_old = Case.answered_at <= now - timedelta(days=days) if days else false()
    rows = session.execute(
        select(Case, is_rated_well)
        .where(Case.state == CaseState.ANSWERED, or_(is_rated_well, is_old))
        .order_by(Case.id)
    )
    return [(case, Action.CLOSE_PRAISED if is_praised else Action.CLOSE_SETTLED) for case, is_praised in rows]


def close_settled(session: Session, now: datetime) -> list[tuple[Case, Action]]:
    """Closes the settled cases and returns them; called by a periodic job."""
    closed = []
    for case, action in settled(session, now):
        try:
            change(session, case, action, None, now, outcome=ClosedAs.ANSWERED, closed_at=now, snoozed_until=None)
        except CaseActionRefused:
            continue  # the citizen wrote at the same moment
        closed.append((case, action))
    return closed


def get_case(session: Session, number: str) -> Case:
    """The case of this number, `AJ-000012`, or only the digits.

    Raises:
        NoSuchCase: there is none.
    """
    digits = number.strip().upper().removeprefix("AJ-")
    # A longer number would not fit into the id column.
    case = session.get(Case, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    if case is None:
        raise NoSuchCase(number)
    return case


def is_visible_to(case: Case, person: Person) -> bool:
    """Departments see the cases that they work on, assist in or answered, everybody else sees all."""
    own = person.department_code
    if person.role != Role.DEPARTMENT or own is None:
        return person.role != Role.DEPARTMENT
    return own == case.department_code or any(
        order.department_code == own and order.is_assisting and order.state in SEEING_ORDERS for order in case.orders
    )


def case_of_conversation(session: Session, conversation_id: str) -> Case | None:
    """The open case of a conversation: its own, or the one into which its newest case was merged."""
    newest = session.scalars(
        select(Case)
        .where(Case.conversation_id == conversation_id)
        .where(or_(Case.state != CaseState.CLOSED, Case.merged_into_id.is_not(None)))
        .order_by((Case.state == CaseState.CLOSED), Case.id.desc())
        .limit(1)
    ).one_or_none()
    case = survivor(session, newest) if newest is not None else None
    return case if case is not None and case.state != CaseState.CLOSED else None


def cases_of(session: Session, conversation_id: str) -> list[Case]:
    """All cases of a conversation, closed ones too, oldest first."""
    found = select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id)
    return list(session.scalars(found))


def conversations_of(session: Session, case: Case) -> list[str]:
    """The ids of the conversations that the case is about: its own and those of the cases merged into it."""
    merged = session.scalars(select(Case.conversation_id).where(Case.merged_into_id == case.id).order_by(Case.id)).all()
    return list(dict.fromkeys([case.conversation_id, *merged]))


def open_cases(session: Session) -> list[Case]:
    """All open cases, longest waiting first."""
    return list(
        session.scalars(select(Case).where(Case.state != CaseState.CLOSED).order_by(Case.waiting_since, Case.id))
    )


def open_cases_of(session: Session, person_id: int) -> list[Case]:
    """The open cases of a person (首问负责); they must be handed on before the person leaves."""
    mine = select(Case).where(Case.claimed_by_id == person_id, Case.state != CaseState.CLOSED)
    return list(session.scalars(mine.order_by(Case.due_at, Case.id)))


def events_of(session: Session, case: Case) -> list[CaseEvent]:
    return list(session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)))


def notes_of(session: Session, case: Case) -> list[Note]:
    return list(session.scalars(select(Note).where(Note.case_id == case.id).order_by(Note.id)))


def drafts_of(session: Session, case: Case) -> list[AnswerDraft]:
    return list(session.scalars(select(AnswerDraft).where(AnswerDraft.case_id == case.id).order_by(AnswerDraft.id)))


def ratings_of(session: Session, case: Case) -> list[Rating]:
    return list(session.scalars(select(Rating).where(Rating.case_id == case.id).order_by(Rating.id)))


def canned_replies(session: Session, department_code: str | None) -> list[CannedReply]:
    """The canned replies for everybody and for the department, by title."""
    for_whom = or_(CannedReply.department_code.is_(None), CannedReply.department_code == department_code)
    return list(session.scalars(select(CannedReply).where(for_whom).order_by(CannedReply.title)))


def is_on_duty(now: datetime) -> bool:
    """Whether staff are at their desks at that instant, by this process's settings."""
    return promises.in_force().is_on_duty(now)


def _new_case(
    session: Session,
    conversation_id: str,
    channel: str,
    reason: Reason,
    lines: list[dict[str, str]],
    question: str,
    now: datetime,
    kind: Kind,
    department_code: str | None,
) -> Case:
    case = Case(
        kind=kind,
        department_code=department_code,
        conversation_id=conversation_id,
        channel=channel,
        reasons=[reason],
        question=question,
        transcript=lines,
        searched_text=_searched_text(question, lines),
        state=CaseState.NEW,
        priority=Priority.NORMAL,
        tags=[],
        opened_at=now,
        citizen_waits=reason not in NOBODY_WAITS and kind != Kind.PRAISE,
        waiting_since=now,
        extended_working_days=0,
    )
    case.due_at = promises.in_force().due_at(Clock.REPLY, case, now)
    session.add(case)
    session.flush()
    opened(session, case, REASON_TITLES[reason])
    return case


def _add_reason(session: Session, case: Case, reason: Reason, now: datetime) -> None:
    if reason not in case.reasons:
        change(session, case, Action.ADD_REASON, None, now, REASON_TITLES[reason], reasons=[*case.reasons, reason])
    if reason not in NOBODY_WAITS:
        citizen_spoke(session, case, now)
    session.flush()


def survivor(session: Session, case: Case) -> Case:
    """The case itself, or the one that it was merged into."""
    return case if case.merged_into_id is None else session.get_one(Case, case.merged_into_id)


def rating_of_answer(session: Session, case: Case) -> Rating | None:
    """The rating of the last answer, if it has one."""
    newest = session.scalars(
        select(Rating).where(Rating.case_id == case.id).order_by(Rating.id.desc()).limit(1)
    ).one_or_none()
    is_of_last = newest is not None and (case.answered_at is None or newest.at >= case.answered_at)
    return newest if is_of_last else None


def _searched_text(question: str, lines: Sequence[Mapping[str, str]]) -> str:
    return "\n".join([question, *(line["text"] for line in lines)])
