"""Server-sent events tell an open page that something changed. The page then loads the new content itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, suppress

from aiohttp import web

from bot.web.keys import LIVE

HEARTBEAT_SECONDS = 25
MEDIA_TYPE = "text/event-stream"
STREAMS: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("streams")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Accel-Buffering": "no"}

# What a page is told → the topics of `bot.web.live` after which it is told so.
Told = Mapping[str, Sequence[str]]


def wants_stream(request: web.Request) -> bool:
    """False for somebody who opens the address as a page."""
    return MEDIA_TYPE in request.headers.get("Accept", "")


async def event_stream(request: web.Request, told: Told, goes_on: Callable[[], Awaitable[bool]]) -> web.StreamResponse:
    """`data: {"topic": …}` with a key of `told` after each change, until the page is closed or the process ends.

    `goes_on`: asked with each heartbeat; the stream ends when it gives False.
    """
    response = web.StreamResponse(headers=_HEADERS)
    response.content_type = MEDIA_TYPE
    await response.prepare(request)
    stream = asyncio.create_task(_tell(request, response, told, goes_on))
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


async def _tell(
    request: web.Request, response: web.StreamResponse, told: Told, goes_on: Callable[[], Awaitable[bool]]
) -> None:
    hub, clock = request.app[LIVE], asyncio.get_running_loop()
    with ExitStack() as stack:
        events = {name: stack.enter_context(hub.listening(*topics)) for name, topics in told.items()}
        await response.write(b": hello\n\n")
        ends_at = clock.time() + HEARTBEAT_SECONDS
        while True:
            for name in await _changed(events, ends_at - clock.time()):
                await response.write(f"data: {json.dumps({'topic': name})}\n\n".encode())
            if clock.time() >= ends_at:
                if not await goes_on():
                    return
                await response.write(b": still here\n\n")
                ends_at = clock.time() + HEARTBEAT_SECONDS


async def _changed(events: Mapping[str, asyncio.Event], within_seconds: float) -> list[str]:
    """The names of what changed; empty if nothing changed within that time."""
    waiting = [asyncio.create_task(event.wait()) for event in events.values()]
    try:
        await asyncio.wait(waiting, timeout=max(0, within_seconds), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    changed = [name for name, event in events.items() if event.is_set()]
    for name in changed:
        events[name].clear()
    return changed
