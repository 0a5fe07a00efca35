"""Answers about disclosure requests: the state and the next step; questions for receipt and query code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bot.catalogue.models import RemedyOffice
from bot.catalogue.remedies import Way
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import DisclosureIdentity, DisclosureStatus
from bot.disclosures.clock import Assessment, Remedy, RemedyKind
from bot.disclosures.models import Request
from bot.disclosures.rules import NOT_HEARD
from bot.disclosures.terms import Decision, Kind, Party, Reason, RequestState, Step
from bot.replies.disclosure_answers import answer_lines, answer_record
from bot.replies.errands import buttons_of
from bot.replies.lists import cited, day_in_words, numbered
from bot.replies.remedies import to_whom
from bot.replies.reply import PERSON, Reply
from bot.workdays import CHINA, count_working_days

_STATES = {
    RequestState.RECEIVED: "已收到，正在核对申请内容是否清楚",
    RequestState.AWAITING_SUPPLEMENT: "在等您补正，答复期限从收到补正那天重新算",
    RequestState.AWAITING_PAYMENT: "在等您缴费，答复期限从缴费的第二天重新算",
    RequestState.IN_PROCESS: "正在办理",
    RequestState.CONSULTING: "正在征求{parties}的意见，这段时间不算在答复期限里",
    RequestState.EXTENDED: "正在办理，答复期限已经延长",
    RequestState.ABANDONED: "补正期限已过，没有收到补正，视为放弃，不再办理",
    RequestState.WITHDRAWN: "已由您撤回，不再办理",
}
_PARTIES = {Party.THIRD_PARTY: "第三方", Party.AGENCY: "其他机关"}
_PROVISIONAL = "（暂定）"
_DECISIONS = {
    Decision.ALREADY_PUBLIC: "信息已经主动公开",
    Decision.GRANTED: "予以公开",
    Decision.PARTLY_GRANTED: "部分公开",
    Decision.REFUSED: "不予公开",
    Decision.NOT_HELD: "信息不存在",
    Decision.NOT_RESPONSIBLE: "不归本机关公开",
    Decision.REPEATED: "同样的申请已经答复过，不重复处理",
    Decision.OTHER_LAW: "这类信息另有法律规定，按那个规定查询",
    Decision.NO_PROCESSING_NEEDED: "需要另外加工、分析，不予提供",
    Decision.NOT_HANDLED: "申请的数量、频次明显超出合理范围，不予处理",
    Decision.COMPLAINT: "内容属于信访、投诉或举报，不作为信息公开申请处理",
    Decision.PUBLICATION: "要的是公开出版物，告知获取途径",
}
# Used instead of `_DECISIONS` where an outcome has several reasons.
_REASONS = {
    Reason.CONFIRMATION_OF_KNOWN: "要求确认或者重新出具已经得到的信息，不予处理",
    Reason.FEE_NOT_PAID: "没有按收费通知缴费，不再处理",
    Reason.STILL_UNCLEAR: "补正以后内容还是不明确，没有办法提供",
}
_NEXT_STEPS = {
    "check": "您不用做什么。内容不清楚的，{department}会在收到申请后 7 个工作日内一次告诉您怎样补正。",
    "supplement": "请{by}补正：在这里说“补正”和回执号；有文件的，在门户助手页面下方的“查看信息公开答复”里交，"
    "或者交给{contact}。没有正当理由逾期不补的，视为放弃申请。",
    "answer": "请等{department}答复，您不用再做什么。",
    "opinion": "请等意见回来，最多等 15 个工作日，{department}再接着办。",
    "remind": "可以联系{contact}催办，也可以投诉、举报，或者申请行政复议。",
    "apply_again": "还需要这些信息的，可以随时重新申请。",
    "pay": "请{by}向{department}缴费{amount}；逾期不缴的，视为放弃申请。",
    "fee_not_paid": "对不再办理有异议的，可以申请行政复议或者起诉，不能只就收费提出；对收费有疑问，请联系{contact}；"
    "还需要这些信息的，可以重新申请。",
    "explain_or_apply_again": "逾期有正当理由的，请联系{contact}；对不再办理有异议的，可以申请行政复议或者起诉；"
    "还需要这些信息的，可以重新申请。",
    "answered_already_public": "请按答复里写的地方查看。",
    "answered_granted": "请按答复里写的方式领取或者查看；提供的信息与申请内容不符的，可以申请行政复议或者起诉。",
    "answered_partly_granted": "请看答复：能公开的部分怎样取得，不公开的部分是什么理由。",
    "answered_refused": "请先看答复里写的理由。",
    "answered_not_held": "可以核对名称、文号和年份，换更准确的说法重新申请。",
    "answered_not_responsible": "答复里写明了负责机关的，请向那个机关申请。",
    "answered_repeated": "请看上一次的答复。",
    "answered_other_law": "请按答复里写的规定办理。",
    "answered_no_processing_needed": "可以改为申请已有的原始资料。",
    "answered_not_handled": "请先看答复里写的理由。",
    "answered_complaint": "请按答复里写的渠道反映。",
    "answered_publication": "请按答复里写的途径获取。",
}
# The day from which the time for a remedy counts. If no answer came, it counts from the end of the answer period.
_REMEDY_BEGINS = {RequestState.ANSWERED: "知道答复", RequestState.ABANDONED: "期限届满、不再办理"}
_REMEDIES_OF = {RequestState.ANSWERED: "不满意的话：", RequestState.ABANDONED: "对不再办理有异议的，您可以："}
# What silence means while an opinion is awaited (`_SILENCE`) and after its time has run out (`_LAPSED`). If a third
# party is silent, the agency decides (条例 art. 32); another agency that is silent agrees (art. 34).
_SILENCE = {
    Party.THIRD_PARTY: "第三方逾期不提意见的，由{department}决定是否公开（条例第三十二条）。",
    Party.AGENCY: "其他机关逾期不提意见的，视为同意公开（条例第三十四条）。",
}
_LAPSED = {
    Party.THIRD_PARTY: "第三方逾期没有提出意见，由{department}自己决定是否公开（条例第三十二条）。",
    Party.AGENCY: "其他机关逾期没有提出意见，视为同意公开（条例第三十四条）。",
}

# Comes before the question for the receipt, if a question about the rules has just been answered.
OWN_REQUEST = "想查自己那一件的，"


def disclosure_status(
    request: Request,
    assessment: Assessment,
    today: date,
    offices: Mapping[Way, RemedyOffice] = MappingProxyType({}),
    *,
    has_papers: bool = False,
) -> Reply:
    """`offices`: where remedies against the department are sought. `has_papers`: the answer can be fetched here."""
    steps = [step for step in request.steps if step.on <= today]
    timeline = [
        {"on": step.on.isoformat(), "kind": step.kind.value, "text": _step_text(step, steps, request, assessment)}
        for step in steps
    ]
    remedies = [
        _remedy_text(remedy, assessment, today) + to_whom(remedy, request.department, offices)
        for remedy in assessment.remedies
    ]
    answer = next((step for step in steps if step.kind == Kind.ANSWERED), None)
    decision = _decision(answer.outcome, answer.reason) if answer and answer.outcome else ""
    told = answer_lines(request, answer, decision, has_papers=has_papers) if answer else []
    return Reply(
        text="\n".join(_status_lines(request, assessment, told, timeline, remedies)),
        outcome=Outcome.ANSWERED_BY_RECORD,
        about=DisclosureStatus(
            receipt=request.receipt,
            state=assessment.state.value,
            received_on=request.received_on.isoformat(),
            due_on=assessment.due_on.isoformat() if assessment.due_on else None,
            working_days_left=assessment.working_days_left,
            timeline=tuple(timeline),
            legal_basis=tuple(assessment.legal_basis),
            remedies=tuple(remedies),
            answer=answer_record(answer, decision) if answer else None,
        ),
        buttons=(*buttons_of(request, assessment.state), *((PERSON,) if remedies else ())),
    )


def _status_lines(
    request: Request,
    assessment: Assessment,
    answer: Sequence[str],
    timeline: Sequence[Mapping[str, str]],
    remedies: Sequence[str],
) -> list[str]:
    """`answer`: the lines on the recorded answer, if there is one."""
    lines = [
        f"申请 {request.receipt}：{_state_text(assessment)}。",
        *answer,
        "经过：",
        *(
            f"{number}. {day_in_words(date.fromisoformat(step['on']))}，{step['text']}"
            for number, step in enumerate(timeline, 1)
        ),
        *_time_lines(assessment),
        f"依据：{cited(assessment.legal_basis)}",
        f"下一步：{next_step_text(assessment, request.department.name, request.department.phone)}",
    ]
    if remedies:
        lines += [
            _REMEDIES_OF.get(assessment.state, "机关逾期不答复，您可以："),
            *numbered(remedies),
        ]
    source = (
        f"来源：政府信息公开申请登记 {request.receipt}"
        f"（{request.department.name}，{day_in_words(request.received_on)}收到）"
    )
    return [*lines, source]


def ask_receipt(attempts_left: int, lead: str = "") -> Reply:
    return Reply(
        text=f"{lead}请告诉我申请的回执号，像 XXGK-2026-000123 这样，在受理回执上。不用告诉我姓名和身份证号。",
        outcome=Outcome.IDENTITY_ASKED,
        about=DisclosureIdentity("receipt", attempts_left),
    )


def ask_query_code(receipt: str | None, attempts_left: int, lead: str = "") -> Reply:
    of_which = f"回执号 {receipt} 记下了。" if receipt else ""
    return Reply(
        text=f"{lead}{of_which}请再告诉我查询码：回执上的 8 位字母和数字，像 ABCD-2345 这样，没有 0、1、I、L、O。",
        outcome=Outcome.IDENTITY_ASKED,
        about=DisclosureIdentity("query_code", attempts_left),
    )


def wrong_query_code(attempts_left: int) -> Reply:
    """Does not say which of the two is wrong, since strangers must not learn whether a receipt exists."""
    return Reply(
        text=f"回执号和查询码对不上。请对照回执再说一次，还可以试 {attempts_left} 次；回执号说错了的，两样都重新说。",
        outcome=Outcome.IDENTITY_REFUSED,
        about=DisclosureIdentity("query_code", attempts_left),
        buttons=(PERSON,),
    )


def look_ups_paused(until: datetime) -> Reply:
    return Reply(
        text=f"试错的次数多了，为保护申请人的隐私，查询先停一会儿。请在 {_time_of_day(until)} 以后再试，或者转人工。",
        outcome=Outcome.IDENTITY_REFUSED,
        about=DisclosureIdentity("query_code", attempts_left=0),
        buttons=(PERSON,),
    )


def _decision(outcome: Decision, reason: Reason | None) -> str:
    return _REASONS.get(reason, _DECISIONS[outcome]) if reason else _DECISIONS[outcome]


def in_a_list(assessment: Assessment) -> list[str]:
    """The state and what is left of the time, a sentence each, without the question's record."""
    return [f"{_state_text(assessment)}。", *_time_lines(assessment)]


def _state_text(assessment: Assessment) -> str:
    if assessment.outcome is not None:
        return f"已经答复：{_decision(assessment.outcome, assessment.reason)}"
    if assessment.state == RequestState.ABANDONED and assessment.pay_by is not None:
        return "缴费期限已过，没有收到缴费，视为放弃，不再办理"
    if assessment.overdue:
        return "已过答复期限，还没有答复"
    parties = "和".join(_PARTIES[party] for party in assessment.consulted)
    return _STATES[assessment.state].format(parties=parties)


def _time_lines(assessment: Assessment) -> list[str]:
    due_on = assessment.due_on
    if due_on is None or (assessment.state == RequestState.ANSWERED and not assessment.answered_late):
        return []
    last_day = day_in_words(due_on) + _PROVISIONAL * assessment.provisional
    if assessment.answered_on is not None:
        line = f"答复期限到 {last_day}，这次答复迟了：{_late(count_working_days(due_on, assessment.answered_on))}。"
    elif assessment.overdue:
        line = f"答复期限到 {last_day}，{_late(-(assessment.working_days_left or 0))}。"
    elif assessment.working_days_left is None:
        line = f"答复期限：停算期间还不能确定，最迟 {last_day}。"
    elif assessment.working_days_left == 0:
        line = f"答复期限：今天（{last_day}）是最后一天。"
    else:
        line = f"答复期限：最迟 {last_day}，还剩 {assessment.working_days_left} 个工作日。"
    if assessment.provisional:
        line += f"{due_on.year} 年的放假安排还没公布，日期先按周末推算，可能会变。"
    return [line]


def _late(working_days: int) -> str:
    return f"超过 {working_days} 个工作日" if working_days else "已经超过"


def next_step_text(assessment: Assessment, department: str = "受理机关", phone: str = "") -> str:
    """The next step and who takes it, in one to three sentences; an unnamed department is called 受理机关."""
    last_day = assessment.respond_by or assessment.pay_by
    by = f"最晚在 {day_in_words(last_day)}" if last_day else "尽快"
    amount = f" {assessment.amount} 元" if assessment.amount else ""
    sentences = [
        *(_LAPSED[party] for party in assessment.lapsed),
        _NEXT_STEPS[assessment.next_step],
        *(_SILENCE[party] for party in assessment.consulted),
    ]
    contact = f"{department}（{phone}）" if phone else department
    return "".join(sentences).format(department=department, contact=contact, by=by, amount=amount)


def _step_text(step: Step, steps: Sequence[Step], request: Request, assessment: Assessment) -> str:
    if step.kind == Kind.RECEIVED:
        text = f"{request.department.name}收到申请（{request.submitted_via}提交）"
    elif step.kind == Kind.SUPPLEMENT_REQUESTED:
        text = "请您补正" + (f"，期限到 {day_in_words(step.respond_by)}" if step.respond_by else "")
    elif step.kind == Kind.SUPPLEMENT_RECEIVED:
        text = "收到您的补正，答复期限从这天重新算"
    elif step.kind == Kind.EXTENDED:
        text = f"延长答复期限 {step.working_days} 个工作日"
    elif step.kind == Kind.CONSULTATION_STARTED:
        text = f"发函征求{_party(step, steps)}意见"
    elif step.kind == Kind.CONSULTATION_ENDED:
        text = f"收到{_party(step, steps)}意见"
    elif step.kind == Kind.FEE_NOTIFIED:
        text = "通知您缴纳信息处理费" + (f" {step.amount} 元" if step.amount else "")
    elif step.kind == Kind.FEE_PAID:
        text = "收到您缴的费，答复期限从第二天重新算"
    elif step.kind == Kind.POSTPONED:
        text = "告知延迟答复" + (f"，最迟 {day_in_words(step.until)}" if step.until else "")
    elif step.kind == Kind.ANSWERED:
        text = "作出答复" + (f"：{_decision(step.outcome, step.reason)}" if step.outcome else "")
    else:
        text = "您撤回了申请"
    why = assessment.why_without_effect(step)
    if why is not None:
        text += f"，但没有法律效力：{why}"
    # The note of an answer stands with the answer itself.
    note = "" if step.kind == Kind.ANSWERED else step.note.rstrip("。")
    return f"{text}。{note}。" if note else f"{text}。"


def _party(step: Step, steps: Sequence[Step]) -> str:
    """The party of a consultation; the step that ends it has no party, so any step of the same consultation is used."""
    of_this = (other.party for other in steps if other.consultation_id == step.consultation_id and other.party)
    party = next(of_this, None)
    return _PARTIES[party] if party else ""


def _remedy_text(remedy: Remedy, assessment: Assessment, today: date) -> str:
    basis = cited(remedy.legal_basis)
    if remedy.kind == RemedyKind.COMPLAINT:
        return f"向上一级行政机关或者政府信息公开工作主管部门投诉、举报（{basis}）。"
    if remedy.after_reconsideration:
        return (
            "要先复议再起诉：对复议决定不服的，自收到决定书之日起 15 日内提起行政诉讼；"
            f"复议机关不予受理、驳回或者过期不作决定的，自收到决定书或者复议期限届满之日起 15 日内（{basis}）。"
        )
    begins = _REMEDY_BEGINS.get(assessment.state, "答复期限届满")
    if remedy.kind == RemedyKind.RECONSIDERATION:
        mismatch = "提供的信息与您申请的内容不符的，" if assessment.outcome == Decision.GRANTED else ""
        return f"{mismatch}自{begins}之日起 60 日内申请行政复议{_last_day(remedy, today)}（{basis}）。"
    declined = "这类答复法院一般不受理；" if assessment.outcome in NOT_HEARD else ""
    return (
        f"也可以自{begins}之日起 6 个月内直接提起行政诉讼{_last_day(remedy, today)}；"
        f"{declined}答复里写明要先复议的除外（{basis}）。"
    )


def _last_day(remedy: Remedy, today: date) -> str:
    if remedy.by is None:
        return ""
    text = f"，按登记的日期算到 {day_in_words(remedy.by)}" + _PROVISIONAL * remedy.provisional
    if remedy.by >= today:
        return text
    return f"{text}已经截止；机关没有告知这项权利和期限的，期限可能另算"


def _time_of_day(instant: datetime) -> str:
    """Rounded up to the minute, so that the query works again at the time named."""
    local = instant.astimezone(CHINA)
    if local.second or local.microsecond:
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return f"{local:%H:%M}"
