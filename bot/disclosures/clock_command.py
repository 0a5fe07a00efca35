"""`python -m bot clock FILE.json`: the statutory time limits of one case, as JSON. See `docs/clock.md`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NoReturn

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.db import utcnow
from bot.disclosures.clock import Assessment, assess
from bot.disclosures.history import flaw_in
from bot.disclosures.terms import Decision, Kind, Party, Step
from bot.replies.disclosures import next_step_text
from bot.workdays import today_in_china

# Far from the limits of `date`, so that no time limit goes beyond them.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)


class CaseRefused(ValueError):
    """The case has an error; the message names the place (`events[2].on: …`) and the error, in Chinese."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _EventPart(_Part):
    on: date = Field(ge=_EARLIEST, le=_LATEST)
    kind: Literal[
        "supplement_requested",
        "supplement_received",
        "extended",
        "consultation_started",
        "consultation_ended",
        "fee_notified",
        "fee_paid",
        "postponed",
        "answered",
        "withdrawn",
    ]
    respond_by: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    working_days: int | None = None
    party: Party | None = None
    id: str | None = Field(None, min_length=1)
    amount: float | None = Field(None, multiple_of=1)
    pay_by: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    until: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    outcome: Decision | None = None

    @property
    def step(self) -> Step:
        return Step(
            kind=Kind(self.kind),
            on=self.on,
            respond_by=self.respond_by,
            working_days=self.working_days,
            party=self.party,
            consultation_id=self.id,
            amount=None if self.amount is None else int(self.amount),
            pay_by=self.pay_by,
            until=self.until,
            outcome=self.outcome,
        )


class _CasePart(_Part):
    received_on: date = Field(ge=_EARLIEST, le=_LATEST)
    today: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    events: list[_EventPart]


@dataclass(frozen=True)
class ClockCase:
    """A checked case. `steps` begin with the event of receipt; their order is possible."""

    received_on: date
    steps: tuple[Step, ...]
    today: date


def read_case(content: bytes, default_today: date) -> ClockCase:
    """The case in the JSON `content`.

    Raises:
        CaseRefused: it is not JSON, a field is missing, unknown or wrong, or the events are impossible in this order.
    """
    try:
        case = _CasePart.model_validate_json(content.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        raise CaseRefused(_in_one_line(error.errors()[0])) from None
    today = case.today or default_today
    if today < case.received_on:
        raise CaseRefused(f"today: {today} 早于收到申请的日期 {case.received_on}")
    steps = [Step(Kind.RECEIVED, case.received_on)]
    for index, event in enumerate(case.events):
        flaw = flaw_in(steps, event.step)
        if flaw is not None:
            field = "id" if flaw.field == "consultation_id" else flaw.field
            raise CaseRefused(f"events[{index}].{field}: {flaw.message}")
        steps.append(event.step)
    return ClockCase(case.received_on, tuple(steps), today)


def assessment_fields(assessment: Assessment) -> dict[str, object]:
    """The output of the command, ready for JSON."""
    return {
        "state": assessment.state.value,
        "due_on": _iso(assessment.due_on),
        "working_days_left": assessment.working_days_left,
        "paused": assessment.paused,
        "overdue": assessment.overdue,
        "provisional": assessment.provisional,
        "legal_basis": list(assessment.legal_basis),
        "remedies": [
            {
                "kind": remedy.kind.value,
                "by": _iso(remedy.by),
                "legal_basis": list(remedy.legal_basis),
                "after_reconsideration": remedy.after_reconsideration,
                "provisional": remedy.provisional,
            }
            for remedy in assessment.remedies
        ],
        "next_step": next_step_text(assessment),
        "respond_by": _iso(assessment.respond_by),
        "pay_by": _iso(assessment.pay_by),
        "without_effect": [
            {"on": void.step.on.isoformat(), "kind": void.step.kind.value, "why": void.why}
            for void in assessment.without_effect
        ],
    }


@click.command("clock")
@click.argument("path", metavar="FILE.json", type=click.Path(path_type=Path))
def clock_command(path: Path) -> None:
    """Say where a disclosure request stands in law: state, last day, remedies, next step, as JSON."""
    try:
        case = read_case(path.read_bytes(), default_today=today_in_china(utcnow()))
    except OSError as error:
        _refuse(f"{path}: 文件读不了（{error.strerror}）")
    except CaseRefused as error:
        _refuse(str(error))
    assessment = assess(case.received_on, case.steps, case.today)
    click.echo(json.dumps(assessment_fields(assessment), ensure_ascii=False, indent=2))


def _refuse(message: str) -> NoReturn:
    click.echo(" ".join(message.split()), err=True)
    sys.exit(2)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _in_one_line(detail: ErrorDetails) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]).lstrip(".")
    return f"{where or '文件'}: {_in_chinese(detail)}"


def _in_chinese(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "json_invalid":
        return f"不是有效的 JSON（{context['error']}）"
    if kind == "missing":
        return "缺少这一项"
    if kind == "extra_forbidden":
        return "没有这一项"
    if kind in ("literal_error", "enum"):
        return f"只能是 {context['expected'].replace(' or ', ', ')}"
    if kind.startswith("date_"):
        return "日期要写成 2026-03-01 的样子，而且真有这一天"
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"日期要在 {_EARLIEST} 到 {_LATEST} 之间"
    return f"要填{_TYPES.get(kind, '别的类型')}"


_TYPES = {
    "int_type": "整数",
    "int_from_float": "整数",
    "float_type": "数字",
    "multiple_of": "整数（元）",
    "string_type": "文字",
    "string_too_short": "至少一个字",
    "list_type": "一个列表",
    "model_type": "一个对象",
}
