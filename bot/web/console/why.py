"""Why the assistant answers as it does: how it understands a message, and the units that it considered.

The message comes by POST only, so that citizens' words are in no address and no log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.orm import Session

from bot.answering.evidence import Context
from bot.answering.judging import unit_told
from bot.answering.service import Answering, Certainty, Explained, newest_answering
from bot.answering.units import Sort, Unit
from bot.conversations.models import Message
from bot.conversations.service import history
from bot.conversations.subjects import PolicyAnswer, Subject
from bot.conversations.unanswered import messages
from bot.language.masking import mask
from bot.language.text import normalise
from bot.letters.acts import ASK, Act, act_of
from bot.reviews.service import NoSuchCase, conversations_of
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.act_words import INTENT_TITLES
from bot.web.console.case_acts import visible_case
from bot.web.console.fields import number_in
from bot.web.console.label_form import values
from bot.web.console.pages import error_page, page, person_of, transact
from bot.web.console.unit_words import ENCODER_TITLES, KIND_TITLES, evidence_of, quote_of, source_of, title_of
from bot.web.errors import fields_of

routes = web.RouteTableDef()

MOST_CHARACTERS = 2000
MOST_SHOWN = 3
MOST_MESSAGES = 50
CERTAINTY_TITLES = {
    Certainty.SURE: "会直接回答",
    Certainty.LIKELY: "会列出几条，请市民选",
    Certainty.NONE: "不回答：说没有找到，请市民换个说法或者转人工",
}


class NoSuchMessage(Exception):
    """No message has this number, or the person may not see it."""


@dataclass(frozen=True)
class _Asked:
    """`shown`: names of the units shown before, best first. `message_id`: of the message with this exact text, or 0."""

    text: str
    shown: tuple[str, ...] = ()
    message_id: int = 0


@dataclass(frozen=True)
class _Shown:
    """The data of the page. `before`: the units shown before the message."""

    asked: _Asked
    act: Act
    explained: Explained
    before: list[Unit]


@routes.get("/console/why")
@needs(Permission.SEE_QUEUE)
async def why_form(request: web.Request) -> web.Response:
    return _page(request)


@routes.post("/console/why")
@needs(Permission.SEE_QUEUE)
async def why(request: web.Request) -> web.Response:
    """For words that were typed here, or for a message of a conversation (by number) and the units shown before it."""
    form = await fields_of(request)
    text = "".join(values(form, "text")[:1])
    if not text and not values(form, "message"):
        return _page(request, 422, "请写下要看的话")
    if len(text) > MOST_CHARACTERS:
        return _page(request, 422, f"最多 {MOST_CHARACTERS} 个字", text=text)
    try:
        return _page(request, shown=await transact(request, _explain, form, text, person_of(request)))
    except NoSuchMessage:
        return error_page(request, 404, "没有这条消息，或者不在您的部门办理")


def _page(
    request: web.Request, status: int = 200, error: str = "", *, text: str = "", shown: _Shown | None = None
) -> web.Response:
    return page(
        request,
        "why.html",
        status,
        shown=shown,
        text=shown.asked.text if shown else text,
        error=error,
        most=MOST_CHARACTERS,
        intents=INTENT_TITLES,
        is_taken_down=shown is not None and shown.act.name != ASK,
        certainties=CERTAINTY_TITLES,
        encoders=ENCODER_TITLES,
        kinds=KIND_TITLES,
        title_of=title_of,
        source_of=source_of,
        quote_of=quote_of,
        evidence_of=evidence_of,
    )


def _explain(session: Session, form: MultiMapping[object], text: str, person: Person) -> _Shown:
    """Raises NoSuchMessage."""
    index = newest_answering(session)
    asked = _asked(session, index, form, text, person)
    before = [unit for name in asked.shown if (unit := index.unit(name))]
    explained = index.explained(asked.text, Context(tuple(unit.name for unit in before)))
    return _Shown(asked, act_of(normalise(asked.text)), explained, before)


def _asked(session: Session, index: Answering, form: MultiMapping[object], text: str, person: Person) -> _Asked:
    given = "".join(values(form, "message")[:1])
    number = number_in(given) if given else 0
    if number is None:
        raise NoSuchMessage
    message = _message(session, number, "".join(values(form, "case")[:1]), person) if number else None
    shown = tuple(values(form, "shown")[:MOST_SHOWN])
    if message is None:
        return _Asked(mask(text), shown)
    if text:
        return _Asked(mask(text), shown, message.id if text == message.masked_text else 0)
    return _Asked(message.masked_text, _shown_before(session, index, message), message.id)


def _message(session: Session, number: int, case: str, person: Person) -> Message:
    """Staff who teach may see any message, others only those of the cases that they may see. Raises NoSuchMessage."""
    found = messages(session, [number])
    if not found:
        raise NoSuchMessage
    if not may(person, Permission.TEACH) and found[0].conversation_id not in _conversations(session, case, person):
        raise NoSuchMessage
    return found[0]


def _conversations(session: Session, number: str, person: Person) -> Sequence[str]:
    try:
        return conversations_of(session, visible_case(session, number, person))
    except NoSuchCase:
        return ()


def _shown_before(session: Session, index: Answering, message: Message) -> tuple[str, ...]:
    """The units in the last answer before the message that showed any."""
    said = [one for one in history(session, message.conversation_id, MOST_MESSAGES) if one.id < message.id]
    for one in reversed(said):
        if shown := shown_by(index, one.subjects):
            return shown
    return ()


def shown_by(index: Answering, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """The names of the units in an answer that is about these."""
    names = [name for about in subjects for name in _names_in(index, about)]
    return tuple(dict.fromkeys(name for name in names if index.unit(name)))[:MOST_SHOWN]


def _names_in(index: Answering, about: Subject) -> list[str]:
    if told := unit_told(about):
        return [told]
    if isinstance(about, PolicyAnswer):
        places = {(source.document, source.passage): place for place, source in enumerate(about.sources)}
        found = {
            places[unit.work, unit.text]: unit.name
            for unit in index.evidence.corpus.units
            if unit.sort == Sort.PASSAGE and (unit.work, unit.text) in places
        }
        return [found[place] for place in sorted(found)]
    return []
