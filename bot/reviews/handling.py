"""Actions of staff on a case. Whoever claims a case is responsible for it until it is handed on by name (首问负责).

Every function raises `CaseActionRefused` if the state, the owner or an argument does not allow the action; the caller
must then roll back the transaction. The caller also checks the permission (`bot/web/console/case_acts.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, update
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.conversations import holding, staff_messages
from bot.conversations.models import StaffMessage
from bot.db import UTCDateTime
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.reviews import order_states, promises
from bot.reviews.canned import unfilled
from bot.reviews.mentions import named_in, tell
from bot.reviews.models import AnswerDraft, Case, Note, WorkOrder
from bot.reviews.notices import signature
from bot.reviews.reasons import PRIORITY_TITLES, ClosedAs, Priority
from bot.reviews.requirements import require_owner as _require_owner
from bot.reviews.requirements import require_owner_or_department
from bot.reviews.requirements import require_text as _require_text
from bot.reviews.service import conversations_of, is_visible_to
from bot.reviews.states import Action, CaseActionRefused, CaseState, ClaimedByOther, change, require_allowed
from bot.reviews.takeover import hand_back, tell_of_new_owner
from bot.staff.models import Person

MOST_REPLY_CHARACTERS = 4000
MOST_TAGS = 10
MOST_TAG_CHARACTERS = 20

DRAFTED, APPROVED, RETURNED, SENT = "drafted", "approved", "returned", "sent"


def claim(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Makes the person the owner of the case. Claiming one's own case again changes nothing.

    Raises:
        ClaimedByOther: somebody else has claimed it; the error has their name.
    """
    try:
        change(session, case, Action.CLAIM, person, now, claimed_by_id=person.id)
    except CaseActionRefused:
        if case.state == CaseState.CLOSED or case.claimed_by is None:
            raise
        if case.claimed_by_id != person.id:
            raise ClaimedByOther(case.claimed_by.name) from None


def hand_on(session: Session, case: Case, person: Person, now: datetime, to_person: Person, why: str = "") -> None:
    """Hands the case from its owner to a colleague."""
    require_allowed(case, Action.HAND_ON)
    _require_owner(case, person)
    _require_new_owner(case, to_person)
    change(session, case, Action.HAND_ON, person, now, _to(to_person, why), claimed_by_id=to_person.id)
    tell_of_new_owner(session, case, to_person, now)


def assign(session: Session, case: Case, person: Person, now: datetime, to_person: Person, why: str = "") -> None:
    """Lets a supervisor give the case to a person, whether or not it has an owner."""
    action = Action.ASSIGN if case.state == CaseState.NEW else Action.REASSIGN
    require_allowed(case, action)
    _require_new_owner(case, to_person)
    change(session, case, action, person, now, _to(to_person, why), claimed_by_id=to_person.id)
    tell_of_new_owner(session, case, to_person, now)


def pass_to_department(
    session: Session,
    case: Case,
    person: Person,
    now: datetime,
    department_code: str,
    why: str = "",
    working_days: int | None = None,
    redo_of: WorkOrder | None = None,
) -> None:
    """Passes the case to a department by a work order (派单); its owner stays responsible to the citizen.

    Args:
        why: what the department is asked to do.
        working_days: the limit of this order; by default the promise of departments, which ends with closing at last.
        redo_of: the order that the department is to do again.
    """
    require_allowed(case, Action.PASS_TO_DEPARTMENT)
    _require_owner(case, person)
    department = get_department(session, department_code)
    if department is None:
        raise CaseActionRefused(f"没有编码为“{department_code}”的部门")
    change(
        session,
        case,
        Action.PASS_TO_DEPARTMENT,
        person,
        now,
        f"转{department.name}" + (f"：{why}" if why else ""),
        department_code=department.code,
        snoozed_until=None,
    )
    order = order_states.issue(session, case, person, now, department.code, why, working_days, redo_of=redo_of)
    case.due_at = min(order.due_at, promises.in_force().closing_of(case))
    # This takes days; meanwhile the bot answers other questions of the citizen.
    hand_back(session, case, now)


def take_back(session: Session, case: Case, person: Person, now: datetime, why: str = "") -> None:
    """Takes the case back: by the owner, or by the department if it is not in charge, which must say why."""
    require_allowed(case, Action.TAKE_BACK)
    require_owner_or_department(case, person)
    if case.claimed_by_id != person.id:
        _require_text(why, "退回的理由")
        order_states.return_lead(session, case, now)
    change(session, case, Action.TAKE_BACK, person, now, why, department_code=None, snoozed_until=None)


def draft_answer(session: Session, case: Case, person: Person, now: datetime, text: str) -> AnswerDraft:
    """Stores a draft by the owner or the department; citizens do not see it until `reply` sends it.

    By its draft the department hands in its work order.
    """
    require_allowed(case, Action.DRAFT)
    require_owner_or_department(case, person)
    draft = AnswerDraft(
        case_id=case.id,
        at=now,
        by_id=person.id,
        text=_require_answer(text, "答复"),
        state=DRAFTED,
        why="",
    )
    change(session, case, Action.DRAFT, person, now)
    session.add(draft)
    session.flush()
    if person.department_code is not None:
        order_states.hand_in_lead(session, case, person.department_code, now)
    return draft


def approve(session: Session, draft: AnswerDraft, person: Person, now: datetime) -> None:
    """Approves a draft; its author cannot."""
    _review(session, draft, person, now, Action.APPROVE, APPROVED, "")


def return_draft(session: Session, draft: AnswerDraft, person: Person, now: datetime, why: str) -> None:
    """Returns a draft to its author, with the reason; the author then writes another one."""
    _review(session, draft, person, now, Action.RETURN_DRAFT, RETURNED, _require_text(why, "退回的理由"))
    case = session.get_one(Case, draft.case_id)
    # What came from the city's own system came for the department that leads.
    department_code = draft.by.department_code if draft.by else case.department_code
    if department_code is not None:
        order_states.send_back_lead(session, case, department_code)


def reply(
    session: Session,
    case: Case,
    person: Person,
    now: datetime,
    text: str,
    *,
    is_final: bool,
    draft: AnswerDraft | None = None,
) -> StaffMessage:
    """Writes to the citizen in every conversation of the case; returns the message in the case's own conversation.

    Args:
        is_final: this answers the question; otherwise the case waits for the citizen, or stays with the department.
        draft: the draft that is sent, changed or not. The department may also send an approved draft.
    """
    text = _require_answer(text, "回复")
    unless_final = Action.INFORM if case.state == CaseState.WITH_DEPARTMENT else Action.ASK
    action = Action.ANSWER if is_final else unless_final
    require_allowed(case, action)
    if draft is not None and draft.state == APPROVED:
        require_owner_or_department(case, person)
    else:
        _require_owner(case, person)
    if draft is not None:
        _move_draft(session, case, draft, (DRAFTED, APPROVED), SENT)
    change(
        session,
        case,
        action,
        person,
        now,
        first_reply_at=func.coalesce(Case.first_reply_at, literal(now, UTCDateTime)),
        answered_at=now if is_final else case.answered_at,
        citizen_waits=case.citizen_waits if action == Action.INFORM else False,
        snoozed_until=None,
    )
    by_name = signature(person.department.name if person.department else None)
    messages = [
        staff_messages.say(session, conversation_id, case_id=case.id, by_name=by_name, text=text, now=now)
        for conversation_id in conversations_of(session, case)
    ]
    return messages[0]


def snooze(session: Session, case: Case, person: Person, now: datetime, until: datetime, why: str = "") -> None:
    """Hides the case from the list until then, or until the citizen writes; its due time does not change."""
    require_allowed(case, Action.SNOOZE)
    _require_owner(case, person)
    if until <= now:
        raise CaseActionRefused("暂缓到的时间要晚于现在")
    change(session, case, Action.SNOOZE, person, now, why, snoozed_until=until)


def unsnooze(session: Session, case: Case, person: Person, now: datetime) -> None:
    require_allowed(case, Action.UNSNOOZE)
    _require_owner(case, person)
    change(session, case, Action.UNSNOOZE, person, now, snoozed_until=None)


def set_priority(
    session: Session, case: Case, person: Person, now: datetime, priority: Priority, why: str = ""
) -> None:
    title = PRIORITY_TITLES[priority]
    change(session, case, Action.SET_PRIORITY, person, now, f"{title}：{why}" if why else title, priority=priority)


def tag(session: Session, case: Case, person: Person, now: datetime, tags: Sequence[str]) -> None:
    """Replaces the tags of the case."""
    kept = list(dict.fromkeys(one.strip() for one in tags if one.strip()))
    if len(kept) > MOST_TAGS or any(len(one) > MOST_TAG_CHARACTERS for one in kept):
        raise CaseActionRefused(f"标签最多 {MOST_TAGS} 个，每个最多 {MOST_TAG_CHARACTERS} 个字")
    change(session, case, Action.TAG, person, now, "、".join(kept), tags=kept)


def note(session: Session, case: Case, person: Person, now: datetime, text: str) -> Note:
    """Adds a note for colleagues; citizens never see it. Those whom it names by `@login` are told."""
    if not is_visible_to(case, person):
        raise CaseActionRefused(f"{case.number} 不在您的部门办理")
    named = named_in(session, case, text)
    written = Note(case_id=case.id, at=now, by_id=person.id, text=_require_text(text, "备注", MOST_REPLY_CHARACTERS))
    change(session, case, Action.NOTE, person, now)
    session.add(written)
    tell(session, case, named, now)
    session.flush()
    return written


def merge(session: Session, case: Case, person: Person, now: datetime, other: Case, why: str = "") -> None:
    """Merges `other`, of the same citizen, into `case`: `other` is closed, `case` continues in both conversations.

    The reasons are combined; the earlier waiting time and the earlier due time apply.
    """
    if other.id == case.id:
        raise CaseActionRefused("不能并入自己")
    require_allowed(case, Action.TAKE_IN)
    require_allowed(other, Action.MERGE)
    _require_owner(case, person)
    if other.state != CaseState.NEW:
        _require_owner(other, person)
    waiting = [one for one in (case, other) if one.citizen_waits]
    due_at = min(one.due_at for one in (case, other) if one.due_at is not None)
    change(
        session,
        other,
        Action.MERGE,
        person,
        now,
        f"并入 {case.number}" + (f"：{why}" if why else ""),
        outcome=ClosedAs.MERGED,
        closed_at=now,
        claimed_by_id=person.id,
        merged_into_id=case.id,
        snoozed_until=None,
    )
    change(
        session,
        case,
        Action.TAKE_IN,
        person,
        now,
        f"收入 {other.number}",
        reasons=list(dict.fromkeys([*case.reasons, *other.reasons])),
        searched_text=f"{case.searched_text}\n{other.searched_text}",
        citizen_waits=bool(waiting),
        waiting_since=min((one.waiting_since for one in waiting), default=case.waiting_since),
        due_at=due_at,
    )
    holding.pass_on(session, other.id, case.id)
    # Cases merged into `other` before now point directly to `case`.
    session.execute(update(Case).where(Case.merged_into_id == other.id).values(merged_into_id=case.id))


def close(session: Session, case: Case, person: Person, now: datetime, outcome: ClosedAs, why: str = "") -> None:
    require_allowed(case, Action.CLOSE)
    _require_owner(case, person)
    if outcome == ClosedAs.MERGED:
        raise CaseActionRefused("并件请用“并入别件”")
    if outcome == ClosedAs.REFUSED:
        raise CaseActionRefused("只有待审核的来信能不受理")
    if outcome == ClosedAs.ANSWERED and case.first_reply_at is None:
        raise CaseActionRefused("还没有答复过，不能按“已答复”办结")
    change(session, case, Action.CLOSE, person, now, why, outcome=outcome, closed_at=now, snoozed_until=None)
    hand_back(session, case, now)


def _review(
    session: Session, draft: AnswerDraft, person: Person, now: datetime, action: Action, to_state: str, why: str
) -> None:
    case = session.get_one(Case, draft.case_id)
    require_allowed(case, action)
    if draft.by_id == person.id:
        raise CaseActionRefused("自己拟的答复要由别人审核")
    _move_draft(session, case, draft, (DRAFTED,), to_state)
    draft.reviewer_id, draft.reviewed_at, draft.why = person.id, now, why
    change(session, case, action, person, now, why)


def _move_draft(session: Session, case: Case, draft: AnswerDraft, from_states: Sequence[str], to_state: str) -> None:
    """Compares and sets in one statement, so that a draft is reviewed and sent only once."""
    moved = session.execute(
        update(AnswerDraft)
        .where(AnswerDraft.id == draft.id, AnswerDraft.case_id == case.id, AnswerDraft.state.in_(from_states))
        .values(state=to_state)
        .execution_options(synchronize_session=False)
    )
    session.refresh(draft)
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        raise CaseActionRefused("这份拟稿已经审过、退回或发出，请看过再办")


def _require_new_owner(case: Case, to_person: Person) -> None:
    if not to_person.is_active:
        raise CaseActionRefused(f"{to_person.name}已停用，不能接手")
    if case.claimed_by_id == to_person.id:
        raise CaseActionRefused(f"{case.number} 已经由{to_person.name}负责")


def _require_answer(text: str, what: str) -> str:
    """The text, checked, because citizens will read it."""
    text = _require_text(text, what, MOST_REPLY_CHARACTERS)
    if leads_elsewhere(text):
        raise CaseActionRefused(f"{what}里{NO_WEB_ADDRESS}")
    if open_ones := unfilled(text):
        raise CaseActionRefused(f"{what}里还有没填的{'、'.join(open_ones)}")
    return text


def _to(person: Person, why: str) -> str:
    return f"交给{person.name}" + (f"：{why}" if why else "")
