"""What the city's own work-order system tells of an order, checked field by field: `docs/work-order-contract.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.reviews.city_orders import OrderTold, Told
from bot.web.carriers.sms_bodies import Body, BodyRefused, Instant, Name, Text, read

LONGEST_WORDS = 4000
LARGEST_SEQUENCE = 2**31 - 1
_NAME = "1 到 100 个可见的 ASCII 字符，不带空格"
_WORDS = f"文字，最多 {LONGEST_WORDS} 个字符，不含 NUL"
_Words = Annotated[Text, Field(max_length=LONGEST_WORDS)]


class OrderStateBody(Body):
    """A state of an order. `sequence` grows with each; `at` is for people."""

    number: Name = Field(description=_NAME)
    outer_number: Name = Field(description=_NAME)
    state: Told = Field(strict=False, description=f"{'、'.join(Told)} 里的一个")
    sequence: int = Field(ge=1, le=LARGEST_SEQUENCE, description="1 起的整数，一次比一次大")
    at: Instant = Field(description="ISO 8601 时间，带时区，如 2026-03-02T09:30:00+08:00")
    reason: _Words = Field("", description=_WORDS)
    answer: _Words = Field("", description=_WORDS)


def told_in(body: bytes) -> OrderTold:
    """Raises `BodyRefused`: also if a return has no reason, or an end no answer."""
    said = read(OrderStateBody, body)
    if said.state is Told.RETURNED and not said.reason.strip():
        raise BodyRefused("returned 要有 reason：为什么退回")
    if said.state is Told.DONE and not said.answer.strip():
        raise BodyRefused("done 要有 answer：办理结果，要告诉群众的")
    words = {Told.RETURNED: said.reason, Told.DONE: said.answer}.get(said.state, "")
    return OrderTold(said.number, said.outer_number, said.state, said.sequence, words.strip())
