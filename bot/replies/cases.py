"""Replies to a citizen about their own case: its progress, additions, withdrawal."""

from __future__ import annotations

from datetime import datetime

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import OwnCase
from bot.replies.lists import instant_in_words
from bot.replies.reply import PERSON, TAKE_DOWN, Button, Reply
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs
from bot.reviews.states import CaseState

WITHDRAW = Button.to("撤回", "withdraw_case")
_STANDS = {
    CaseState.HELD: "已登记，工作人员先审核再办理",
    CaseState.NEW: "已登记，等工作人员接手",
    CaseState.CLAIMED: "工作人员正在处理",
    CaseState.WITH_DEPARTMENT: "已转{department}办理",
    CaseState.WAITING_FOR_CITIZEN: "工作人员已回复您，在等您的回话",
    CaseState.ANSWERED: "已答复",
}
_CLOSED: dict[str, str] = {
    ClosedAs.ANSWERED: "已答复并办结",
    ClosedAs.TOLD_WHERE: "已办结，已告知去处",
    ClosedAs.WITHDRAWN: "您已撤回",
    ClosedAs.NO_WORD: "工作人员回复后没有等到您的回话，已办结",
    ClosedAs.NO_ACTION_NEEDED: "已办结，不需要再处理",
    ClosedAs.MERGED: "已并入您的另一件一起办理",
    ClosedAs.REFUSED: "审核后没有受理",
}


def how_far(case: Case, now: datetime, hotline: str) -> Reply:
    """The number of the case, its state and the promised time."""
    if case.state == CaseState.CLOSED:
        return Reply(
            f"{case.number} {standing(case)}。还有别的要办，请说“转人工”，或者拨打 {hotline}。",
            Outcome.ABOUT_CASE,
            _about(case),
            buttons=(PERSON,),
        )
    return Reply(
        f"{case.number} {standing(case)}{_promised(case, now, hotline)}。"
        "要补充就说“我要补充”加上内容，不用了就回复“撤回”。",
        Outcome.ABOUT_CASE,
        _about(case),
        buttons=(WITHDRAW,),
    )


def in_a_list(case: Case, now: datetime, hotline: str) -> str:
    """The state of the case and the promised time, in a line."""
    return standing(case) if case.state == CaseState.CLOSED else f"{standing(case)}{_promised(case, now, hotline)}"


def words_added(case: Case, now: datetime, hotline: str) -> Reply:
    return Reply(
        f"补充的话记到 {case.number} 里了，工作人员会一起看到{_promised(case, now, hotline)}。",
        Outcome.ABOUT_CASE,
        _about(case),
    )


def say_what_to_add(case: Case) -> Reply:
    return Reply(f"请说，您的下一句话会记到 {case.number} 里。", Outcome.ABOUT_CASE, _about(case))


def nothing_added(case: Case) -> Reply:
    return Reply(f"好的，没有补充。{case.number} 照常办理。", Outcome.ABOUT_CASE, _about(case))


def withdrawn(case: Case) -> Reply:
    return Reply(
        f"好的，{case.number} 已撤回，工作人员不再处理。以后要找人，说“转人工”就行。",
        Outcome.ABOUT_CASE,
        _about(case),
    )


def withdrawn_before(case: Case) -> Reply:
    return Reply(f"{case.number} {_CLOSED[case.outcome or '']}，不用再撤回。", Outcome.ABOUT_CASE, _about(case))


def still_open(case: Case) -> Reply:
    """Sent after a goodbye, since “不用了” may have meant the case too."""
    return Reply(
        f"另外，您转给工作人员的 {case.number} 还在办。这件也不用了，请回复“撤回”。",
        Outcome.ABOUT_CASE,
        _about(case),
        buttons=(WITHDRAW,),
    )


def ask_number() -> Reply:
    return Reply(
        "这个对话里没有转给工作人员的问题。以前转过的，请发案件编号（AJ- 开头）和当时留的手机号，我来查。",
        Outcome.ASKED_BACK,
        OwnCase(),
        buttons=(PERSON,),
    )


def not_taken_down_yet() -> Reply:
    return Reply(
        "这件事还没有转给工作人员，所以还没有结果。要我记下来转给负责的部门，回复“记下来”；答复以后我告诉您。",
        Outcome.ASKED_BACK,
        OwnCase(),
        buttons=(TAKE_DOWN, PERSON),
    )


def ask_telephone(number: str, is_again: bool) -> Reply:
    """The text is the same whether the case exists or not, so it tells a stranger nothing."""
    problem = "没有看到手机号。" if is_again else ""
    return Reply(
        f"{problem}{number} 不是在这个对话里转的。请发当时留的手机号，对上了就告诉您办到哪一步。",
        Outcome.IDENTITY_ASKED,
        OwnCase(number),
        awaits="contact",
    )


def telephone_does_not_fit(number: str, attempts_left: int, hotline: str) -> Reply:
    more = f"还可以试 {attempts_left} 次" if attempts_left else "请过一会儿再试"
    return Reply(
        f"{number} 和这个手机号对不上，{more}。没有留过手机号的，请回到原来的对话里问，或者拨打 {hotline}。",
        Outcome.IDENTITY_REFUSED,
        OwnCase(number),
    )


def standing(case: Case) -> str:
    """How far the case is, in words for its citizen: 工作人员正在处理."""
    if case.state == CaseState.CLOSED:
        return _CLOSED[case.outcome or ""]
    department = case.department.name if case.department else "有关部门"
    return _STANDS[CaseState(case.state)].format(department=department)


def _promised(case: Case, now: datetime, hotline: str) -> str:
    if case.due_at is None or not case.citizen_waits:
        return ""
    if case.due_at < now:
        return f"，原定 {instant_in_words(case.due_at)} 前回复，已经超时，您的催问记下了；急事请拨 {hotline}"
    return f"，会在 {instant_in_words(case.due_at)} 前回复您"


def _about(case: Case) -> OwnCase:
    return OwnCase(case.number, case.state, case.due_at.isoformat() if case.due_at else None)
