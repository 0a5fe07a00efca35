"""What a carrier of SMS may send us, checked field by field: `docs/sms-gateway.md`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from bot.helpline.texts import Arrived, DeliveryReport, TextPart
from bot.language.masking import mask

# 255 parts could hold more, but nobody types that. This many fit into a body, even if all are written \uXXXX.
LONGEST_TEXT = 10_000
LONGEST_WHY = 200


class BodyRefused(ValueError):
    """The body is wrong; the message, in Chinese, says which field and what it must be."""


def _without_nul(text: str) -> str:
    """PostgreSQL cannot store NUL."""
    if "\0" in text:
        raise ValueError("NUL")
    return text


def _as_date_and_time(value: object) -> object:
    """Refuses numbers, which Pydantic would take as seconds."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value, re.ASCII):
        raise ValueError("no date and time")
    return value


Text = Annotated[str, AfterValidator(_without_nul)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_as_date_and_time),
    # After our own validator the value is a Python str, which strict mode would not take as a time.
    Field(strict=False, ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
]
Name = Annotated[str, StringConstraints(pattern=r"\A[!-~]{1,100}\z")]
Number = Annotated[str, StringConstraints(pattern=r"\A\+?[0-9]{3,20}\z")]

_INSTANT = "ISO 8601 时间，带时区，如 2026-03-02T09:30:00+08:00"
_NAME = "1 到 100 个可见的 ASCII 字符，不带空格"
_NUMBER = "3 到 20 位数字，前面可以有 +"


class Body(BaseModel):
    """The description of a field ends the sentence “要是……”."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PartBody(Body):
    """3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8: a reference of 8 or 16 bits, and an octet for each count."""

    reference: int = Field(ge=0, le=65_535, description="0 到 65535 的整数")
    total: int = Field(ge=2, le=255, description="2 到 255 的整数")
    number: int = Field(ge=1, le=255, description="1 到 total 的整数")


class InboundBody(Body):
    id: Name = Field(description=_NAME)
    sender: Number = Field(alias="from", description=_NUMBER)
    to: Number = Field(description=_NUMBER)
    text: Text = Field(
        max_length=LONGEST_TEXT, description=f"文字，最多 {LONGEST_TEXT} 个字符，不含 NUL 和不成对的代理码位"
    )
    received_at: Instant = Field(description=_INSTANT)
    part: PartBody | None = Field(None, description="一个对象，有 reference、total、number；不分段就不要这一项")

    def as_arrived(self) -> Arrived:
        part = TextPart(self.part.reference, self.part.total, self.part.number) if self.part else None
        return Arrived(self.id, self.sender, self.text, self.received_at, part)


class StatusBody(Body):
    id: Name = Field(description=_NAME)
    status: Literal["delivered", "failed"] = Field(description="delivered 或 failed")
    why: Text = Field("", max_length=LONGEST_WHY, description=f"文字，最多 {LONGEST_WHY} 个字符")
    at: Instant = Field(description=_INSTANT)

    def as_report(self) -> DeliveryReport:
        """`why` is masked, since it may hold a telephone number."""
        return DeliveryReport(self.id, self.status == "delivered", mask(self.why))


_AnyBody = TypeVar("_AnyBody", bound=BaseModel)


def read(kind: type[_AnyBody], body: bytes) -> _AnyBody:
    """Raises `BodyRefused`."""
    try:
        checked = kind.model_validate_json(body)
    except ValidationError as error:
        raise BodyRefused(_first_flaw(kind, error)) from None
    if isinstance(checked, InboundBody) and checked.part and checked.part.number > checked.part.total:
        raise BodyRefused("part.number 要是 1 到 total 的整数")
    return checked


def _first_flaw(kind: type[BaseModel], error: ValidationError) -> str:
    detail = error.errors(include_url=False, include_input=False)[0]
    where = [str(step) for step in detail["loc"]]
    name = ".".join(where)[:60]
    if not where:
        return "请求要是一个 UTF-8 的 JSON 对象，字符不能是不成对的代理码位"
    if detail["type"] == "extra_forbidden":
        return f"没有 {name} 这一项"
    if detail["type"] == "missing":
        return f"缺少 {name}"
    described = PartBody if len(where) > 1 else kind
    wanted = next(
        field.description for key, field in described.model_fields.items() if (field.alias or key) == where[-1]
    )
    return f"{name} 要是{wanted}"
