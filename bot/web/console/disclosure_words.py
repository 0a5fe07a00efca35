"""Chinese words for clerks about requests for disclosure: state, deadline, events, legal basis of each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.disclosures import reasons, vocabulary
from bot.disclosures.clock import Assessment
from bot.disclosures.register import RequestStanding
from bot.disclosures.rules import DECISION_BASIS, Rule, decision_basis
from bot.disclosures.terms import Kind, Party, Step
from bot.disclosures.vocabulary import DECISIONS, KINDS, PARTIES, REASONS, STATE_TITLES, in_chinese

KIND_TITLES = {kind: word for word, kind in KINDS.items()}
# The legal basis, shown beside each form. The form for the answer also names an article for each outcome.
KIND_BASES = {
    Kind.SUPPLEMENT_REQUESTED: f"{Rule.CHECK.basis}：收到后 {Rule.CHECK.length} 个工作日内一次告知",
    Kind.SUPPLEMENT_RECEIVED: f"{Rule.SUPPLEMENT.basis}：答复期限从这天重新算",
    Kind.EXTENDED: f"{Rule.EXTENSION.basis}：只能一次，最多 {Rule.EXTENSION.length} 个工作日，期限届满前告知申请人",
    Kind.CONSULTATION_STARTED: f"第三方：{Rule.THIRD_PARTY.basis}；其他机关：{Rule.AGENCY.basis}。"
    f"各 {Rule.THIRD_PARTY.length} 个工作日，从收到征求意见书算起",
    Kind.CONSULTATION_ENDED: f"{Rule.EXCLUSION.basis}：征求意见的时间不算在答复期限里",
    Kind.FEE_NOTIFIED: f"{Rule.FEE.basis}：数量、频次明显超过合理范围的才可以收；在答复期限内通知",
    Kind.FEE_PAID: f"{Rule.FEE_PAYMENT.basis}：答复期限从缴费的第二天重新算",
    Kind.POSTPONED: f"{Rule.POSTPONEMENT.basis}：申请很多、理由合理、期限内答复不了的，告知延迟到哪天",
    Kind.ANSWERED: f"{Rule.REPLY.basis}：收到后 {Rule.REPLY.length} 个工作日内答复；各种结果的依据写在后面",
    Kind.WITHDRAWN: f"申请人自己提出；撤回后还可以再申请（{Rule.RIGHT_TO_ASK.basis}）",
}


@dataclass(frozen=True)
class AnswerGroup:
    """An outcome with its reasons. `choices`: the value that the form sends, such as `refused:classified` → words."""

    title: str
    choices: dict[str, str]


def answer_groups() -> list[AnswerGroup]:
    groups = []
    for word, outcome in DECISIONS.items():
        allowed = reasons.ALLOWED[outcome]
        if len(allowed) > 1:
            choices = {
                f"{outcome.value}:{reason.value}": f"{in_chinese(REASONS, reason)}{_differing(step_basis)}"
                for reason in allowed
                for step_basis in [(decision_basis(outcome, reason), DECISION_BASIS[outcome])]
            }
        else:
            choices = {f"{outcome.value}:": word}
        groups.append(AnswerGroup(f"{word}（{_article(DECISION_BASIS[outcome])}）", choices))
    return groups


def days_left_words(one: RequestStanding) -> str:
    if one.days_left is None:
        return ""
    if one.assessment.overdue:
        return f"逾期 {-one.days_left} 个工作日" if one.days_left else "已经逾期"
    if one.days_left == 0:
        return "今天到期"
    return f"还剩 {one.days_left} 个工作日"


def state_words(assessment: Assessment) -> str:
    if assessment.outcome is not None:
        return f"已答复：{in_chinese(DECISIONS, assessment.outcome)}"
    parties = "、".join(in_chinese(PARTIES, party) for party in assessment.consulted)
    return STATE_TITLES[assessment.state] + (f"（{parties}）" if parties else "")


def step_details(step: Step, steps: Sequence[Step]) -> str:
    """The details of a step, without its day, kind and note."""
    party = step.party or _party_of(step.consultation_id, steps)
    return "，".join(vocabulary.step_details(step, party))


def open_consultations(steps: Sequence[Step]) -> dict[str, str]:
    """The consultations that have not ended: number → the party that is consulted."""
    ended = {step.consultation_id for step in steps if step.kind == Kind.CONSULTATION_ENDED}
    return {
        step.consultation_id: in_chinese(PARTIES, step.party)
        for step in steps
        if step.kind == Kind.CONSULTATION_STARTED
        and step.consultation_id is not None
        and step.party is not None
        and step.consultation_id not in ended
    }


def _party_of(consultation_id: str | None, steps: Sequence[Step]) -> Party | None:
    of_this = (step.party for step in steps if step.consultation_id == consultation_id and step.party)
    return next(of_this, None) if consultation_id else None


def _differing(bases: tuple[str, str]) -> str:
    """The article of a reason, if it is not the article of the outcome; else empty."""
    of_reason, of_outcome = bases
    return "" if of_reason == of_outcome else f"（{_article(of_reason)}）"


def _article(basis: str) -> str:
    return basis.split("》", 1)[1]
