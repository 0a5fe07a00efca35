"""The acts on a case from its page: for each form its name, who may send it, and the service that it calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.conversations.channels import FORM
from bot.conversations.holding import lock_holder
from bot.reviews import city_orders, handling, takeover, unsent
from bot.reviews.models import AnswerDraft, Case
from bot.reviews.order_states import OPEN_ORDERS
from bot.reviews.reasons import ClosedAs, Priority
from bot.reviews.service import NoSuchCase, conversations_of, drafts_of, get_case, is_visible_to
from bot.reviews.states import Action, CaseActionRefused, CaseState, allowed_actions
from bot.staff.accounts import NoSuchPerson, get_person, may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.voices import service as voices
from bot.web.console import order_acts
from bot.workdays import CHINA

Form = Mapping[str, str]
Do = Callable[[Session, Case, Person, Form, datetime], str]

E = TypeVar("E", bound=StrEnum)

ANSWER_AND_CLOSE = "close"
_CLAIMED = "已认领，这件由您负责到底"
# Nobody talks on a form.
_TALKING = ("claim-and-take-over", "take-over", "hand-back")
_BETWEEN_TAGS = re.compile(r"[\s,，、;；]+")


class For(Enum):
    """To whom the page offers an act. `perform` checks it again, except for `ANYBODY` and `OTHERS`.

    `OWNER_OR_NOBODY`: the owner, or anybody while there is none. `ORDERED`: a department that has an open work order of
    the case.
    """

    ANYBODY = 1
    OTHERS = 2
    OWNER = 3
    OWNER_OR_DEPARTMENT = 4
    OWNER_OR_NOBODY = 5
    ORDERED = 6


@dataclass(frozen=True)
class CaseForm:
    """`actions`: the act is offered if the state of the case allows one of them. `do` returns a sentence that says what
    happened."""

    permission: Permission
    actions: tuple[Action, ...]
    offered_to: For
    do: Do


def visible_case(session: Session, number: str, person: Person) -> Case:
    """The case of that number. Raises NoSuchCase also if the person may not see it."""
    case = get_case(session, number)
    if not is_visible_to(case, person):
        raise NoSuchCase(number)
    return case


def offered(case: Case, person: Person) -> set[str]:
    """The names of the acts that the page shows to this person."""
    allowed = set(allowed_actions(case))
    return {
        name
        for name, act in ACTS.items()
        if may(person, act.permission)
        and not allowed.isdisjoint(act.actions)
        and _is_for(act.offered_to, case, person)
        and (case.channel != FORM or name not in _TALKING)
        and (name != "hand-out" or city_orders.in_force() is not None)
    }


def may_open_files(case: Case, person: Person) -> bool:
    """Whether the person is the citizen's other party: responsible for the case, or of the department it is with."""
    return _is_for(For.OWNER_OR_DEPARTMENT, case, person)


def perform(session: Session, number: str, name: str, person: Person, form: Form, now: datetime) -> tuple[str, Case]:
    """Does the act; returns a sentence that says what happened, and the case.

    Raises:
        NoSuchCase
        CaseActionRefused
    """
    case = visible_case(session, number, person)
    # Lock the conversations before the case, in the same order as the gateway: another order could deadlock.
    for conversation_id in sorted(conversations_of(session, case)):
        lock_holder(session, conversation_id)
    session.refresh(case)
    return ACTS[name].do(session, case, person, form, now), case


def _is_for(offered_to: For, case: Case, person: Person) -> bool:
    is_owner = case.claimed_by_id == person.id
    if offered_to is For.OTHERS:
        return not is_owner
    if offered_to is For.OWNER:
        return is_owner
    if offered_to is For.OWNER_OR_NOBODY:
        return is_owner or case.claimed_by_id is None
    if offered_to is For.OWNER_OR_DEPARTMENT:
        return is_owner or (person.department_code is not None and person.department_code == case.department_code)
    if offered_to is For.ORDERED:
        return any(one.department_code == person.department_code and one.state in OPEN_ORDERS for one in case.orders)
    return True


def _claim(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    handling.claim(session, case, person, now)
    return _CLAIMED


def _claim_and_take_over(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    """Only claims where the channel keeps no conversation that could be taken over."""
    handling.claim(session, case, person, now)
    takeover.take_over(session, case, person, now)
    is_silent = takeover.is_taken_over(session, case)
    return "已认领并接管，这件由您负责到底；对方说的话直接到您这里" if is_silent else _CLAIMED


def _reply(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    """`kind` of the form: `ask` waits for the citizen, `final` answers, `close` answers and closes.

    Whoever answers a case that nobody has claimed claims it by that (首问负责).
    """
    kind = form.get("kind")
    is_final = kind in ("final", ANSWER_AND_CLOSE)
    if case.state == CaseState.NEW:
        handling.claim(session, case, person, now)
    # Whoever is asked something answers the clerk: the bot must not answer in between.
    is_talk = case.channel != FORM and case.state != CaseState.WITH_DEPARTMENT
    if not is_final and case.claimed_by_id == person.id and is_talk:
        takeover.take_over(session, case, person, now)
    handling.reply(session, case, person, now, form.get("text", ""), is_final=is_final)
    unsent.drop(session, case, person, unsent.REPLY)
    if kind == ANSWER_AND_CLOSE:
        handling.close(session, case, person, now, ClosedAs.ANSWERED)
        return f"{case.number} 已答复并办结"
    return "答复已发出，对方会看到评价按钮" if is_final else "已发出"


def _take_over(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    takeover.take_over(session, case, person, now)
    if not takeover.is_taken_over(session, case):
        raise CaseActionRefused("这个渠道的对话不能接管，请直接回复")
    return "已接管：对方说的话直接到您这里，机器人不再插话"


def _hand_back(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    if case.claimed_by_id != person.id:
        raise CaseActionRefused(f"{case.number} 不由您负责，不能交还机器人")
    takeover.hand_back(session, case, now)
    return "已交还机器人"


def _note(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.note(session, case, person, now, form.get("text", ""))
    unsent.drop(session, case, person, unsent.NOTE)
    return "备注已记下"


def _tags(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.tag(session, case, person, now, _BETWEEN_TAGS.split(form.get("tags", "")))
    return "标签已改"


def _priority(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.set_priority(session, case, person, now, _chosen(Priority, form, "priority", "轻重"), form.get("why", ""))
    return "轻重已改"


def _snooze(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    try:
        until = datetime.fromisoformat(form.get("until", "")).replace(tzinfo=CHINA)
    except ValueError:
        raise CaseActionRefused("请填暂缓到什么时间") from None
    handling.snooze(session, case, person, now, until, form.get("why", ""))
    return f"已暂缓到 {until:%m-%d %H:%M}，对方一说话就回到待办"


def _unsnooze(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    handling.unsnooze(session, case, person, now)
    return "已取消暂缓"


def _hand_on(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    to_person = _colleague(session, form)
    handling.hand_on(session, case, person, now, to_person, form.get("why", ""))
    return f"已移交{to_person.name}"


def _assign(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    to_person = _colleague(session, form)
    handling.assign(session, case, person, now, to_person, form.get("why", ""))
    return f"已指派{to_person.name}"


def _pass_on(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    if not form.get("department"):
        raise CaseActionRefused("请选部门")
    order_acts.issue(session, case, person, form, now)
    return "已转部门办理，对话仍由机器人接着答；您仍对群众负责"


def _hand_out(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    city_orders.hand_out(session, case, person, now, form.get("why", ""))
    return "已转城市工单系统，那边的进展会记在这里；您仍对群众负责"


def _take_back(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.take_back(session, case, person, now, form.get("why", ""))
    return "已收回"


def _draft(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.draft_answer(session, case, person, now, form.get("text", ""))
    unsent.drop(session, case, person, unsent.DRAFT)
    return "拟稿已存，请别人审核"


def _approve(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.approve(session, _the_draft(session, case, form), person, now)
    return "审核通过，可以发出"


def _return_draft(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.return_draft(session, _the_draft(session, case, form), person, now, form.get("why", ""))
    return "已退回修改"


def _send_draft(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    draft = _the_draft(session, case, form)
    handling.reply(session, case, person, now, form.get("text", ""), is_final=True, draft=draft)
    return "答复已发出，对方会看到评价按钮"


def _merge(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    try:
        other = visible_case(session, form.get("other", ""), person)
    except NoSuchCase:
        raise CaseActionRefused("没有这个编号的案件，编号写成 AJ-000012") from None
    handling.merge(session, case, person, now, other, form.get("why", ""))
    return f"{other.number} 已并入本件"


def _close(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    handling.close(session, case, person, now, _chosen(ClosedAs, form, "outcome", "怎样办结"), form.get("why", ""))
    return "已办结"


def _release(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    voices.release(session, case, person, now)
    return "已受理，和别的来信一样办理"


def _refuse(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    voices.refuse(session, case, person, now, form.get("why", ""))
    return "没有受理，来信人凭编号和查询码能看到理由"


def _propose_public(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    wording = {name: form.get(name, "") for name in ("title", "question", "answer")}
    voices.propose(session, case, person, now, **wording)
    return "公开的文字已拟好，来信人和审核的同事都同意后公开"


def _approve_public(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    is_published = voices.approve(session, case, person, now)
    return "已公开" if is_published else "已同意，等来信人同意后公开"


def _withdraw_public(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    voices.withdraw(session, case, person, now, form.get("why", ""))
    return "已撤下"


def _chosen(kind: type[E], form: Form, field: str, title: str) -> E:
    try:
        return kind(form.get(field, ""))
    except ValueError:
        raise CaseActionRefused(f"请选{title}") from None


def _colleague(session: Session, form: Form) -> Person:
    """The colleague chosen in the form. They must be able to handle cases, or the case would be stuck."""
    try:
        person = get_person(session, form.get("to", ""))
    except NoSuchPerson:
        raise CaseActionRefused("请选交给谁") from None
    if not may(person, Permission.HANDLE_CASES):
        raise CaseActionRefused(f"{person.name}的角色不能办件")
    return person


def _the_draft(session: Session, case: Case, form: Form) -> AnswerDraft:
    for draft in drafts_of(session, case):
        if str(draft.id) == form.get("draft"):
            return draft
    raise CaseActionRefused("没有这份拟稿")


ACTS = {
    "claim": CaseForm(Permission.CLAIM_CASES, (Action.CLAIM,), For.ANYBODY, _claim),
    "claim-and-take-over": CaseForm(Permission.HANDLE_CASES, (Action.CLAIM,), For.ANYBODY, _claim_and_take_over),
    "take-over": CaseForm(Permission.HANDLE_CASES, (Action.HAND_ON,), For.OWNER, _take_over),
    "hand-back": CaseForm(Permission.HANDLE_CASES, (Action.HAND_ON,), For.OWNER, _hand_back),
    "reply": CaseForm(Permission.HANDLE_CASES, (Action.ANSWER, Action.CLAIM), For.OWNER_OR_NOBODY, _reply),
    "note": CaseForm(Permission.ANSWER_AS_DEPARTMENT, (Action.NOTE,), For.ANYBODY, _note),
    "tags": CaseForm(Permission.HANDLE_CASES, (Action.TAG,), For.ANYBODY, _tags),
    "priority": CaseForm(Permission.HANDLE_CASES, (Action.SET_PRIORITY,), For.ANYBODY, _priority),
    "snooze": CaseForm(Permission.HANDLE_CASES, (Action.SNOOZE,), For.OWNER, _snooze),
    "unsnooze": CaseForm(Permission.HANDLE_CASES, (Action.UNSNOOZE,), For.OWNER, _unsnooze),
    "hand-on": CaseForm(Permission.HANDLE_CASES, (Action.HAND_ON,), For.OWNER, _hand_on),
    "assign": CaseForm(Permission.ASSIGN_CASES, (Action.ASSIGN, Action.REASSIGN), For.OTHERS, _assign),
    "pass-on": CaseForm(Permission.HANDLE_CASES, (Action.PASS_TO_DEPARTMENT,), For.OWNER, _pass_on),
    "hand-out": CaseForm(Permission.HANDLE_CASES, (Action.HAND_OUT,), For.OWNER, _hand_out),
    "take-back": CaseForm(Permission.ANSWER_AS_DEPARTMENT, (Action.TAKE_BACK,), For.OWNER_OR_DEPARTMENT, _take_back),
    "draft": CaseForm(Permission.ANSWER_AS_DEPARTMENT, (Action.DRAFT,), For.OWNER_OR_DEPARTMENT, _draft),
    "approve": CaseForm(Permission.APPROVE_ANSWERS, (Action.APPROVE,), For.ANYBODY, _approve),
    "return-draft": CaseForm(Permission.APPROVE_ANSWERS, (Action.RETURN_DRAFT,), For.ANYBODY, _return_draft),
    "send-draft": CaseForm(Permission.ANSWER_AS_DEPARTMENT, (Action.ANSWER,), For.OWNER_OR_DEPARTMENT, _send_draft),
    "sign-order": CaseForm(Permission.ANSWER_AS_DEPARTMENT, (Action.SIGN_ORDER,), For.ORDERED, order_acts.sign),
    "return-order": CaseForm(
        Permission.ANSWER_AS_DEPARTMENT, (Action.RETURN_ORDER,), For.ORDERED, order_acts.return_assisting
    ),
    "finish-order": CaseForm(
        Permission.ANSWER_AS_DEPARTMENT, (Action.FINISH_ORDER,), For.ORDERED, order_acts.finish_assisting
    ),
    "ask-extension": CaseForm(
        Permission.ANSWER_AS_DEPARTMENT, (Action.ASK_EXTENSION,), For.ORDERED, order_acts.ask_extension
    ),
    "grant-extension": CaseForm(
        Permission.ASSIGN_CASES, (Action.GRANT_EXTENSION,), For.ANYBODY, order_acts.grant_extension
    ),
    "refuse-extension": CaseForm(
        Permission.ASSIGN_CASES, (Action.REFUSE_EXTENSION,), For.ANYBODY, order_acts.refuse_extension
    ),
    "press-order": CaseForm(Permission.HANDLE_CASES, (Action.PRESS_ORDER,), For.ANYBODY, order_acts.press),
    "supervise-order": CaseForm(Permission.ASSIGN_CASES, (Action.SUPERVISE_ORDER,), For.ANYBODY, order_acts.supervise),
    "assist": CaseForm(Permission.HANDLE_CASES, (Action.ASSIST,), For.OWNER, order_acts.assist),
    "withdraw-order": CaseForm(
        Permission.HANDLE_CASES, (Action.WITHDRAW_ORDER,), For.OWNER, order_acts.withdraw_assisting
    ),
    "call-back": CaseForm(Permission.HANDLE_CASES, (Action.CALL_BACK,), For.ANYBODY, order_acts.call_back),
    "called-back": CaseForm(Permission.HANDLE_CASES, (Action.CALLED_BACK,), For.ANYBODY, order_acts.called_back),
    "redo": CaseForm(Permission.HANDLE_CASES, (Action.PASS_TO_DEPARTMENT,), For.OWNER, order_acts.redo),
    "merge": CaseForm(Permission.HANDLE_CASES, (Action.TAKE_IN,), For.OWNER, _merge),
    "close": CaseForm(Permission.HANDLE_CASES, (Action.CLOSE,), For.OWNER, _close),
    "release": CaseForm(Permission.HANDLE_CASES, (Action.RELEASE,), For.ANYBODY, _release),
    "refuse": CaseForm(Permission.ASSIGN_CASES, (Action.REFUSE,), For.ANYBODY, _refuse),
    "propose-public": CaseForm(
        Permission.ANSWER_AS_DEPARTMENT, (Action.PROPOSE_PUBLIC,), For.OWNER_OR_DEPARTMENT, _propose_public
    ),
    "approve-public": CaseForm(Permission.APPROVE_ANSWERS, (Action.APPROVE_PUBLIC,), For.ANYBODY, _approve_public),
    "withdraw-public": CaseForm(Permission.APPROVE_ANSWERS, (Action.WITHDRAW_PUBLIC,), For.ANYBODY, _withdraw_public),
}

# The key that opens the form of each act on the page, and what the overview of keys calls it.
ACT_KEYS = {
    "note": ("n", "写备注"),
    "pass-on": ("p", "转部门办理"),
    "take-back": ("b", "收回、退回"),
    "draft": ("d", "拟答复"),
    "hand-on": ("h", "移交同事"),
    "assign": ("a", "指派、改派"),
    "priority": ("l", "定轻重"),
    "tags": ("w", "改标签"),
    "snooze": ("z", "暂缓、取消暂缓"),
    "unsnooze": ("z", ""),
    "merge": ("m", "并入另一件"),
    "close": ("e", "办结"),
    "unmask": ("u", "看原文"),
}
