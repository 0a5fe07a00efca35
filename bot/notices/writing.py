"""Writes a notice: from a request, its steps and what the clerk filled in to a `Letter`. Reads and stores nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.disclosures import clock
from bot.disclosures.clock import RemedyKind
from bot.disclosures.rules import NOT_HEARD, Rule, in_force
from bot.disclosures.terms import ApplicantKind, Kind, Step
from bot.notices.agencies import Agency
from bot.notices.details import Details
from bot.notices.kinds import WITH_GROUND, NoticeKind, bases_of
from bot.notices.letter import Letter
from bot.notices.templates import CORRECTION, REVIEW_FIRST, REVIEW_OR_COURT, REVIEW_RATHER, Template, Templates
from bot.replies.lists import cited, day_in_words

# “网上” as part of “收到您在网上提交的申请”.
_WAYS = {"网上": "在网上", "传真": "用传真"}
_PROVISIONAL = "（该年度放假安排尚未公布，按周末推算，如有变动以公布的为准）"


@dataclass(frozen=True)
class Facts:
    """What a notice takes from the request. `phone`: of the agency. `steps`: as recorded before the notice."""

    receipt: str
    received_on: date
    submitted_via: str
    description: str
    applicant_kind: ApplicantKind
    form_wanted: str
    delivery: str
    phone: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Remedies:
    """With whom a remedy against an answer is sought: 复议机关, where it takes papers, its internet page, the court.

    `review_url` may be empty.
    """

    review_organ: str
    review_papers: str
    review_url: str
    court: str


@dataclass(frozen=True)
class Corrected:
    """The earlier notice that this one replaces, and why."""

    number: str
    title: str
    issued_on: date
    why: str


def write(
    templates: Templates,
    agency: Agency,
    facts: Facts,
    kind: NoticeKind,
    details: Details,
    *,
    number: str,
    addressee: str,
    attachments: Sequence[str],
    on: date,
    step: Step | None,
    remedies: Remedies | None = None,
    corrected: Corrected | None = None,
) -> Letter:
    """The notice as it goes out on the day `on`.

    Args:
        step: what the notice tells: the step that happens with it, or one that is recorded already.
        remedies: needed for an answer, and for the letter that tells a third party of it.
    """
    template = templates.of(kind, details.reason)
    steps = facts.steps if step is None or step in facts.steps else (*facts.steps, step)
    values = {
        **_of_request(agency, facts, kind, details),
        **_days(facts, steps, step, details, on),
        "理由": templates.grounds[details.reason] if kind in WITH_GROUND and details.reason else "",
    }
    if remedies is not None:
        name, bases = _third_partys_remedies(on) if step is None else _applicants_remedies(facts, steps, step)
        values["救济"] = _remedies(templates.by_name[name], agency, bases, remedies)
    paragraphs = template.fill(values)
    if corrected is not None:
        paragraphs = [*_correction(templates, template, corrected), *paragraphs]
    return Letter(
        agency=agency.name,
        title=template.title,
        number=number,
        addressee=addressee,
        paragraphs=tuple(paragraphs),
        attachments=tuple(attachments),
        issued_on=on,
        phone=facts.phone,
    )


def _of_request(agency: Agency, facts: Facts, kind: NoticeKind, details: Details) -> dict[str, str]:
    wanted = (facts.form_wanted, facts.delivery)
    return {
        "机关": agency.name,
        "机关电话": facts.phone,
        "称呼": "您" if facts.applicant_kind == ApplicantKind.NATURAL_PERSON else "贵单位",
        "回执号": facts.receipt,
        "收到日期": day_in_words(facts.received_on),
        "提交方式": _WAYS.get(facts.submitted_via, facts.submitted_via),
        "申请内容": " ".join(facts.description.split()).rstrip("。"),
        "获取要求": "，".join(filter(None, wanted)),
        "依据": cited(bases_of(kind, details.reason)),
        "说明": details.text,
        "金额": str(details.amount or ""),
    }


def _days(facts: Facts, steps: Sequence[Step], step: Step | None, details: Details, on: date) -> Mapping[str, str]:
    """`原期限` is the last day for the answer before an extension, `答复期限` the one after it."""
    before = clock.assess(facts.received_on, _before(steps, step), on)
    after = clock.assess(facts.received_on, steps, on)
    return {
        "补正期限": day_in_words(details.respond_by) if details.respond_by else "",
        "缴费期限": day_in_words(details.pay_by) if details.pay_by else "",
        "延长天数": str(details.working_days or ""),
        "原期限": _last_day(before),
        "答复期限": _last_day(after),
        "决定日期": day_in_words(after.answered_on) if after.answered_on else "",
    }


def _before(steps: Sequence[Step], step: Step | None) -> Sequence[Step]:
    return steps if step is None or step.kind not in (Kind.EXTENDED, Kind.POSTPONED) else steps[: steps.index(step)]


def _last_day(assessed: clock.Assessment) -> str:
    if assessed.due_on is None:
        return ""
    return day_in_words(assessed.due_on) + _PROVISIONAL * assessed.provisional


def _applicants_remedies(facts: Facts, steps: Sequence[Step], answer: Step) -> tuple[str, Sequence[str]]:
    """The template and the articles of the remedies that the clock gives against the answer."""
    assessed = clock.assess(facts.received_on, steps, answer.on)
    given = [remedy for remedy in assessed.remedies if remedy.kind != RemedyKind.COMPLAINT]
    bases = [basis for remedy in given for basis in remedy.legal_basis]
    if any(remedy.after_reconsideration for remedy in given):
        return REVIEW_FIRST, bases
    return REVIEW_RATHER if answer.outcome in NOT_HEARD else REVIEW_OR_COURT, bases


def _third_partys_remedies(on: date) -> tuple[str, Sequence[str]]:
    """Against the decision to disclose, reconsideration or litigation: only a refusal goes to reconsideration first."""
    return REVIEW_OR_COURT, in_force((Rule.REMEDY, Rule.REVIEW, Rule.COURT, Rule.INFRINGEMENT), on)


def _remedies(template: Template, agency: Agency, bases: Sequence[str], remedies: Remedies) -> str:
    """All decisions name the remedies: who was not told has a year for reconsideration (行政复议法 art. 20)."""
    values = {
        "机关": agency.name,
        "复议机关": remedies.review_organ,
        "复议材料": remedies.review_papers,
        "复议网址": remedies.review_url,
        "法院": remedies.court,
        "救济依据": cited(list(dict.fromkeys(bases))),
    }
    return "\n".join(template.fill(values))


def _correction(templates: Templates, template: Template, corrected: Corrected) -> list[str]:
    return templates.by_name[CORRECTION].fill(
        {
            "标题": template.title,
            "原日期": day_in_words(corrected.issued_on),
            "原标题": corrected.title,
            "原文号": corrected.number,
            "更正原因": corrected.why.rstrip("。"),
        }
    )
