"""All conversations, also those without a case: the list, one conversation, “有用 / 没用” of each answer of the bot.

An address names a conversation by one of its messages: whoever knows the id of a conversation could go on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.service import all_joint_services, item_names
from bot.conversations.browsing import Ending, Listed, Marked, Wanted, browse
from bot.conversations.channels import CHANNEL_TITLES
from bot.conversations.marks import MARK_TITLES, Mark, MarkRefused, mark_answer, marks_in
from bot.conversations.models import AnswerMark, Conversation
from bot.conversations.unanswered import messages
from bot.db import utcnow
from bot.referrals.service import all_routes
from bot.reviews.models import Case
from bot.reviews.reasons import STARS_TITLES, Stars
from bot.reviews.service import cases_of
from bot.staff import accounts, audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.storable import storable
from bot.web.console.access import needs
from bot.web.console.fields import beginning_of, number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.transcript import MOST_MESSAGES, CitizenSaid, Told, transcript
from bot.web.received_files import size_in_words

routes = web.RouteTableDef()

ENDING_TITLES: dict[str, str] = {
    Ending.ANSWERED: "答了",
    Ending.LIKELY: "给了可能的",
    Ending.REFUSED: "没答上",
    Ending.HANDED_OVER: "转人工",
    Ending.FAILED: "故障、停用",
}
MARKED_TITLES: dict[str, str] = {Marked.NOT_YET: "还没评", Marked.USEFUL: "评了有用", Marked.USELESS: "评了没用"}
_FIELDS = ("text", "since", "until", "channel", "ending", "stars", "matter", "marked")
_MOST_CHARACTERS = 100
# More items than these share so general a word that what their names mean is not looked for in the messages.
_MOST_MATTERS = 20

E = TypeVar("E", bound=StrEnum)


class NoSuchConversation(LookupError):
    """No message has this number."""


@dataclass(frozen=True)
class _Shown:
    """The data of a conversation's page. `number`: of the message by which it was opened; `next_number`: that of the
    next conversation of the list. `names`: id → name of those who marked. `cut`: older messages are not shown."""

    number: int
    channel: str
    said: list[CitizenSaid | Told]
    marks: dict[int, AnswerMark]
    names: dict[int, str]
    cases: list[Case]
    next_number: int | None
    cut: bool


@routes.get("/console/conversations")
@needs(Permission.BROWSE_CONVERSATIONS)
async def conversation_list(request: web.Request) -> web.Response:
    asked, older_than = _asked_in(request.query), number_in(request.query.get("older_than", ""))
    found, has_more = await transact(request, _list, asked, older_than)
    return page(
        request,
        "conversations.html",
        found=found,
        has_more=has_more,
        older_than=older_than,
        asked=asked,
        query=_query_of(asked),
        channels=CHANNEL_TITLES,
        endings=ENDING_TITLES,
        stars=STARS_TITLES,
        marked=MARKED_TITLES,
        marks=MARK_TITLES,
        most_characters=_MOST_CHARACTERS,
    )


@routes.get("/console/conversations/{message_id}")
@needs(Permission.BROWSE_CONVERSATIONS)
async def conversation_page(request: web.Request) -> web.Response:
    """With `in`: the filters of the list from which it was opened."""
    return await _page(request, _asked_by(request.query.get("in", "")))


@routes.post("/console/conversations/{message_id}/unmask")
@needs(Permission.UNMASK)
async def unmask(request: web.Request) -> web.Response:
    """Shows the original words on this one answer. The audit log keeps the reason."""
    form, person = await form_of(request), person_of(request)
    asked, why = _asked_by(form.get("in", "")), form.get("why", "").strip()
    if not accounts.may(person, Permission.BROWSE_CONVERSATIONS):
        return _no_conversation(request)
    if not why:
        return await _page(request, asked, 422, "请写明为什么要看原文")
    try:
        await transact(request, _record_unmasking, _number(request), person, why)
    except NoSuchConversation:
        return _no_conversation(request)
    return await _page(request, asked, unmasked=True)


@routes.post("/console/conversations/{message_id}/mark")
@needs(Permission.BROWSE_CONVERSATIONS)
async def mark(request: web.Request) -> web.Response:
    """Marks the answer to the message `message` of this conversation."""
    form, person = await form_of(request), person_of(request)
    asked, at = _asked_by(form.get("in", "")), number_in(form.get("message", "")) or 0
    wanted = _member(Mark, form.get("mark", ""))
    if wanted is None:
        return await _page(request, asked, 422, "请选有用，或者没用在哪里")
    try:
        await transact(request, _mark, _number(request), at, wanted, person)
    except (NoSuchConversation, MarkRefused):
        return await _page(request, asked, 422, "这一句没有机器人的回答，不能评")
    return redirect(request, f"{_path(_number(request), _query_of(asked))}#m{at}")


async def _page(
    request: web.Request, asked: Mapping[str, str], status: int = 200, error: str = "", *, unmasked: bool = False
) -> web.Response:
    number = _number(request)
    try:
        shown = await transact(request, _read, number, asked, unmasked)
    except NoSuchConversation:
        return _no_conversation(request)
    query = _query_of(asked)
    return page(
        request,
        "conversation.html",
        status,
        shown=shown,
        unmasked=unmasked,
        error=error,
        query=query,
        next_path=_path(shown.next_number, query) if shown.next_number else "",
        channels=CHANNEL_TITLES,
        marks=MARK_TITLES,
        most_messages=MOST_MESSAGES,
        size_in_words=size_in_words,
    )


def _no_conversation(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这段对话，或者已经到期删除了")


def _list(session: Session, asked: Mapping[str, str], older_than: int | None) -> tuple[list[Listed], bool]:
    return browse(session, _wanted(session, asked), older_than=older_than)


def _read(session: Session, number: int, asked: Mapping[str, str], unmasked: bool) -> _Shown:
    conversation = _conversation(session, number)
    said = transcript(session, [conversation.id], unmasked=unmasked)
    marks = marks_in(session, conversation.id)
    following, _ = browse(session, _wanted(session, asked), older_than=number, count=1)
    return _Shown(
        number=number,
        channel=conversation.channel,
        said=said,
        marks=marks,
        names={one.id: one.name for one in accounts.people(session)} if marks else {},
        cases=cases_of(session, conversation.id),
        next_number=next((one.message.id for one in following), None),
        cut=sum(isinstance(one, CitizenSaid) for one in said) == MOST_MESSAGES,
    )


def _conversation(session: Session, number: int) -> Conversation:
    """Raises NoSuchConversation."""
    found = messages(session, [number])
    if not found:
        raise NoSuchConversation(number)
    return session.get_one(Conversation, found[0].conversation_id)


def _mark(session: Session, number: int, message_id: int, wanted: Mark, person: Person) -> None:
    """Raises NoSuchConversation, MarkRefused: also for a message of another conversation."""
    if _conversation(session, number).id != _conversation(session, message_id).id:
        raise MarkRefused
    now = utcnow()
    mark_answer(session, message_id, wanted, person.id, now)
    subject, words = f"消息 {message_id}", MARK_TITLES[wanted]
    audit.record(session, who=person.login, action="mark_answer", subject=subject, why=words, at=now)


def _record_unmasking(session: Session, number: int, person: Person, why: str) -> None:
    """Raises NoSuchConversation."""
    _conversation(session, number)
    audit.record(session, who=person.login, action="unmask", subject=f"对话 {number}", why=why, at=utcnow())


def _wanted(session: Session, asked: Mapping[str, str]) -> Wanted:
    """A value that a filter does not know is ignored."""
    stars = number_in(asked["stars"])
    return Wanted(
        since=beginning_of(asked["since"]),
        before=beginning_of(asked["until"], days_later=1),
        channel=asked["channel"],
        ending=_member(Ending, asked["ending"]),
        stars=stars if stars in list(Stars) else None,
        matters=_matters(session, asked["matter"]),
        title=asked["matter"],
        marked=_member(Marked, asked["marked"]),
        text=asked["text"],
    )


def _matters(session: Session, typed: str) -> list[str]:
    """The codes of the items, joint services and routes with this code or with these words in their names."""
    if not typed:
        return []
    names = {one.code: one.name for one in item_names(session)}
    names |= {one.code: one.name for one in all_joint_services(session)}
    names |= {one.code: one.name for one in all_routes(session)}
    found = [code for code, name in names.items() if typed in name or typed.upper() == code]
    return found if len(found) <= _MOST_MATTERS else []


def _asked_in(values: Mapping[str, str]) -> dict[str, str]:
    """The value of each filter, empty where none is asked for."""
    return {name: storable(values.get(name, "")).strip()[:_MOST_CHARACTERS] for name in _FIELDS}


def _asked_by(query: str) -> dict[str, str]:
    return _asked_in(dict(parse_qsl(query)))


def _query_of(asked: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


def _path(number: int, query: str) -> str:
    return f"/console/conversations/{number}" + (f"?{urlencode({'in': query})}" if query else "")


def _member(kind: type[E], value: str) -> E | None:
    return kind(value) if value in list(kind) else None


def _number(request: web.Request) -> int:
    return number_in(request.match_info["message_id"]) or 0
