"""Server-sent events tell an open page that something changed. The page then loads the new content itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web
from sqlalchemy.orm import Session

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
from bot.web.live import QUEUE

routes = web.RouteTableDef()

HEARTBEAT_SECONDS = 25
_MEDIA_TYPE = "text/event-stream"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Accel-Buffering": "no"}
STREAMS: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("streams")


@routes.get("/console/live")
@needs(Permission.SEE_QUEUE)
async def live(request: web.Request) -> web.StreamResponse:
    """`data: {"topic": "queue"}`, and with `?case=AJ-000012` also `{"topic": "case"}`, until the sign-in ends.

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


async def end_streams(app: web.Application) -> None:
    """Ends all streams on shutdown: otherwise the process would wait until the pages are closed."""
    for stream in app[STREAMS]:
        stream.cancel()


async def _tell(request: web.Request, response: web.StreamResponse, of_case: list[str]) -> None:
    hub, clock = request.app[LIVE], asyncio.get_running_loop()
    with hub.listening(QUEUE) as queue_changed, hub.listening(*of_case) as case_changed:
        await response.write(b": hello\n\n")
        ends_at = clock.time() + HEARTBEAT_SECONDS
        while True:
            topics = await _changed({"queue": queue_changed, "case": case_changed}, ends_at - clock.time())
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
    return f"typing {number}"


def _topics(session: Session, number: str, person: Person) -> list[str]:
    if not number:
        return []
    case = visible_case(session, number, person)
    return [*conversations_of(session, case), typing_at(case.number)]


def _is_signed_in(session: Session, token: str) -> bool:
    return sign_ins.valid(session, token, utcnow()) is not None
