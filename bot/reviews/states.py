"""The states of a case: one table of all transitions, and the only function that makes them.

No other code sets `Case.state` or `Case.claimed_by_id` of a case that is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from bot.reviews import city_order_states, order_states, promises
from bot.reviews.models import Case, CaseEvent
from bot.reviews.promises import Clock
from bot.staff.models import Person


class CaseState(StrEnum):
    HELD = "held"
    NEW = "new"
    CLAIMED = "claimed"
    WITH_DEPARTMENT = "with_department"
    WAITING_FOR_CITIZEN = "waiting_for_citizen"
    ANSWERED = "answered"
    CLOSED = "closed"


STATE_TITLES: dict[str, str] = {
    CaseState.HELD: "待审核",
    CaseState.NEW: "待认领",
    CaseState.CLAIMED: "已认领",
    CaseState.WITH_DEPARTMENT: "部门办理中",
    CaseState.WAITING_FOR_CITIZEN: "等群众回复",
    CaseState.ANSWERED: "已答复",
    CaseState.CLOSED: "已办结",
}


class Action(StrEnum):
    OPEN = "open"
    HOLD = "hold"
    RELEASE = "release"
    REFUSE = "refuse"
    ADD_REASON = "add_reason"
    CLAIM = "claim"
    ASSIGN = "assign"
    REASSIGN = "reassign"
    HAND_ON = "hand_on"
    PASS_TO_DEPARTMENT = "pass_to_department"  # noqa: S105
    TAKE_BACK = "take_back"
    DRAFT = "draft"
    SIGN_ORDER = "sign_order"
    RETURN_ORDER = "return_order"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    PRESS_ORDER = "press_order"
    SUPERVISE_ORDER = "supervise_order"
    ASSIST = "assist"
    FINISH_ORDER = "finish_order"
    WITHDRAW_ORDER = "withdraw_order"
    HAND_OUT = "hand_out"
    HANDED_BACK = "handed_back"
    TOLD_OUTSIDE = "told_outside"
    APPROVE = "approve"
    RETURN_DRAFT = "return_draft"
    ASK = "ask"
    INFORM = "inform"
    ANSWER = "answer"
    CITIZEN_ADDS = "citizen_adds"
    CITIZEN_ADDS_MEANWHILE = "citizen_adds_meanwhile"
    CITIZEN_RETURNS = "citizen_returns"
    URGE = "urge"
    WITHDRAW = "withdraw"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
    SET_PRIORITY = "set_priority"
    TAG = "tag"
    NOTE = "note"
    MERGE = "merge"
    TAKE_IN = "take_in"
    CLOSE = "close"
    CLOSE_ABANDONED = "close_abandoned"
    CLOSE_PRAISED = "close_praised"
    CLOSE_SETTLED = "close_settled"
    RATE = "rate"
    CALL_BACK = "call_back"
    CALLED_BACK = "called_back"
    REOPEN = "reopen"
    REOPEN_FOR_ALL = "reopen_for_all"
    WISH_PUBLIC = "wish_public"
    PROPOSE_PUBLIC = "propose_public"
    AGREE_PUBLIC = "agree_public"
    APPROVE_PUBLIC = "approve_public"
    WITHDRAW_PUBLIC = "withdraw_public"


ACTION_TITLES: dict[str, str] = {
    Action.OPEN: "立件",
    Action.HOLD: "暂存待审",
    Action.RELEASE: "审核后受理",
    Action.REFUSE: "审核后不受理",
    Action.ADD_REASON: "又有缘由",
    Action.CLAIM: "认领",
    Action.ASSIGN: "指派",
    Action.REASSIGN: "改派",
    Action.HAND_ON: "移交",
    Action.PASS_TO_DEPARTMENT: "转部门",
    Action.TAKE_BACK: "收回",
    Action.DRAFT: "拟答复",
    Action.SIGN_ORDER: "签收",
    Action.RETURN_ORDER: "协办退单",
    Action.ASK_EXTENSION: "申请延期",
    Action.GRANT_EXTENSION: "准予延期",
    Action.REFUSE_EXTENSION: "不准延期",
    Action.PRESS_ORDER: "催办",
    Action.SUPERVISE_ORDER: "督办",
    Action.ASSIST: "派协办",
    Action.FINISH_ORDER: "协办交回",
    Action.WITHDRAW_ORDER: "收回协办",
    Action.HAND_OUT: "转城市工单系统",
    Action.HANDED_BACK: "城市工单系统退回",
    Action.TOLD_OUTSIDE: "城市工单系统来讯",
    Action.APPROVE: "审核通过",
    Action.RETURN_DRAFT: "退回修改",
    Action.ASK: "回复并等待",
    Action.INFORM: "告知进展",
    Action.ANSWER: "答复",
    Action.CITIZEN_ADDS: "群众补充",
    Action.CITIZEN_ADDS_MEANWHILE: "群众补充",
    Action.CITIZEN_RETURNS: "群众回复",
    Action.URGE: "群众催问",
    Action.WITHDRAW: "群众撤回",
    Action.SNOOZE: "暂缓",
    Action.UNSNOOZE: "取消暂缓",
    Action.SET_PRIORITY: "定轻重",
    Action.TAG: "加标签",
    Action.NOTE: "写备注",
    Action.MERGE: "并入别件",
    Action.TAKE_IN: "收入别件",
    Action.CLOSE: "办结",
    Action.CLOSE_ABANDONED: "逾期未回复自动办结",
    Action.CLOSE_PRAISED: "好评后自动办结",
    Action.CLOSE_SETTLED: "答复后没有异议自动办结",
    Action.RATE: "评价",
    Action.CALL_BACK: "发出回访",
    Action.CALLED_BACK: "回访结果",
    Action.REOPEN: "重办",
    Action.REOPEN_FOR_ALL: "重办（待认领）",
    Action.WISH_PUBLIC: "群众改公开意愿",
    Action.PROPOSE_PUBLIC: "拟公开文字",
    Action.AGREE_PUBLIC: "群众同意公开",
    Action.APPROVE_PUBLIC: "审核同意公开",
    Action.WITHDRAW_PUBLIC: "撤下公开",
}


class CaseActionRefused(ValueError):
    """The case does not allow the action now; the message is in Chinese because a clerk reads it."""


class ClaimedByOther(CaseActionRefused):
    """Somebody else has claimed the case; `name` says who."""

    def __init__(self, name: str) -> None:
        super().__init__(f"这件刚被{name}认领")
        self.name = name


@dataclass(frozen=True)
class Transition:
    """`to` None: the state stays. `clock` None: `due_at` stays. The console defines the permissions of staff
    (`bot/web/console/case_acts.py`)."""

    from_states: frozenset[CaseState]
    to: CaseState | None
    clock: Clock | None = None


_OPEN = frozenset(CaseState) - {CaseState.CLOSED}
_OWNED = _OPEN - {CaseState.NEW, CaseState.HELD}
_WITH_CLERK = _OWNED - {CaseState.WITH_DEPARTMENT}
# Before a clerk has it. A letter is held back until a person has looked at it (`bot.voices`).
_UNOWNED = frozenset({CaseState.NEW, CaseState.HELD})
_DONE = frozenset({CaseState.ANSWERED, CaseState.CLOSED})
_REPLIED = frozenset({CaseState.WAITING_FOR_CITIZEN, CaseState.ANSWERED})

# 首问负责: a claimed case always has an owner. Only a closed case whose owner has left can become NEW again.
TRANSITIONS: dict[Action, Transition] = {
    Action.ADD_REASON: Transition(_OPEN, None),
    Action.HOLD: Transition(frozenset({CaseState.NEW}), CaseState.HELD),
    Action.RELEASE: Transition(frozenset({CaseState.HELD}), CaseState.NEW, Clock.REPLY),
    Action.REFUSE: Transition(frozenset({CaseState.HELD}), CaseState.CLOSED, Clock.NONE),
    Action.CLAIM: Transition(frozenset({CaseState.NEW}), CaseState.CLAIMED),
    Action.ASSIGN: Transition(frozenset({CaseState.NEW}), CaseState.CLAIMED),
    Action.REASSIGN: Transition(_OWNED, None),
    Action.HAND_ON: Transition(_OWNED, None),
    Action.PASS_TO_DEPARTMENT: Transition(_OWNED, CaseState.WITH_DEPARTMENT, Clock.DEPARTMENT),
    Action.TAKE_BACK: Transition(frozenset({CaseState.WITH_DEPARTMENT}), CaseState.CLAIMED, Clock.TAKEN_BACK),
    Action.SIGN_ORDER: Transition(_OWNED, None),
    Action.RETURN_ORDER: Transition(_OWNED, None),
    Action.ASK_EXTENSION: Transition(_OWNED, None),
    Action.GRANT_EXTENSION: Transition(_OWNED, None),
    Action.REFUSE_EXTENSION: Transition(_OWNED, None),
    Action.PRESS_ORDER: Transition(_OWNED, None),
    Action.SUPERVISE_ORDER: Transition(_OWNED, None),
    Action.ASSIST: Transition(_OWNED, None),
    Action.FINISH_ORDER: Transition(_OWNED, None),
    Action.WITHDRAW_ORDER: Transition(_OWNED, None),
    Action.HAND_OUT: Transition(_OWNED, CaseState.WITH_DEPARTMENT, Clock.DEPARTMENT),
    Action.HANDED_BACK: Transition(frozenset({CaseState.WITH_DEPARTMENT}), CaseState.CLAIMED, Clock.TAKEN_BACK),
    Action.TOLD_OUTSIDE: Transition(frozenset(CaseState), None),
    Action.DRAFT: Transition(_OWNED, None),
    Action.APPROVE: Transition(_OWNED, None),
    Action.RETURN_DRAFT: Transition(_OWNED, None),
    Action.ASK: Transition(_WITH_CLERK, CaseState.WAITING_FOR_CITIZEN, Clock.CITIZEN),
    Action.INFORM: Transition(frozenset({CaseState.WITH_DEPARTMENT}), None),
    Action.ANSWER: Transition(_OWNED, CaseState.ANSWERED, Clock.CLOSING),
    Action.CITIZEN_ADDS: Transition(_UNOWNED | {CaseState.CLAIMED}, None, Clock.REPLY),
    Action.CITIZEN_ADDS_MEANWHILE: Transition(frozenset({CaseState.WITH_DEPARTMENT}), None),
    Action.CITIZEN_RETURNS: Transition(_REPLIED, CaseState.CLAIMED, Clock.REPLY),
    Action.URGE: Transition(_OPEN, None),
    Action.WITHDRAW: Transition(_OPEN, CaseState.CLOSED, Clock.NONE),
    Action.SNOOZE: Transition(_OWNED, None),
    Action.UNSNOOZE: Transition(_OWNED, None),
    Action.SET_PRIORITY: Transition(_OPEN, None),
    Action.TAG: Transition(frozenset(CaseState), None),
    Action.NOTE: Transition(frozenset(CaseState), None),
    Action.MERGE: Transition(_OPEN, CaseState.CLOSED, Clock.NONE),
    Action.TAKE_IN: Transition(frozenset({CaseState.CLAIMED, CaseState.WITH_DEPARTMENT}), None),
    Action.CLOSE: Transition(_WITH_CLERK, CaseState.CLOSED, Clock.NONE),
    Action.CLOSE_ABANDONED: Transition(frozenset({CaseState.WAITING_FOR_CITIZEN}), CaseState.CLOSED, Clock.NONE),
    Action.CLOSE_PRAISED: Transition(frozenset({CaseState.ANSWERED}), CaseState.CLOSED, Clock.NONE),
    Action.CLOSE_SETTLED: Transition(frozenset({CaseState.ANSWERED}), CaseState.CLOSED, Clock.NONE),
    Action.RATE: Transition(_DONE, None),
    Action.CALL_BACK: Transition(_DONE, None),
    Action.CALLED_BACK: Transition(_DONE, None),
    Action.REOPEN: Transition(_DONE, CaseState.CLAIMED, Clock.REPLY),
    Action.REOPEN_FOR_ALL: Transition(frozenset({CaseState.CLOSED}), CaseState.NEW, Clock.REPLY),
    Action.WISH_PUBLIC: Transition(frozenset(CaseState), None),
    Action.PROPOSE_PUBLIC: Transition(_DONE, None),
    Action.AGREE_PUBLIC: Transition(_DONE, None),
    Action.APPROVE_PUBLIC: Transition(_DONE, None),
    Action.WITHDRAW_PUBLIC: Transition(frozenset(CaseState), None),
}


def allowed_actions(case: Case) -> list[Action]:
    """The actions that the state allows, for pages; permissions are not checked."""
    return [action for action, transition in TRANSITIONS.items() if case.state in transition.from_states]


def require_allowed(case: Case, action: Action) -> None:
    """Raises CaseActionRefused if the state does not allow the action."""
    transition = TRANSITIONS[action]
    if case.state not in transition.from_states:
        raise CaseActionRefused(f"{case.number} 现在是“{STATE_TITLES[case.state]}”，不能{ACTION_TITLES[action]}")


def opened(session: Session, case: Case, why: str) -> None:
    """Writes the first event of a new case that has just been stored."""
    _write_event(session, case, Action.OPEN, None, None, case.opened_at, why)


_OF_CITIZEN = {
    CaseState.WITH_DEPARTMENT: Action.CITIZEN_ADDS_MEANWHILE,
    CaseState.WAITING_FOR_CITIZEN: Action.CITIZEN_RETURNS,
    CaseState.ANSWERED: Action.CITIZEN_RETURNS,
}


def citizen_action(case: Case) -> Action:
    """The action by which a message of the citizen changes the case, which depends on the state of the case."""
    return _OF_CITIZEN.get(CaseState(case.state), Action.CITIZEN_ADDS)


def change(
    session: Session, case: Case, action: Action, who: Person | None, now: datetime, why: str = "", **values: object
) -> None:
    """Makes the transition, sets `values` and writes the event, if the case has not changed since the caller read it.

    One statement compares and sets, so if two people act at once only one succeeds, on SQLite and on PostgreSQL.

    Raises:
        CaseActionRefused: the table does not allow it, or somebody changed the case meanwhile.
    """
    require_allowed(case, action)
    transition = TRANSITIONS[action]
    from_state = CaseState(case.state)
    to_state = transition.to or from_state
    session.flush()
    seen_owner_id = case.claimed_by_id
    changed = session.execute(
        update(Case)
        .where(Case.id == case.id, Case.state == from_state, _is_owner(seen_owner_id))
        .values(state=to_state, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(case)
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise CaseActionRefused(f"{case.number} 刚刚有变化，现在是“{STATE_TITLES[case.state]}”，请看过再办")
    if transition.to in _DONE or action in (Action.PASS_TO_DEPARTMENT, Action.TAKE_BACK):
        order_states.withdraw_open(session, case, now, assisting_too=transition.to in _DONE)
        city_order_states.withdraw_open(session, case, now)
    if transition.clock is not None:
        case.due_at = promises.in_force().due_at(transition.clock, case, now)
    _write_event(session, case, action, from_state, who, now, why)


def _is_owner(person_id: int | None) -> ColumnElement[bool]:
    return Case.claimed_by_id.is_(None) if person_id is None else Case.claimed_by_id == person_id


def _write_event(
    session: Session,
    case: Case,
    action: Action,
    from_state: CaseState | None,
    who: Person | None,
    at: datetime,
    why: str,
) -> None:
    session.add(
        CaseEvent(
            case_id=case.id,
            at=at,
            who_id=who.id if who else None,
            action=action,
            from_state=from_state,
            to_state=case.state,
            why=why,
        )
    )
    session.flush()
