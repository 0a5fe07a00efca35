"""The Chinese words that clerks write in a register, and the value of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, RequestState, Step

Term = TypeVar("Term", bound=StrEnum)

KINDS = {
    "收到申请": Kind.RECEIVED,
    "要求补正": Kind.SUPPLEMENT_REQUESTED,
    "收到补正": Kind.SUPPLEMENT_RECEIVED,
    "延长期限": Kind.EXTENDED,
    "开始征求意见": Kind.CONSULTATION_STARTED,
    "征求意见结束": Kind.CONSULTATION_ENDED,
    "通知收费": Kind.FEE_NOTIFIED,
    "收到缴费": Kind.FEE_PAID,
    "延迟答复": Kind.POSTPONED,
    "答复": Kind.ANSWERED,
    "撤回": Kind.WITHDRAWN,
}
# How a request was submitted.
WAYS = ("当面", "邮寄", "网上", "传真")
PARTIES = {"第三方": Party.THIRD_PARTY, "其他机关": Party.AGENCY}
DECISIONS = {
    "已主动公开": Decision.ALREADY_PUBLIC,
    "予以公开": Decision.GRANTED,
    "部分公开": Decision.PARTLY_GRANTED,
    "不予公开": Decision.REFUSED,
    "信息不存在": Decision.NOT_HELD,
    "不属于本机关": Decision.NOT_RESPONSIBLE,
    "重复申请": Decision.REPEATED,
    "另有法律规定": Decision.OTHER_LAW,
    "无需加工": Decision.NO_PROCESSING_NEEDED,
    "不予处理": Decision.NOT_HANDLED,
    "信访投诉举报": Decision.COMPLAINT,
    "公开出版物": Decision.PUBLICATION,
}
REASONS = {
    "国家秘密": Reason.CLASSIFIED,
    "其他法律行政法规禁止公开": Reason.FORBIDDEN_BY_LAW,
    "危及三安全一稳定": Reason.SAFETY_AND_STABILITY,
    "保护第三方合法权益": Reason.THIRD_PARTY_RIGHTS,
    "三类内部事务信息": Reason.INTERNAL_AFFAIRS,
    "四类过程性信息": Reason.PROCESS_INFORMATION,
    "行政执法案卷": Reason.ENFORCEMENT_FILE,
    "行政查询事项": Reason.ADMINISTRATIVE_QUERY,
    "本机关不掌握": Reason.NOT_HELD,
    "没有现成信息需另行制作": Reason.WOULD_HAVE_TO_BE_MADE,
    "补正后仍不明确": Reason.STILL_UNCLEAR,
    "信访举报投诉类": Reason.PETITION_OR_COMPLAINT,
    "重复申请": Reason.REPEATED,
    "要求提供公开出版物": Reason.PUBLICATION,
    "无正当理由大量反复申请": Reason.EXCESSIVE,
    "要求确认或重新出具已获取信息": Reason.CONFIRMATION_OF_KNOWN,
    "逾期不缴费": Reason.FEE_NOT_PAID,
    "其他": Reason.OTHER,
}
APPLICANT_KINDS = {
    "自然人": ApplicantKind.NATURAL_PERSON,
    "商业企业": ApplicantKind.COMPANY,
    "科研机构": ApplicantKind.RESEARCH,
    "社会公益组织": ApplicantKind.SOCIAL,
    "法律服务机构": ApplicantKind.LEGAL_SERVICE,
    "其他组织": ApplicantKind.OTHER,
    # Older registers have only 法人 for all legal persons; nearly all of them are companies.
    "法人": ApplicantKind.COMPANY,
}
# Short titles of the states, for lists.
STATE_TITLES = {
    RequestState.RECEIVED: "收到，核对内容中",
    RequestState.AWAITING_SUPPLEMENT: "等申请人补正",
    RequestState.AWAITING_PAYMENT: "等申请人缴费",
    RequestState.IN_PROCESS: "办理中",
    RequestState.CONSULTING: "征求意见中",
    RequestState.EXTENDED: "已延期，办理中",
    RequestState.ANSWERED: "已答复",
    RequestState.ABANDONED: "逾期未补正或未缴费，不再处理",
    RequestState.WITHDRAWN: "已撤回",
}


def in_chinese(terms: Mapping[str, Term], meant: Term) -> str:
    """The Chinese word for `meant`; if there are several, the first."""
    return next(word for word, term in terms.items() if term == meant)


def listed(words: Iterable[str]) -> str:
    return "、".join(words)


def step_details(step: Step, party: Party | None) -> list[str]:
    """The details of a step in words, without its day, kind and note.

    Args:
        party: whose opinion is asked. The end of a consultation does not name the party; the caller may know it.
    """
    details = [
        f"期限 {step.respond_by}" if step.respond_by else "",
        f"{step.working_days} 个工作日" if step.working_days else "",
        in_chinese(PARTIES, party) if party else "",
        f"编号 {step.consultation_id}" if step.consultation_id else "",
        f"{step.amount} 元" if step.amount else "",
        f"缴费期限 {step.pay_by}" if step.pay_by else "",
        f"到 {step.until}" if step.until else "",
        in_chinese(DECISIONS, step.outcome) if step.outcome else "",
        f"理由：{in_chinese(REASONS, step.reason)}" if step.reason else "",
    ]
    return list(filter(None, details))
