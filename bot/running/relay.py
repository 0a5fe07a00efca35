"""Passes each request on to the current engine, so that the engine's address stays the same when the engine changes.

It works request by request, not connection by connection: a client that keeps its connection open reaches the new
engine with its next request, and it is known exactly when the old engine has no requests left.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import aiohttp
from aiohttp import web
from yarl import URL

# More than any message; the engine's own limit is lower.
MAX_BODY_BYTES = 1024 * 1024
CLOSE_WITHIN_SECONDS = 5
# The client decides how long it waits. With a limit here, an engine on a busy machine would lose messages.
_NO_LIMIT = aiohttp.ClientTimeout(total=None, sock_connect=None)
# Headers of one connection, not of the message (RFC 9110, section 7.6.1); the length is computed again.
_OF_ONE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length"}
)


class EngineRelay:
    """`open` it, `turn_to` an engine, `close` it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._url: str | None = None
        self._under_way: Counter[str] = Counter()
        self._changed = asyncio.Condition()

    async def open(self) -> None:
        """Listens from now on. Raises OSError when the port is taken."""
        # Connections are not reused: an engine closes an idle one after some seconds, perhaps just when it is used.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=_NO_LIMIT, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_WITHIN_SECONDS)
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    def turn_to(self, url: str) -> None:
        """Sends new requests to the engine at `url`. Requests under way finish at the previous engine."""
        self._url = url

    async def wait_until_idle(self, url: str) -> None:
        """Until the engine at `url` has no request of ours left."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._under_way[url] == 0)

    async def _pass_on(self, request: web.Request) -> web.Response:
        url = self._url
        if url is None:
            return web.json_response({"error": "the engine is starting"}, status=503)
        self._under_way[url] += 1
        try:
            return await self._answer_of(url, request)
        except aiohttp.ClientError as error:
            return web.json_response({"error": f"the engine does not answer: {type(error).__name__}"}, status=502)
        finally:
            self._under_way[url] -= 1
            async with self._changed:
                self._changed.notify_all()

    async def _answer_of(self, url: str, request: web.Request) -> web.Response:
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_ONE_CONNECTION]
        body = await request.read()
        target = URL(url + request.raw_path, encoded=True)
        async with self._session.request(
            request.method, target, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            content = await answer.read()
        passed = web.Response(body=content, status=answer.status, reason=answer.reason)
        passed.headers.clear()
        for name, value in answer.headers.items():
            if name.lower() not in _OF_ONE_CONNECTION:
                passed.headers.add(name, value)
        return passed
