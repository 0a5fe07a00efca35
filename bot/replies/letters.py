"""Replies when a complaint, a suggestion, praise or a request is recorded."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback, LetterTaken
from bot.replies.cases import WITHDRAW
from bot.replies.handoff import LEAVE_CONTACT
from bot.replies.lists import day_with_weekday
from bot.replies.reply import Button, Reply
from bot.reviews.models import Case
from bot.reviews.reasons import Kind
from bot.workdays import CHINA

_LEAVES = "关掉就看不到了，要关的，请留个手机号。"
_LATER = "关掉以后，凭编号和查询码到“网上来信”页查，也可以留个手机号。"
_TAKEN: dict[str, str] = {
    Kind.COMPLAINT: "您反映的问题记下了",
    Kind.SUGGESTION: "您的建议记下了",
    Kind.PRAISE: "谢谢您的肯定，记下了",
    Kind.REQUEST: "您的求助记下了",
    Kind.INQUIRY: "您的咨询记下了",
    Kind.MAYOR: "您写给市长的信记下了",
    Kind.TOPIC: "您点的题记下了",
}


def taken_down(case: Case, hotline: str, query_code: str = "", *, is_by_text: bool = False) -> Reply:
    """`is_by_text`: the answer will be sent to the citizen's telephone, so no contact is asked for.

    `query_code`: shown in this message only; empty where others may read it.
    """
    answered = f"，{_due_day(case)}前答复您" if case.citizen_waits and case.due_at else ""
    urgent = f"等不及请拨 {hotline}。" if case.kind == Kind.REQUEST else ""
    wrong = "或者交错了部门" if case.department else ""
    where = "" if is_by_text or not answered else f"答复会发到这个对话里；{_LATER if query_code else _LEAVES}"
    code = f"\n查询码：{query_code}\n查询码只显示这一次，请记下。" if query_code else ""
    return _letter(
        case,
        f"{_TAKEN[case.kind]}，{_goes_to(case, hotline)}，编号 {case.number}{answered}。{urgent}{where}{code}"
        f"要补充{wrong}就直接说，要撤回回复“撤回”。",
        (WITHDRAW,) if is_by_text or not answered else (WITHDRAW, LEAVE_CONTACT),
    )


_OR_BY_FORM = "想填表的，到“网上来信”页，那里也能查别人问过的。"
_SAY: dict[str, str] = {
    Kind.COMPLAINT: "请说说是什么事：在哪里、什么时候、什么情况、希望怎么解决。我记下来转给负责的部门。",
    Kind.SUGGESTION: "请说说您的建议，我记下来转给负责的部门。",
    Kind.PRAISE: "请说说想表扬谁、为什么，我记下来转过去。",
    Kind.REQUEST: "请说说是什么事、希望帮您做什么，我记下来转给负责的部门。",
    Kind.MAYOR: "请说说要写给市长的事，我记下来转过去。",
    Kind.TOPIC: "请说说希望政府主动公开哪方面的信息，我记下来转给负责的部门。",
}


def say_it(kind: Kind) -> Reply:
    """The letter was announced and not told yet."""
    return Reply(f"{_SAY[kind]}{_OR_BY_FORM}", Outcome.ASKED_BACK, Fallback())


def added_to(case: Case) -> Reply:
    """A second letter in a conversation was added to its open case."""
    answered = f"，{_due_day(case)}前一起答复您" if case.due_at else ""
    return _letter(case, f"记下了，加到 {case.number} 里{answered}。要撤回回复“撤回”。", (WITHDRAW,))


def moved(case: Case) -> Reply:
    """The case went to the other department that the citizen named."""
    name = case.department.name if case.department else "有关部门"
    return _letter(case, f"好的，{case.number} 改交{name}。还要补充就直接说，要撤回回复“撤回”。", (WITHDRAW,))


def _goes_to(case: Case, hotline: str) -> str:
    """Who gets the case; if no department is known, the hotline, which finds the right one."""
    return f"先交给{case.department.name}" if case.department else f"由 {hotline} 热线转给负责的部门"


def _due_day(case: Case) -> str:
    return day_with_weekday(case.due_at.astimezone(CHINA).date()) if case.due_at else ""


def _letter(case: Case, text: str, buttons: tuple[Button, ...]) -> Reply:
    due_on = case.due_at.astimezone(CHINA).date().isoformat() if case.citizen_waits and case.due_at else None
    department = case.department.name if case.department else None
    return Reply(text, Outcome.TAKEN_DOWN, LetterTaken(case.number, department, due_on), buttons)
