"""The recorded answer to a disclosure request: why so, what the agency says, and how its papers are got."""

from __future__ import annotations

from typing import Any

from bot.disclosures.answers import PORTAL
from bot.disclosures.models import Request
from bot.disclosures.rules import GROUNDS, decision_basis
from bot.disclosures.terms import Decision, Reason, Step
from bot.replies.lists import day_in_words

# Why information is not made public. Other outcomes say their reason themselves.
_WHY = {
    Reason.CLASSIFIED: "属于国家秘密",
    Reason.FORBIDDEN_BY_LAW: "法律、行政法规禁止公开",
    Reason.SAFETY_AND_STABILITY: "公开后可能危及国家安全、公共安全、经济安全、社会稳定",
    Reason.THIRD_PARTY_RIGHTS: "公开会损害第三方合法权益",
    Reason.INTERNAL_AFFAIRS: "属于行政机关内部事务信息",
    Reason.PROCESS_INFORMATION: "属于过程性信息",
    Reason.ENFORCEMENT_FILE: "属于行政执法案卷信息",
}


# The link to the page `/answers`, as the chat page names it.
FETCH = "查看信息公开答复"


def answer_lines(request: Request, answer: Step, decision: str, *, has_papers: bool) -> list[str]:
    """`decision`: the outcome in words. `has_papers`: letters or files can be fetched at `/answers`."""
    lines = [f"答复：{request.department.name} {day_in_words(answer.on)}答复，{decision}。"]
    if answer.reason in _WHY:
        lines.append(f"理由：{_WHY[answer.reason]}（{GROUNDS[answer.reason]}）。")
    if answer.note:
        lines.append(f"答复说明：{answer.note.rstrip('。')}。")
    lines.append(f"答复书：{_how_to_get(request, has_papers)}")
    return lines


def answer_record(answer: Step, decision: str) -> dict[str, Any]:
    """The same for programs."""
    outcome = answer.outcome or Decision.GRANTED
    return {
        "on": answer.on.isoformat(),
        "outcome": outcome.value,
        "decision": decision,
        "reason": answer.reason.value if answer.reason else None,
        "legal_basis": decision_basis(outcome, answer.reason),
        "note": answer.note,
    }


def _how_to_get(request: Request, has_papers: bool) -> str:
    """What is not here the agency provides, as the applicant wished (条例 arts. 36 and 40)."""
    department = request.department
    contact = f"{department.name}（{department.phone}）" if department.phone else department.name
    if has_papers:
        return f"在门户助手页面下方的“{FETCH}”里，用回执号和查询码下载文书和附件；要盖章原件的，请联系{contact}。"
    if request.delivery == PORTAL:
        return f"结果和说明都在这里；文书和附件还没有放到网上，请联系{contact}领取。"
    way = f"按您选的“{request.delivery}”" if request.delivery else "按您申请时选的方式"
    return f"由{department.name}{way}给您；没有收到的，请联系{contact}。"
