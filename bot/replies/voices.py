"""The words about public letters: quoting one, and the steps of one as its writer reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import LetterQuoted
from bot.links import letter_page, with_host
from bot.replies.lists import day_in_words
from bot.replies.reply import Reply
from bot.reviews.models import Case, CaseEvent
from bot.reviews.promises import in_force
from bot.reviews.states import Action, CaseState
from bot.voices.models import PublicLetter
from bot.workdays import CHINA

LONGEST_QUOTE = 200
# Steps that are not named here are internal, and the writer does not see them.
_STEPS: dict[str, str] = {
    Action.OPEN: "收到来信",
    Action.HOLD: "先由工作人员审核",
    Action.RELEASE: "审核通过，开始办理",
    Action.REFUSE: "审核后没有受理",
    Action.CLAIM: "工作人员开始办理",
    Action.ASSIGN: "工作人员开始办理",
    Action.PASS_TO_DEPARTMENT: "转部门办理",
    Action.TAKE_BACK: "收回，由工作人员接着办理",
    Action.ASK: "回复您，等您补充",
    Action.INFORM: "告诉您进展",
    Action.ANSWER: "答复",
    Action.CITIZEN_ADDS: "您补充了内容",
    Action.CITIZEN_ADDS_MEANWHILE: "您补充了内容",
    Action.CITIZEN_RETURNS: "您补充了内容",
    Action.URGE: "您催办",
    Action.WITHDRAW: "您撤回了来信",
    Action.MERGE: "并入您的另一件一起办理",
    Action.CLOSE: "办结",
    Action.CLOSE_ABANDONED: "没有等到您补充，办结",
    Action.RATE: "您作了评价",
    Action.REOPEN: "重新办理",
    Action.REOPEN_FOR_ALL: "重新办理",
    Action.WISH_PUBLIC: "您改了公开的意愿",
    Action.PROPOSE_PUBLIC: "拟好了要公开的文字，请您过目",
    Action.AGREE_PUBLIC: "您同意公开",
    Action.APPROVE_PUBLIC: "单位同意公开",
    Action.WITHDRAW_PUBLIC: "单位撤下了公开",
}
_WITH_REASON = frozenset(
    {
        *(Action.REFUSE, Action.WITHDRAW_PUBLIC, Action.RATE, Action.WISH_PUBLIC, Action.HOLD),
        *(Action.CITIZEN_ADDS, Action.CITIZEN_ADDS_MEANWHILE, Action.CITIZEN_RETURNS),
    }
)


@dataclass(frozen=True)
class Step:
    """One step of a letter. `told`: what was said with it, maybe nothing."""

    at: datetime
    title: str
    told: str


def asked_before(letter: PublicLetter) -> Reply:
    """Quotes the answer to a published letter of another citizen: only likely, with its date, and never as law."""
    page = letter_page(letter.id)
    by = letter.department.name if letter.department else ""
    whole = with_host(page)
    lines = [
        f"其他市民问过，{letter.answered_on} 的答复，供您参考，不代替法律法规和文件的规定：",
        f"来信：{letter.title}",
        f"答复：“{shortened(letter.answer)}”",
        f"来源：网上来信{f'，{by}' if by else ''}",
        *([f"全文：{whole}"] if whole else []),
    ]
    about = LetterQuoted(letter.title, by or None, letter.answered_on.isoformat(), page, likely=True)
    return Reply("\n".join(lines), Outcome.ANSWERED_BY_PASSAGE, about)


def shortened(text: str) -> str:
    """The beginning, up to the end of a sentence if there is one."""
    if len(text) <= LONGEST_QUOTE:
        return text
    kept = text[:LONGEST_QUOTE]
    end = max(kept.rfind(mark) for mark in "。；！？\n")
    return (kept[: end + 1] if end > LONGEST_QUOTE // 2 else kept) + "……"


def step_of(event: CaseEvent, said: str) -> Step | None:
    """The step as the writer of the letter reads it; None if it is internal.

    `said`: what staff wrote to the writer at that instant.
    """
    title = _STEPS.get(event.action)
    if title is None:
        return None
    return Step(event.at, title, said or (event.why if event.action in _WITH_REASON else ""))


def promise(case: Case, now: datetime) -> str:
    """By when the letter is answered; empty once it is answered, or if it needs no answer."""
    if case.state in (CaseState.ANSWERED, CaseState.CLOSED) or not case.citizen_waits:
        return ""
    due_at = in_force().closing_due_at(case.reopened_at or case.opened_at)
    day = day_in_words(due_at.astimezone(CHINA).date())
    return f"承诺 {day}前答复您" if due_at >= now else f"原定 {day}前答复，已经超时，我们在催办"
