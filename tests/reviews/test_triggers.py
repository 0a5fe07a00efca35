from __future__ import annotations

from typing import Any

import pytest

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import DisclosureIdentity, written
from bot.reviews.reasons import Reason
from bot.reviews.triggers import SAMPLED_PERCENT, is_sampled, reasons_after

SAMPLED = next(number for number in range(1, 1000) if is_sampled(number))
NOT_SAMPLED = next(number for number in range(1, 1000) if not is_sampled(number))


def message(outcome: Outcome, text: str = "居住证怎么办", number: int = NOT_SAMPLED, **fields: Any) -> Message:
    return Message(id=number, outcome=outcome.value, masked_text=text, **{"replies": [], "confidence": 0.9, **fields})


def reasons(*messages: Message) -> list[Reason]:
    return [trigger.reason for trigger in reasons_after(messages[:-1], messages[-1])]


@pytest.mark.parametrize("outcome", [Outcome.NOTHING_FOUND, Outcome.ASKED_BACK, Outcome.NOT_IN_CATALOGUE])
def test_a_person_looks_when_the_bot_falls_back_twice_in_a_row(outcome: Outcome) -> None:
    assert reasons(message(outcome)) == []
    assert reasons(message(Outcome.NOTHING_FOUND), message(outcome)) == [Reason.FELL_BACK_TWICE]
    between = message(Outcome.ANSWERED_BY_RECORD)
    assert reasons(message(Outcome.NOTHING_FOUND), between, message(outcome)) == []


def test_a_message_without_words_is_no_fallback() -> None:
    assert reasons(message(Outcome.NOTHING_FOUND), message(Outcome.ASKED_BACK, "")) == []


def test_a_person_looks_when_look_ups_are_paused() -> None:
    left = [{"text": "…", "custom": written(DisclosureIdentity("query_code", 1))}]
    none_left = [{"text": "…", "custom": written(DisclosureIdentity("query_code", 0))}]
    assert reasons(message(Outcome.IDENTITY_REFUSED, replies=left)) == []
    assert reasons(message(Outcome.IDENTITY_REFUSED, replies=none_left)) == [Reason.LOOK_UP_FAILED]


@pytest.mark.parametrize("outcome", [Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE])
def test_answers_of_low_confidence_are_looked_at_by_sample(outcome: Outcome) -> None:
    unsure = {"intent": "ask_fee", "confidence": 0.4}
    assert reasons(message(outcome, number=SAMPLED, **unsure)) == [Reason.LOW_CONFIDENCE]
    assert reasons(message(outcome, number=NOT_SAMPLED, **unsure)) == []
    assert reasons(message(outcome, number=SAMPLED, intent="ask_fee", confidence=0.9)) == []
    assert reasons(message(Outcome.SMALLTALK, number=SAMPLED, **unsure)) == []


def test_the_sample_is_about_as_large_as_it_says() -> None:
    sampled = sum(is_sampled(number) for number in range(10_000))
    assert abs(sampled / 100 - SAMPLED_PERCENT) < 1.5


def test_a_remark_that_it_was_wrong_puts_the_message_before_at_issue() -> None:
    asked = message(Outcome.ANSWERED_BY_RECORD, "护照多少钱")
    remark = message(Outcome.ASKED_BACK, "不对", intent="feedback_wrong")
    (trigger,) = reasons_after([asked], remark)
    assert (trigger.reason, trigger.at_issue.masked_text) == (Reason.SAID_TO_BE_WRONG, "护照多少钱")
    assert reasons(remark) == [Reason.SAID_TO_BE_WRONG]


def test_what_a_person_answers_gives_no_reason() -> None:
    assert reasons(message(Outcome.WITH_PERSON, "不对", intent="feedback_wrong")) == []


@pytest.mark.parametrize("outcome", sorted(Outcome))
def test_one_message_alone_troubles_nobody_not_even_one_that_met_an_outage(outcome: Outcome) -> None:
    assert reasons(message(outcome, intent="ask_fee")) == []
