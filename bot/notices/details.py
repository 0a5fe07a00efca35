"""What the clerk fills in for a notice, and the checks of it. The messages are in Chinese, for clerks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.disclosures.reasons import ALLOWED, implied
from bot.disclosures.reply_period import last_day_of_applicant
from bot.disclosures.rules import GROUNDS, Rule
from bot.disclosures.terms import Kind, Reason, Step
from bot.notices.kinds import QUESTIONS, WITH_GROUND, NoticeKind
from bot.workdays import add_working_days

MOST_TEXT_CHARACTERS = 3000
MOST_NAME_CHARACTERS = 60
MOST_AMOUNT = 1_000_000


class NoticeRefused(ValueError):
    """The notice cannot be written so; the message says why, in Chinese."""


@dataclass(frozen=True)
class Details:
    """`text`: the answer to the kind's `Question`. `addressee`: of a third party, or of an applicant on paper.

    `respond_by` goes with a 补正告知书, `working_days` with an 延期告知书, `until` with a 延迟答复告知书, `pay_by` and
    `amount` (in yuan) with a 收费通知. `reason`: of an answer; for 部分公开 that of what is not disclosed.
    `file_ids`: the files that go with an answer.
    """

    text: str = ""
    addressee: str = ""
    respond_by: date | None = None
    working_days: int | None = None
    amount: int | None = None
    pay_by: date | None = None
    until: date | None = None
    reason: Reason | None = None
    file_ids: tuple[int, ...] = ()

    def with_step(self, kind: NoticeKind, step: Step) -> Details:
        """With what a step that is recorded already says."""
        return Details(
            text=self.text,
            addressee=self.addressee,
            respond_by=step.respond_by,
            working_days=step.working_days,
            amount=step.amount or self.amount,
            pay_by=last_day_of_applicant(step) if step.kind == Kind.FEE_NOTIFIED else None,
            until=step.until,
            reason=self.reason if kind is NoticeKind.PARTLY_GRANTED else step.reason,
            file_ids=self.file_ids,
        )


def reasons_of(kind: NoticeKind) -> tuple[Reason, ...]:
    """The reasons among which the clerk chooses; none if the kind has no more than one."""
    if kind is NoticeKind.PARTLY_GRANTED:
        return tuple(GROUNDS)
    allowed = ALLOWED[kind.outcome] if kind.outcome else ()
    return allowed if len(allowed) > 1 else ()


def check(kind: NoticeKind, details: Details) -> None:
    """Raises NoticeRefused: something is missing or too long. What the law says of dates is checked with the step."""
    question = QUESTIONS[kind]
    if question.is_needed and not details.text.strip():
        raise NoticeRefused(f"请写“{question.title}”")
    if len(details.text) > MOST_TEXT_CHARACTERS:
        raise NoticeRefused(f"“{question.title}”最多 {MOST_TEXT_CHARACTERS} 个字，更长的请作为附件")
    if len(details.addressee) > MOST_NAME_CHARACTERS:
        raise NoticeRefused(f"收件人最多 {MOST_NAME_CHARACTERS} 个字")
    if kind is NoticeKind.SUPPLEMENT and details.respond_by is None:
        raise NoticeRefused("请填补正期限")
    if kind is NoticeKind.EXTENSION and details.working_days is None:
        raise NoticeRefused("请填延长几个工作日")
    if kind is NoticeKind.FEE and (details.amount is None or not 1 <= details.amount <= MOST_AMOUNT):
        raise NoticeRefused("请填收费金额，整数元")
    if kind is NoticeKind.FEE and details.pay_by is None:
        raise NoticeRefused("请填缴费期限")
    if kind is NoticeKind.POSTPONEMENT and details.until is None:
        raise NoticeRefused("请填延迟到哪天答复")
    if kind in WITH_GROUND and details.reason not in GROUNDS:
        raise NoticeRefused("请选不予公开的理由")
    if details.reason is not None and details.reason not in (*reasons_of(kind), *_implied(kind)):
        raise NoticeRefused("这个理由不能用在这份文书里")


def step_of(kind: NoticeKind, details: Details, on: date, note: str) -> Step | None:
    """The step that happens on the day on which the notice goes out; None if nothing moves.

    The ground of 部分公开 stands in the notice only: the yearly report counts such answers without a reason.

    Raises:
        NoticeRefused: the law gives more time for the payment.
    """
    if kind.step is None:
        return None
    if details.pay_by is not None and details.pay_by < add_working_days(on, Rule.FEE_PAYMENT.length):
        raise NoticeRefused(f"缴费期限不能少于 {Rule.FEE_PAYMENT.length} 个工作日（{Rule.FEE_PAYMENT.basis}）")
    return Step(
        kind.step,
        on,
        respond_by=details.respond_by if kind.step == Kind.SUPPLEMENT_REQUESTED else None,
        working_days=details.working_days if kind.step == Kind.EXTENDED else None,
        amount=details.amount if kind.step == Kind.FEE_NOTIFIED else None,
        pay_by=details.pay_by if kind.step == Kind.FEE_NOTIFIED else None,
        until=details.until if kind.step == Kind.POSTPONED else None,
        outcome=kind.outcome,
        reason=details.reason if kind.outcome and kind is not NoticeKind.PARTLY_GRANTED else None,
        note=note,
    )


def _implied(kind: NoticeKind) -> tuple[Reason, ...]:
    found = implied(kind.outcome) if kind.outcome else None
    return (found,) if found else ()
