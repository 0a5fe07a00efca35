"""Teaching: a group of similar questions that were not answered, a single message, or words typed by staff."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from bot.answering.service import newest_answering
from bot.conversations.models import Message
from bot.conversations.unanswered import messages
from bot.db import utcnow
from bot.language.facets import FACET_TITLES
from bot.language.masking import mask
from bot.language.text import bare
from bot.lessons import service, set_aside
from bot.lessons.clusters import Cluster, clusters
from bot.lessons.labels import STATE_TITLES, LessonRefused, LessonState
from bot.lessons.models import Lesson
from bot.lessons.suggestions import LessonSuggestion, Origin, suggestions_for
from bot.staff import audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.label_form import (
    MEANT_TITLES,
    Catalogue,
    Filled,
    filled_by,
    filled_for,
    filled_with,
    grouped_intents,
    in_words,
    label_of,
    read_catalogue,
    values,
)
from bot.web.console.pages import error_page, page, person_of, redirect, transact
from bot.web.console.transcript import CitizenSaid, asked, item_names
from bot.web.errors import fields_of

routes = web.RouteTableDef()

SINCE = timedelta(days=30)
MOST_CLUSTERS = 50
MOST_EXAMPLES = 3
ORIGIN_TITLES = {Origin.LESSON: "纠正", Origin.EXAMPLE: "训练数据"}


@dataclass(frozen=True)
class _Overview:
    """`found`: the groups to teach, or those that are set aside."""

    found: list[Cluster]
    waiting_count: int


@dataclass(frozen=True)
class _ToTeach:
    """The data of a form for a label. `texts`: id of a message → its text, the most typical first.

    `size`: how many messages say it. `said`: for a single message, that message with the bot's answer.
    """

    texts: dict[int, str]
    size: int
    said: CitizenSaid | None
    lessons: list[Lesson]
    suggestions: list[LessonSuggestion]
    catalogue: Catalogue


@routes.get("/console/teach")
@needs(Permission.TEACH)
async def teach(request: web.Request) -> web.Response:
    """With `show=aside`: the questions that need no teaching."""
    are_set_aside = request.query.get("show") == "aside"
    overview = await transact(request, _overview, are_set_aside)
    return page(
        request,
        "teaching.html",
        found=overview.found[:MOST_CLUSTERS],
        left_out=max(0, len(overview.found) - MOST_CLUSTERS),
        waiting_count=overview.waiting_count,
        most_examples=MOST_EXAMPLES,
        are_set_aside=are_set_aside,
    )


@routes.post("/console/teach/set-aside")
@needs(Permission.TEACH)
async def put_aside(request: web.Request) -> web.Response:
    """不用教: the ticked messages, or the whole group that holds the message `group`."""
    return await _put(request, "set_question_aside", set_aside.set_aside, "不再列出；“不用教的”里可以放回")


@routes.post("/console/teach/take-up")
@needs(Permission.TEACH)
async def take_up(request: web.Request) -> web.Response:
    return await _put(
        request, "take_question_up", lambda session, texts, *_: set_aside.take_up(session, texts), "已放回"
    )


async def _put(request: web.Request, action: str, work: Callable[..., None], said: str) -> web.Response:
    form = await fields_of(request)
    chosen = [number for number in map(_number, values(form, "message")) if number]
    group = _number("".join(values(form, "group")[:1]))
    count = await transact(request, _put_texts, action, work, chosen, group, person_of(request))
    return redirect(request, "/console/teach", f"{count} 句{said}" if count else "这组问题已经不在了")


@routes.get("/console/teach/clusters/{message_id}")
@needs(Permission.TEACH)
async def cluster_page(request: web.Request) -> web.Response:
    return await _cluster_page(request)


@routes.post("/console/teach/clusters/{message_id}")
@needs(Permission.TEACH)
async def teach_cluster(request: web.Request) -> web.Response:
    form = await fields_of(request)
    chosen, filled = [number for number in map(_number, values(form, "message")) if number], filled_by(form)
    try:
        count = await transact(request, _propose, chosen, filled, person_of(request))
    except LessonRefused as refused:
        return await _cluster_page(request, str(refused), filled, chosen)
    return redirect(request, "/console/teach", f"已提交 {count} 条纠正，等别人复核")


@routes.post("/console/teach/words")
@needs(Permission.TEACH)
async def words(request: web.Request) -> web.Response:
    """For typed words that are not a stored message. With `meant` they are taught; without it, the form is shown."""
    form = await fields_of(request)
    text, unit = "".join(values(form, "text")[:1]), "".join(values(form, "unit")[:1])
    if "meant" not in form:
        return await _words_page(request, text, unit)
    filled = filled_by(form)
    try:
        await transact(request, _propose_words, text, filled, person_of(request))
    except LessonRefused as refused:
        return await _words_page(request, text, unit, str(refused), filled)
    return redirect(request, "/console/lessons", "已提交，等别人复核")


@routes.get("/console/teach/{message_id}")
@needs(Permission.TEACH)
async def message_page(request: web.Request) -> web.Response:
    return await _message_page(request)


@routes.post("/console/teach/{message_id}")
@needs(Permission.TEACH)
async def teach_message(request: web.Request) -> web.Response:
    number, filled = _number(request.match_info["message_id"]), filled_by(await fields_of(request))
    try:
        await transact(request, _propose, [number], filled, person_of(request))
    except LessonRefused as refused:
        return await _message_page(request, str(refused), filled)
    return redirect(request, f"/console/teach/{number}", "已提交，等别人复核")


async def _cluster_page(
    request: web.Request, error: str = "", filled: Filled | None = None, chosen: Collection[int] | None = None
) -> web.Response:
    """`filled`, `chosen`: the form that was refused, and the messages that were ticked in it."""
    shown = await transact(request, _cluster_of, _number(request.match_info["message_id"]))
    if shown is None:
        return error_page(request, 404, "这组问题已经有人教过，或者不在最近 30 天里了")
    return _form_page(request, "cluster.html", shown, error, filled, list(shown.texts) if chosen is None else chosen)


async def _words_page(
    request: web.Request, text: str, unit: str, error: str = "", filled: Filled | None = None
) -> web.Response:
    if not text:
        return error_page(request, 422, "请先在“解释”里写下市民的话")
    shown = await transact(request, _to_teach_words, text)
    return _form_page(request, "teaching_words.html", shown, error, filled or await _meant_unit(request, unit), ())


async def _message_page(request: web.Request, error: str = "", filled: Filled | None = None) -> web.Response:
    """With `unit` in the address: the form is filled in with that unit as the answer."""
    shown = await transact(request, _message_of, _number(request.match_info["message_id"]))
    if shown is None:
        return error_page(request, 404, "没有这条消息")
    filled = filled or await _meant_unit(request, request.query.get("unit", ""))
    return _form_page(request, "teaching_message.html", shown, error, filled, ())


def _form_page(
    request: web.Request,
    template: str,
    shown: _ToTeach,
    error: str,
    filled: Filled | None,
    chosen: Collection[int],
) -> web.Response:
    """If `filled` is None, the form is filled in with the suggestion that the address names, or with the first one."""
    place = _number(request.query.get("suggestion", "0"))
    suggested = shown.suggestions[place].label if place < len(shown.suggestions) else None
    is_suggested = filled is None and suggested is not None
    if filled is None:
        filled = filled_with(suggested, shown.catalogue) if suggested else Filled()
    return page(
        request,
        template,
        422 if error else 200,
        shown=shown,
        filled=filled,
        place=place if is_suggested else None,
        chosen=chosen,
        error=error,
        intents=grouped_intents(),
        facets=FACET_TITLES,
        meant=MEANT_TITLES,
        origins=ORIGIN_TITLES,
        states=STATE_TITLES,
        in_words=_in_words_of(shown.catalogue),
        label_of=service.label_of,
    )


async def _meant_unit(request: web.Request, name: str) -> Filled | None:
    return await transact(request, _filled_for, name) if name else None


def _filled_for(session: Session, name: str) -> Filled | None:
    unit = newest_answering(session).unit(name)
    return filled_for(unit, read_catalogue(session)) if unit else None


def _put_texts(
    session: Session, action: str, work: Callable[..., None], chosen: Sequence[int], group: int, person: Person
) -> int:
    """How many different texts there are."""
    now = utcnow()
    if group:
        are_set_aside = action == "take_question_up"
        found = clusters(session, now - SINCE, are_set_aside=are_set_aside)
        texts = next((one.texts for one in found if group in one.message_ids), ())
    else:
        texts = tuple(dict.fromkeys(message.masked_text for message in messages(session, chosen)))
    if texts:
        work(session, texts, person, now)
        audit.record(session, who=person.login, action=action, subject=f"{len(texts)} 句", why=texts[0], at=now)
    return len(texts)


def _overview(session: Session, are_set_aside: bool) -> _Overview:
    found = clusters(session, utcnow() - SINCE, are_set_aside=are_set_aside)
    return _Overview(found, len(service.lessons(session, LessonState.PROPOSED)))


def _cluster_of(session: Session, message_id: int) -> _ToTeach | None:
    """The group that contains the message now: messages may have joined it or been taught since."""
    found = next((one for one in clusters(session, utcnow() - SINCE) if message_id in one.message_ids), None)
    if found is None:
        return None
    first_of: dict[str, Message] = {}
    for message in messages(session, found.message_ids):
        first_of.setdefault(bare(message.masked_text), message)
    in_order = [first_of[bare(text)] for text in found.texts]
    texts = {message.id: message.masked_text for message in in_order}
    return _to_teach(session, texts, found.size)


def _message_of(session: Session, message_id: int) -> _ToTeach | None:
    found = messages(session, [message_id])
    if not found:
        return None
    lessons = service.lessons_of_message(session, message_id)
    said = asked(found[0], item_names(session, found))
    return _to_teach(session, {message_id: said.text}, 1, said, lessons)


def _to_teach(
    session: Session, texts: dict[int, str], size: int, said: CitizenSaid | None = None, lessons: Sequence[Lesson] = ()
) -> _ToTeach:
    typical = next(iter(texts.values()))
    return _ToTeach(texts, size, said, list(lessons), suggestions_for(session, typical), read_catalogue(session))


def _to_teach_words(session: Session, text: str) -> _ToTeach:
    return _to_teach(session, {0: mask(text)}, 1)


def _propose_words(session: Session, text: str, filled: Filled, person: Person) -> None:
    """Raises LessonRefused."""
    catalogue, now = read_catalogue(session), utcnow()
    lesson = service.propose(session, text, label_of(session, filled, catalogue), person, now)
    _record(session, [lesson], catalogue, person, now)


def _propose(session: Session, message_ids: Sequence[int], filled: Filled, person: Person) -> int:
    """Proposes lessons; returns how many. Raises LessonRefused."""
    if not message_ids:
        raise LessonRefused("请至少选一句")
    catalogue, now = read_catalogue(session), utcnow()
    label = label_of(session, filled, catalogue)
    lessons = service.propose_many(session, message_ids, label, person, now)
    _record(session, lessons, catalogue, person, now)
    return len(lessons)


def _record(session: Session, lessons: Sequence[Lesson], catalogue: Catalogue, person: Person, now: datetime) -> None:
    subject = f"纠正 {lessons[0].id}" + (f" 等 {len(lessons)} 条" if len(lessons) > 1 else "")
    words = in_words(service.label_of(lessons[0]), catalogue)
    audit.record(session, who=person.login, action="propose_lesson", subject=subject, why=words, at=now)


def _in_words_of(catalogue: Catalogue) -> Callable[..., str]:
    return lambda label: in_words(label, catalogue)


def _number(text: str) -> int:
    """The number. 0, which no message has, if the text is not a number that fits the column."""
    return number_in(text) or 0
