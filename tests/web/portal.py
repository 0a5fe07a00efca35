"""An open chat page, played by a program, and a portal with a fake engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse

from bot.catalogue.models import City
from bot.db import Database
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.engine import Engine


@dataclass(frozen=True)
class OpenedPage:
    """The open page. `conversation`, `history` and `ended` come from the greeting."""

    socket: ClientWebSocketResponse
    conversation: str
    history: list[dict[str, Any]]
    ended: bool

    async def send_json(self, frame: dict[str, Any]) -> None:
        await self.socket.send_json(frame)

    async def receive_json(self) -> dict[str, Any]:
        """The next frame, but for those that tell how near a person is: they come at any time."""
        while True:
            frame: dict[str, Any] = await self.socket.receive_json()
            if frame["type"] != "person":
                return frame

    async def receive(self, kind: str) -> dict[str, Any]:
        """The next frame of this type; what comes before it is dropped."""
        while True:
            frame: dict[str, Any] = await self.socket.receive_json()
            if frame["type"] == kind:
                return frame

    async def say(self, number: str, text: str) -> None:
        """Waits until the server has the message."""
        await self.send_json({"type": "say", "id": number, "text": text})
        assert await self.receive_json() == {"type": "typing", "id": number}


@asynccontextmanager
async def open_page(client: Browser, conversation: str | None = None) -> AsyncIterator[OpenedPage]:
    async with client.ws_connect("/ws") as socket:
        await socket.send_json({"type": "hello", "conversation": conversation})
        hello = await socket.receive_json()
        assert hello["type"] == "hello"
        yield OpenedPage(socket, hello["conversation"], hello["history"], hello["ended"])


@asynccontextmanager
async def running_portal(engine: Engine, folder: Path, **environ: str) -> AsyncIterator[Browser]:
    """The web process before that engine, with a city in its database."""
    async with engine.serving() as port:
        settings = settings_in(folder, ENGINE_PORT=port, **environ)
        database = Database(settings.database_url)
        set_up(database, with_city)
        database.close()
        async with open_browser(settings) as browser:
            yield browser


def with_city(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
