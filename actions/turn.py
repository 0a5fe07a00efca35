"""What every action shares: the message as understood by Rasa, and the way of the answer back to Rasa."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from actions.memory import CaseTalk, FilingTalk, UnsaidLines, in_slot
from bot import tracing
from bot.catalogue.service import get_city
from bot.conversations.once import once
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.db import Database, is_away, utcnow
from bot.disclosures.draft import Said
from bot.engine.wishes import WISHES
from bot.language.errands import ErrandKind, errand_in
from bot.language.romanised import Romanised
from bot.laws.service import laws
from bot.log_lines import fields, milliseconds_since
from bot.one_computes import computing
from bot.referrals.service import get_route
from bot.replies import english, filing
from bot.replies.failures import ENGINE_FAILED
from bot.replies.laws import with_standing
from bot.replies.reply import Reply
from bot.replies.routes import with_what_to_do
from bot.revisions.service import answer_from_kept
from bot.sealing import SealBroken, own_sealer
from bot.settings import Settings
from bot.switches.answers import instead_of_answering, without_what_is_off
from bot.switches.service import active
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)

# Outcomes that end the filing form: a person takes over, an emergency comes first, or the service is switched off.
_ENDS_FILING = (Outcome.HANDED_OVER, Outcome.TAKEN_DOWN, Outcome.ROUTED, Outcome.SWITCHED_OFF)
# Slots of the last answer only: “更多” continues that answer, “算了” is about the case in it, “2” chooses from it.
_OF_LAST_ANSWER = ("more", "case", "offered")
_ANSWERS_OF_FORMS = ("filing", "filing_answer", "contact_answer", "case_answer", "errand_answer", "errand_problem")
# Answers that ask for receipt or query code, or say that they do not fit: the next message belongs to the same look-up.
_OF_A_LOOK_UP = (Outcome.IDENTITY_ASKED, Outcome.IDENTITY_REFUSED)


@dataclass(frozen=True)
class Turn:
    """One message of a citizen, as the engine understood it, and what the conversation was about before it.

    `is_pressed`: a button was pressed, and `text` is its title. `typed_before`: earlier messages, without pressed
    buttons. `message`: the id by which a message that is sent again is recognised, None if it is never sent again.
    `client`: a digest of where the message came from. `query_code` is in clear only here. `awaited`: what the answer
    before this message asked for (`Reply.awaits`). `errand`: what the look-up, which may take several messages, is for.
    """

    conversation: str
    client: str
    channel: str
    text: str
    intent: str
    items: list[str]
    unknown_matter: str | None
    facets: list[str]
    ordinal: str | None
    known_item: str | None
    candidates: list[str]
    asked_facets: list[str]
    receipt: str | None
    query_code: str | None
    transcript: list[dict[str, str]]
    route: str | None = None
    danger: str | None = None
    """The route of an emergency that a letter speaks of."""
    situation: str | None = None
    chosen: list[str] = field(default_factory=list)
    open_question: int | None = None
    more: list[UnsaidLines] = field(default_factory=list)
    confidence: float = 0.0
    filing: FilingTalk | None = None
    is_pressed: bool = False
    typed_before: list[str] = field(default_factory=list)
    filed_receipts: list[str] = field(default_factory=list)
    message: str | None = None
    awaited: str | None = None
    outcome_before: Outcome | None = None
    """How the message before this one was answered."""
    case: CaseTalk | None = None
    case_answer: str | None = None
    contact_answer: str | None = None
    proven_case: str | None = None
    likely_intent: str = ""
    next_intent: str = ""
    shown: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    corrected: str | None = None
    errand: ErrandKind | None = None
    errand_answer: str | None = None
    errand_problem: str = ""
    place: str | None = None
    """Where the citizen is, as they said before or by the button pressed now: `str` of a `Spot`."""
    is_place_pressed: bool = False

    @property
    def case_number(self) -> str | None:
        """The number of the case discussed last."""
        return self.case.number if self.case else None

    def numbered(self, among: Sequence[str]) -> str | None:
        """The one of `among` that “2” or “最后一个” means; None for “都不是” and for a number that was not offered."""
        if self.ordinal is None or self.ordinal == "none":
            return None
        position = len(among) if self.ordinal == "last" else int(self.ordinal)
        return among[position - 1] if 1 <= position <= len(among) else None

    @property
    def typed(self) -> str:
        """The message as it was typed; in `text` the engine has normalised it and corrected names."""
        lines = (line["text"] for line in reversed(self.transcript) if line["by"] == "citizen")
        return next(lines, self.text)

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        said = _said_last(tracker.events)
        values: dict[str, list[str]] = {}
        for entity in message.get("entities", []):
            values.setdefault(entity["entity"], []).append(str(entity["value"]))
        return cls(
            conversation=tracker.sender_id,
            client=own_sealer().digest(str(metadata.get("client") or tracker.sender_id)),
            channel=str(metadata.get("channel") or "rest"),
            text=message.get("text") or "",
            intent=(message.get("intent") or {}).get("name") or "",
            items=list(dict.fromkeys(values.get("item", []))),
            unknown_matter=next(iter(values.get("unknown_matter", [])), None),
            facets=list(dict.fromkeys(values.get("facet", []))),
            ordinal=next(iter(values.get("ordinal", [])), None),
            known_item=tracker.get_slot("item"),
            candidates=tracker.get_slot("candidates") or [],
            asked_facets=tracker.get_slot("facets") or [],
            receipt=tracker.get_slot("receipt"),
            query_code=_opened(tracker.get_slot("query_code")),
            transcript=_transcript(tracker.events),
            route=next(iter(values.get("route", [])), None),
            danger=next(iter(values.get("danger", [])), None),
            situation=next(iter(values.get("situation", [])), None),
            chosen=tracker.get_slot("situation") or [],
            open_question=tracker.get_slot("open_question"),
            more=UnsaidLines.of_slot(tracker.get_slot("more")),
            confidence=(message.get("intent") or {}).get("confidence") or 0.0,
            filing=FilingTalk.of_slot(tracker.get_slot("filing")),
            is_pressed=bool(metadata.get("pressed")),
            message=metadata.get("message"),
            typed_before=_typed(tracker.events)[: None if metadata.get("pressed") else -1],
            filed_receipts=tracker.get_slot("filed_receipts") or [],
            case=CaseTalk.of_slot(tracker.get_slot("case")),
            case_answer=tracker.get_slot("case_answer"),
            contact_answer=tracker.get_slot("contact_answer"),
            proven_case=tracker.get_slot("proven_case"),
            likely_intent=_likely_intent(message.get("intent_ranking") or []),
            next_intent=_likely_intent((message.get("intent_ranking") or [])[1:]),
            shown=tracker.get_slot("shown") or [],
            offered=tracker.get_slot("offered") or [],
            corrected=next(iter(values.get("corrected", [])), None),
            awaited=said.awaits if said else None,
            outcome_before=said.outcome if said else None,
            errand=_errand(tracker.events),
            errand_answer=tracker.get_slot("errand_answer"),
            errand_problem=tracker.get_slot("errand_problem") or "",
            place=next(iter(values.get("place", [])), None) or tracker.get_slot("place"),
            is_place_pressed="place" in values,
        )


@dataclass(frozen=True)
class Answer:
    """The replies, in order, and the slots to keep, as words, numbers, lists or records of `actions.memory`.

    `then`: a form that goes on with the conversation at once.
    """

    replies: list[Reply]
    slots: Mapping[str, Any] = field(default_factory=dict)
    then: str | None = None

    def as_json(self) -> str:
        replies = [reply.as_record() for reply in self.replies]
        slots = {name: in_slot(value) for name, value in self.slots.items()}
        return json.dumps({"replies": replies, "slots": slots, "then": self.then}, ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> Answer:
        kept = json.loads(text)
        return cls([Reply.of_record(record) for record in kept["replies"]], kept["slots"], kept.get("then"))


class CityAction(Action, ABC):  # type: ignore[misc]
    """Base class of our actions, which define `name` and `answer`."""

    # True for actions by which a form asks for a missing answer.
    asks_for_form = False
    # True for actions that change something: they do it once, even if the message is sent again (`done_once`).
    acts = False

    @abstractmethod
    def answer(self, session: Session, turn: Turn) -> Answer:
        """Called in a thread, within one transaction."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        began = time.monotonic()
        try:
            with tracing.span("action", action=self.name()):
                answer = await asyncio.to_thread(self._answer_in_transaction, Turn.of(tracker))
        except Exception as error:  # the citizen is told of any failure; the log says where, without their words
            if isinstance(error, DBAPIError) and is_away(error):
                raise  # no answer yet: the gateway asks again
            logger.exception("%s failed", self.name())
            say(dispatcher, tracker, ENGINE_FAILED, self.name())
            return []
        logger.info("action done", extra=fields(action=self.name(), milliseconds=milliseconds_since(began)))
        for reply in answer.replies:
            say(dispatcher, tracker, reply, self.name())
        slots = {**{name: None for name in _OF_LAST_ANSWER if tracker.get_slot(name)}, **answer.slots}
        events = [SlotSet(name, in_slot(value)) for name, value in slots.items()]
        if answer.then:
            return [*events, FollowupAction(answer.then)]
        if self.asks_for_form or not tracker.active_loop_name:
            return events
        if tracker.active_loop_name == "filing_form" and answer.replies[0].outcome not in _ENDS_FILING:
            # A question during the form was answered, and the form asks again for the missing answer.
            # Rasa has stored the question in `filing_answer`, which would end the form.
            asked_again = [SlotSet("filing", in_slot(FilingTalk(Said.INTERRUPTED))), SlotSet("filing_answer", None)]
            return [*events, *asked_again, FollowupAction("filing_form")]
        # The subject changed, so the form ends. Otherwise it would ask, say, for a receipt after every answer.
        if tracker.active_loop_name == "filing_form" and answer.replies[0].outcome != Outcome.ROUTED:
            say(dispatcher, tracker, filing.waiting_draft(), self.name())
        return [
            *events,
            ActiveLoop(None),
            *(SlotSet(name, None) for name in ("requested_slot", *_ANSWERS_OF_FORMS)),
        ]

    def _answer_in_transaction(self, turn: Turn) -> Answer:
        with computing(), database().transaction() as session:
            answer_from_kept(session)
            switches = active(session)
            notice = instead_of_answering(switches, channel=turn.channel, intent=turn.intent)
            if notice:
                return Answer([notice], {"filing": None, "filing_answer": None})
            understood = None if self.asks_for_form or turn.is_pressed else romanised().in_chinese(turn.typed)
            turn = replace(turn, text=understood.text) if understood else turn
            answer = self._answer_once(session, turn) if self.acts else self.answer(session, turn)
            danger = get_route(session, turn.danger) if turn.danger else None
            replies = with_what_to_do(answer.replies, danger) if danger and answer.replies else answer.replies
            replies = without_what_is_off(switches, replies)
            replies = with_standing(replies, laws(session), today_in_china(utcnow()))
            if understood and understood.language == "english":
                replies = english.told_in_english(replies, get_city(session).hotline)
            return replace(answer, replies=replies)

    def _answer_once(self, session: Session, turn: Turn) -> Answer:
        return Answer.of_json(done_once(session, turn, self.name(), lambda: self.answer(session, turn).as_json()))


def done_once(session: Session, turn: Turn, what: str, do: Callable[[], str]) -> str:
    """Calls `do` and returns its result. If the message was sent before, only returns the result of that time."""
    if turn.message is None:
        return do()
    key = json.dumps([turn.conversation, turn.message, what])
    return once(session, own_sealer(), key, utcnow(), do)


def say(dispatcher: CollectingDispatcher, tracker: Tracker, reply: Reply, action: str) -> None:
    """Sends a reply; `turn` is sent with it, so that the gateway can store how the reply came about."""
    message = reply.as_message()
    latest = tracker.latest_message
    intent = latest.get("intent") or {}
    how = Provenance(
        reply.outcome,
        intent.get("name"),
        intent.get("confidence"),
        tuple(
            (entity.get("entity"), entity.get("value"))
            for entity in latest.get("entities", [])
            if entity.get("entity") != "query_code"
        ),
        action,
        reply.awaits,
    )
    dispatcher.utter_message(
        text=message["text"],
        buttons=message.get("buttons"),
        json_message=message.get("custom"),
        turn=how.as_record(),
    )


@cache
def database() -> Database:
    return Database(Settings.from_environment().database_url, gives_up=True)


def _typed(events: list[dict[str, Any]]) -> list[str]:
    return [
        event["text"]
        for event in events
        if event.get("event") == "user" and event.get("text") and not (event.get("metadata") or {}).get("pressed")
    ]


@cache
def romanised() -> Romanised:
    return Romanised.of_lexicon(Settings.from_environment().lexicon_path)


def _likely_intent(ranking: list[dict[str, Any]]) -> str:
    """The most likely intent that is not a wish about a person or a case."""
    return next((str(one["name"]) for one in ranking if one["name"] not in WISHES), "")


def _opened(query_code: str | None) -> str | None:
    """The query code in clear. None also if the engine did not seal it: somebody typed it as a button's payload."""
    try:
        return own_sealer().open(query_code) if query_code else None
    except SealBroken:
        return None


def _said_last(events: list[dict[str, Any]]) -> Provenance | None:
    """How the last reply came about."""
    said = next((event for event in reversed(events) if event.get("event") == "bot"), None)
    return _provenance(said) if said else None


def _errand(events: list[dict[str, Any]]) -> ErrandKind | None:
    """The newest errand named in the messages of one look-up, back to where it began."""
    for event in reversed(events):
        if event.get("event") == "user":
            errand = errand_in(event.get("text") or "")
            if errand:
                return errand
        elif event.get("event") == "bot":
            how = _provenance(event)
            if how is None or how.outcome not in _OF_A_LOOK_UP:
                return None
    return None


def _provenance(event: dict[str, Any]) -> Provenance | None:
    return Provenance.of(event.get("metadata") or {})


def _transcript(events: list[dict[str, Any]]) -> list[dict[str, str]]:
    lines = []
    for event in events:
        if event.get("event") in ("user", "bot") and event.get("text"):
            lines.append({"by": "citizen" if event["event"] == "user" else "bot", "text": event["text"]})
    return lines
