"""What applicants read who take their own request back or supplement it."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.disclosures.clock import Assessment
from bot.disclosures.errands import LONGEST_WORDS
from bot.disclosures.models import Request
from bot.disclosures.terms import Kind, RequestState
from bot.language.errands import ErrandKind
from bot.language.masking import mask
from bot.replies.disclosure_answers import FETCH
from bot.replies.lists import day_in_words
from bot.replies.reply import Button, Reply

_WITHDRAW, _KEEP = Button("确认撤回", "确认撤回"), Button("不撤回", "不撤回")
_SUBMIT, _AGAIN, _NOT_NOW = Button("确认提交", "确认提交"), Button("重写", "重写"), Button("先不交", "先不交")
_NAMES = {ErrandKind.WITHDRAW: "撤回", ErrandKind.SUPPLEMENT: "补正"}
_CLOSED = {
    RequestState.ANSWERED: "已经答复",
    RequestState.WITHDRAWN: "已经撤回",
    RequestState.ABANDONED: "已经不再办理",
}


def buttons_of(request: Request, state: RequestState) -> tuple[Button, ...]:
    """What the applicant can do with an open request; each asks for the query code again."""
    if state in _CLOSED:
        return ()
    withdraw = Button("撤回申请", f"撤回信息公开申请 {request.receipt}")
    if state != RequestState.AWAITING_SUPPLEMENT:
        return (withdraw,)
    return Button("补正", f"补正 {request.receipt}"), withdraw


def lead(kind: ErrandKind | None) -> str:
    """Comes before the question for receipt or query code, so that it is plain what they are asked for."""
    return f"可以在这里{_NAMES[kind]}信息公开申请。" if kind else ""


def ask_whether_to_withdraw(request: Request) -> Reply:
    return _asking(
        f"确定要撤回申请 {request.receipt} 吗？"
        f"{request.department.name} {day_in_words(request.received_on)}收到这件申请。"
        "撤回以后不再办理，不能恢复；还需要这些信息的，可以重新申请（《政府信息公开条例》第二十七条）。"
        "确定的话请说“确认撤回”。",
        (_WITHDRAW, _KEEP),
    )


def ask_for_words(request: Request, assessment: Assessment, problem: str = "") -> Reply:
    """Shows what the agency asked for and until when (条例 art. 30). Files are sent on the page `/answers`."""
    asked = next(step for step in reversed(request.steps) if step.kind == Kind.SUPPLEMENT_REQUESTED)
    department = request.department
    lines = [
        f"请写补正的内容，{LONGEST_WORDS} 字以内，写完会给您核对一遍。",
        f"{department.name} {day_in_words(asked.on)}请您补正"
        + (f"：{asked.note.rstrip('。')}。" if asked.note else "。"),
        f"期限到 {day_in_words(assessment.respond_by)}（《政府信息公开条例》第三十条）。"
        if assessment.respond_by
        else "",
        f"有文件要交的，请到门户助手页面下方的“{FETCH}”，用回执号和查询码连同文件一起交。",
    ]
    text = "\n".join(filter(None, lines))
    return _asking(f"{_PROBLEMS[problem]}{text}" if problem else text, (_NOT_NOW,))


_PROBLEMS = {
    "too_short": "写得太短，看不出补正了什么。",
    "too_long": f"写得太长了，请压到 {LONGEST_WORDS} 字以内。",
}


def confirm_words(request: Request, words: str, *, is_again: bool = False) -> Reply:
    """`is_again`: the answer to the question was not understood."""
    problem = "还没有提交。" if is_again else ""
    return _asking(
        f"{problem}请核对申请 {request.receipt} 的补正：\n{mask(words)}\n"
        "没有问题请说“确认提交”；要改的说“重写”；先不交的说“先不交”。",
        (_SUBMIT, _AGAIN, _NOT_NOW),
    )


def withdrawn(request: Request) -> Reply:
    return _done(
        f"申请 {request.receipt} 已经撤回，{request.department.name}不再办理。"
        "还需要这些信息的，可以重新申请（《政府信息公开条例》第二十七条）。",
        request,
    )


def supplemented(request: Request, assessment: Assessment) -> Reply:
    due_on = assessment.due_on
    by = f"，最迟 {day_in_words(due_on)}答复{'（暂定）' if assessment.provisional else ''}" if due_on else ""
    return _done(
        f"申请 {request.receipt} 的补正收到了，答复期限从今天重新算{by}（《政府信息公开条例》第三十条、第三十三条）。",
        request,
    )


def stopped(kind: ErrandKind, receipt: str) -> Reply:
    left = "照常办理" if kind == ErrandKind.WITHDRAW else f"的补正没有提交；想接着交，说“补正 {receipt}”"
    return Reply(f"好，申请 {receipt} {left}。", Outcome.ASKED_BACK)


def expired() -> Reply:
    """Too long a time has passed since the query code was given."""
    return Reply("过了半小时，为了安全，请把回执号和查询码再说一遍，从头来。", Outcome.ASKED_BACK)


def refused(request: Request, kind: ErrandKind, state: RequestState) -> Reply:
    """Comes before the status, which says the rest."""
    return Reply(f"{why_refused(request, kind, state)}它的现状如下。", Outcome.ANSWERED_BY_RECORD)


def why_refused(request: Request, kind: ErrandKind, state: RequestState) -> str:
    if state in _CLOSED:
        return f"申请 {request.receipt} {_CLOSED[state]}，不能再{_NAMES[kind]}。"
    if any(step.kind == Kind.SUPPLEMENT_RECEIVED for step in request.steps):
        return f"申请 {request.receipt} 的补正已经收到，不用再交。"
    return f"申请 {request.receipt} 没有要您补正，不用补正。"


def _asking(text: str, buttons: tuple[Button, ...]) -> Reply:
    return Reply(text, Outcome.ASKED_BACK, buttons=buttons)


def _done(text: str, request: Request) -> Reply:
    source = f"来源：政府信息公开申请登记 {request.receipt}（{request.department.name}）"
    return Reply(f"{text}\n{source}", Outcome.ANSWERED_BY_RECORD)
