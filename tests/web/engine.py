"""An engine that stands in for Rasa's REST channel in the tests of the web process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


def saying(text: str, outcome: str = "smalltalk", **turn: Any) -> web.Response:
    """One message, and how it came about."""
    return web.json_response([{"text": text, "turn": {"outcome": outcome, **turn}}])


class Engine:
    """Remembers what it is asked and answers while it may, with what was prepared in `answers`, else by `answer`.

    `fails`: the number of requests that it fails to answer first. `timing`: its header `Server-Timing`.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.answer = answer or self.repeat
        self.fails = 0
        self.timing = ""
        self.was_asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    @property
    def asked(self) -> list[str]:
        return [body["message"] for body in self.bodies]

    async def repeat(self, body: dict[str, Any]) -> web.Response:
        return saying(f"答：{body['message']}")

    async def is_asked(self, text: str) -> None:
        """Waits until the engine is asked this."""
        while text not in self.asked:
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Yields its port, for `ENGINE_PORT`."""
        app = web.Application()
        app.router.add_post("/webhooks/rest/webhook", self._handle)
        async with TestServer(app, host="127.0.0.1") as server:
            yield str(server.port)

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(request.headers)
        self.was_asked.set()
        await self.may_answer.wait()
        if self.fails:
            self.fails -= 1
            return web.json_response({"error": "no model"}, status=500)
        prepared = self.answers.get(body["message"])
        response = web.json_response(prepared) if prepared else await self.answer(body)
        if self.timing:
            response.headers["Server-Timing"] = self.timing
        return response
