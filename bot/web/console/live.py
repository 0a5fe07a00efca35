"""Server-sent events tell an open page that something changed. The page then loads the new content itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.db import utcnow
from bot.reviews.service import NoSuchCase, conversations_of
from bot.staff import sign_ins
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import visible_case
from bot.web.console.cookies import sign_in_token
from bot.web.console.pages import error_page, person_of, redirect, transact
from bot.web.keys import LIVE
from bot.web.live import QUEUE, citizen_writes, clerk_writes

routes = web.RouteTableDef()

HEARTBEAT_SECONDS = 25
_MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Accel-Buffering": "no"}
_TYPING = "typing "
STREAMS: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("streams")


@routes.get("/console/live")
@needs(Permission.SEE_QUEUE)
async def live(request: web.Request) -> web.StreamResponse:
    """`data: {"topic": "queue"}`, and with `?case=AJ-000012` also `case`, and `writing` while the citizen types, until
    the sign-in ends.

    Conversation ids are not sent: with the id of a portal conversation, anybody can continue it as the citizen.
    """
    if _MEDIA_TYPE not in request.headers.get("Accept", ""):
        return redirect(request, "/console/queue")
    try:
        topics = await transact(request, _topics, request.query.get("case", ""), person_of(request))
    except NoSuchCase:
        return error_page(request, 404)
    response = web.StreamResponse(headers=_HEADERS)
    response.content_type = _MEDIA_TYPE
    await response.prepare(request)
    stream = asyncio.create_task(_tell(request, response, topics))
    request.app[STREAMS].add(stream)
    try:
        # ConnectionError: the page was closed. CancelledError: the process ends.
        with suppress(ConnectionError, asyncio.CancelledError):
            await stream
    finally:
        stream.cancel()
        request.app[STREAMS].discard(stream)
    return response


@routes.post("/console/cases/{number}/writing")
@needs(Permission.HANDLE_CASES)
async def writing(request: web.Request) -> web.Response:
    """Sent by the script while the clerk types: the citizen's open page says so. Nothing of it is stored."""
    try:
        conversations = await transact(request, _talked_in, request.match_info["number"], person_of(request))
    except NoSuchCase:
        return error_page(request, 404)
    await request.app[LIVE].changed(*map(clerk_writes, conversations))
    return web.Response(status=204)


async def end_streams(app: web.Application) -> None:
    """Ends all streams on shutdown: otherwise the process would wait until the pages are closed."""
    for stream in app[STREAMS]:
        stream.cancel()


async def _tell(request: web.Request, response: web.StreamResponse, of_case: list[str]) -> None:
    hub, clock = request.app[LIVE], asyncio.get_running_loop()
    conversations = [each for each in of_case if not each.startswith(_TYPING)]
    with (
        hub.listening(QUEUE) as queue_changed,
        hub.listening(*of_case) as case_changed,
        hub.listening(*map(citizen_writes, conversations)) as writes,
    ):
        await response.write(b": hello\n\n")
        ends_at = clock.time() + HEARTBEAT_SECONDS
        while True:
            topics = await _changed(
                {"queue": queue_changed, "case": case_changed, "writing": writes}, ends_at - clock.time()
            )
            for topic in topics:
                await response.write(f"data: {json.dumps({'topic': topic})}\n\n".encode())
            if clock.time() >= ends_at:
                if not await transact(request, _is_signed_in, sign_in_token(request)):
                    return
                await response.write(b": still here\n\n")
                ends_at = clock.time() + HEARTBEAT_SECONDS


async def _changed(events: Mapping[str, asyncio.Event], within_seconds: float) -> list[str]:
    """The topics that changed; empty if none changed within that time."""
    waiting = [asyncio.create_task(event.wait()) for event in events.values()]
    try:
        await asyncio.wait(waiting, timeout=max(0, within_seconds), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    changed = [topic for topic, event in events.items() if event.is_set()]
    for topic in changed:
        events[topic].clear()
    return changed


def typing_at(number: str) -> str:
    """The topic of who is typing on the page of a case. Citizens listen to their conversation, and not to this."""
    return f"{_TYPING}{number}"


def _topics(session: Session, number: str, person: Person) -> list[str]:
    if not number:
        return []
    case = visible_case(session, number, person)
    return [*conversations_of(session, case), typing_at(case.number)]


def _talked_in(session: Session, number: str, person: Person) -> list[str]:
    """The conversations that this person has taken over."""
    case = visible_case(session, number, person)
    if case.claimed_by_id != person.id:
        return []
    talks = select(Conversation.id).where(
        Conversation.id.in_(conversations_of(session, case)), Conversation.held_case_id == case.id
    )
    return list(session.scalars(talks))


def _is_signed_in(session: Session, token: str) -> bool:
    return sign_ins.valid(session, token, utcnow()) is not None
