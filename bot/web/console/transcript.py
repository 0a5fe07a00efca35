"""Conversations as staff read them: each message with how the bot understood it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.catalogue.service import names_of
from bot.conversations.channels import SENT_TITLES
from bot.conversations.models import Message, StaffMessage, TalkFile
from bot.conversations.outcomes import Outcome
from bot.conversations.service import history
from bot.conversations.staff_messages import staff_messages
from bot.conversations.subjects import (
    ApprovalChoices,
    ApprovalItem,
    InterviewQuoted,
    JointServiceGuide,
    LetterQuoted,
    PolicyAnswer,
    Subject,
    subject_of,
)
from bot.conversations.talk_files import files_of
from bot.helpline.models import Outgoing
from bot.helpline.outbox import OutgoingState
from bot.helpline.staff_lines import texts_of
from bot.language.masking import mask
from bot.web.console.act_words import ACTION_TITLES, INTENT_TITLES, entity_words
from bot.web.console.pages import in_china

MOST_MESSAGES = 200

OUTCOME_TITLES: dict[str, str] = {
    Outcome.ANSWERED_BY_RECORD: "按目录答复",
    Outcome.ANSWERED_BY_PASSAGE: "按文件答复",
    Outcome.CHOICES_OFFERED: "请对方选",
    Outcome.ASKED_BACK: "没听懂，反问",
    Outcome.IDENTITY_ASKED: "请对方证明身份",
    Outcome.IDENTITY_REFUSED: "身份不符",
    Outcome.FILING: "填写申请中",
    Outcome.FILED: "申请已提交",
    Outcome.NOT_IN_CATALOGUE: "目录里没有",
    Outcome.OUT_OF_SCOPE: "不归本市管",
    Outcome.ROUTED: "指了去处",
    Outcome.NOTHING_FOUND: "没找到答案",
    Outcome.HANDED_OVER: "转人工",
    Outcome.PERSON_OFFERED: "说了怎么转人工",
    Outcome.ABOUT_CASE: "说的是案件",
    Outcome.TAKEN_DOWN: "来信记下",
    Outcome.WITH_PERSON: "由人工答",
    Outcome.SMALLTALK: "寒暄",
    Outcome.COMMAND: "渠道指令",
    Outcome.SWITCHED_OFF: "已停用",
    Outcome.FAILED_ENGINE: "引擎故障",
    Outcome.FAILED_ACTIONS: "查询故障",
}

_WAYS: dict[str, str] = {
    OutgoingState.WAITING: "正在发",
    OutgoingState.SENT: "已发出",
    OutgoingState.DELIVERED: "已送到",
    OutgoingState.UNDELIVERED: "没有送到",
    OutgoingState.DEAD: "没有送到",
    OutgoingState.DROPPED: "没有发",
}

# Kinds of answers that need no masking: they consist of records and documents, whose addresses and telephones are the
# city's own. All other answers may repeat the citizen's words.
_PUBLIC = (ApprovalItem, ApprovalChoices, JointServiceGuide, PolicyAnswer, LetterQuoted, InterviewQuoted)


@dataclass(frozen=True)
class CitizenSaid:
    """A citizen's message and the bot's answers. `by_person`: a person answers instead."""

    id: int
    at: datetime
    text: str
    answers: list[str]
    details: list[tuple[str, str]]
    sources: list[str]
    by_person: bool
    file: TalkFile | None = None


@dataclass(frozen=True)
class Told:
    """A message of staff. `by`: empty for a notice that somebody joined or left. `way`: the state of delivery."""

    id: int
    at: datetime
    by: str
    text: str
    way: str
    file: TalkFile | None = None


def transcript(
    session: Session, conversation_ids: Sequence[str], *, unmasked: bool = False
) -> list[CitizenSaid | Told]:
    """The conversations as one list, oldest first; of each, at most the newest `MOST_MESSAGES` citizen messages."""
    said: list[CitizenSaid | Told] = []
    files = files_of(session, conversation_ids)
    sent = {file.message_id: file for file in files}
    given = {file.staff_message_id: file for file in files}
    for conversation_id in conversation_ids:
        messages = history(session, conversation_id, MOST_MESSAGES)
        names = item_names(session, messages)
        said += [asked(message, names, unmasked=unmasked, file=sent.get(message.id)) for message in messages]
        lines = staff_messages(session, conversation_id)
        texts = texts_of(session, lines)
        said += [
            Told(line.id, line.at, line.by_name, line.text, _way(line, texts.get(line.id)), given.get(line.id))
            for line in lines
        ]
    return sorted(said, key=lambda each: each.at)


def asked(
    message: Message, names: Mapping[str, str], *, unmasked: bool = False, file: TalkFile | None = None
) -> CitizenSaid:
    """`names`: see `item_names`."""
    return CitizenSaid(
        id=message.id,
        at=message.received_at,
        text=message.text if unmasked else message.masked_text,
        answers=[_answer(reply, unmasked) for reply in message.replies],
        details=_details(message, names),
        sources=[source for about in message.subjects for source in _sources(about)],
        by_person=message.outcome == Outcome.WITH_PERSON,
        file=file,
    )


def _way(line: StaffMessage, text: Outgoing | None) -> str:
    if text is None:
        return "" if line.delivered_at is not None else "对方还没看到"
    if text.state == OutgoingState.WAITING and text.due_at > text.made_at and text.attempts == 0:
        return f"{SENT_TITLES[text.channel]}将在 {in_china(text.due_at)} 发出"
    return f"{SENT_TITLES[text.channel]}{_WAYS[text.state]}"


def _answer(reply: Mapping[str, Any], unmasked: bool) -> str:
    is_public = isinstance(subject_of(reply), _PUBLIC)
    text: str = reply["text"]
    return text if unmasked or is_public else mask(text)


def item_names(session: Session, messages: Sequence[Message]) -> dict[str, str]:
    """Code → name of the items that the messages name."""
    codes = {str(entity["value"]) for message in messages for entity in message.entities if entity["entity"] == "item"}
    return names_of(session, sorted(codes))


def _details(message: Message, names: Mapping[str, str]) -> list[tuple[str, str]]:
    entities = "、".join(entity_words(entity["entity"], entity["value"], names) for entity in message.entities)
    confidence = "" if message.confidence is None else f"{message.confidence:.0%}"
    shown = [
        ("结果", OUTCOME_TITLES.get(message.outcome, message.outcome) if message.outcome else "还没答"),
        ("意图", INTENT_TITLES.get(message.intent or "", message.intent or "")),
        ("把握", confidence),
        ("认出", entities),
        ("怎么办", ACTION_TITLES.get(message.action or "", message.action or "")),
    ]
    return [(name, value) for name, value in shown if value]


def _repealed(in_force: bool | None) -> str:
    """None means that nobody has said whether the document is in force."""
    return "（已废止）" if in_force is False else ""


def _sources(about: Subject) -> Sequence[str]:
    if isinstance(about, PolicyAnswer):
        return [f"《{one.document}》{one.article or ''}" + _repealed(one.in_force) for one in about.sources]
    if isinstance(about, (ApprovalItem, JointServiceGuide)):
        return [f"{about.name}（{about.code}）"]
    return []
