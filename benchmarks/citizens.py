"""Citizens on their chat pages, for trials of a whole assistant, and what its database says of their questions."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from sqlalchemy import select

from bot.conversations.models import Message
from bot.db import Database

QUESTIONS = ("办居住证要带什么", "护照多少钱", "补办身份证去哪办", "政府信息公开申请多久答复", "失业金能领多久")
HELD = "这会儿答得慢"
# As in `bot/web/static/connection.js`: the pause before the page connects again, and how long it waits to be greeted,
# each doubled each time; and after how long without a line it names the telephone.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
GREETED_WITHIN, LONGEST_GREETING, LONG_AFTER = 5.0, 20.0, 8.0
# As in `questions.js`: how long a question may be sent, and looked up, before something must be wrong.
SENT_WITHIN, SLOW_AFTER, SLOW_AGAIN = 4.0, 18.0, 60.0


@dataclass
class Asked:
    """A question, with the instants at which its citizen learnt something; `answers`: what was shown, by content."""

    text: str
    at: float
    told_at: float | None = None
    looked_up_at: float | None = None
    held_at: float | None = None
    answered_at: float | None = None
    state: str = ""
    refusals: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def settled_at(self) -> float | None:
        return min((at for at in (self.held_at, self.answered_at) if at is not None), default=None)


class Citizen:
    """A chat page: asks over one socket, connects again when it is lost, and sends again what has no answer."""

    def __init__(
        self, portal: str, address: str, open_session: Callable[[], aiohttp.ClientSession] = aiohttp.ClientSession
    ) -> None:
        """`address`: which it has in the eyes of a proxy before the assistant. `open_session`: its browser."""
        self._url, self._from, self._open_session = f"{portal}/ws", {"X-Forwarded-For": address}, open_session
        self.conversation: str | None = None
        self.asked: dict[str, Asked] = {}
        self.lines: list[str] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._longer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Future[bool] | None = None
        self.heard = asyncio.Event()

    async def ask(self, text: str) -> Asked:
        number = str(uuid.uuid4())
        asked = self.asked[number] = Asked(text, time.monotonic())
        await self._send(number)
        return asked

    async def _send(self, number: str) -> None:
        if self._socket is None or self._socket.closed:
            self._tell_of_lost_line()
            return
        socket, asked = self._socket, self.asked[number]
        with suppress(ConnectionError):
            await socket.send_json({"type": "say", "id": number, "text": asked.text})
        asked.state = "sent"
        self._look_later(SENT_WITHIN, asked, socket)

    def _look_later(self, seconds: float, asked: Asked, socket: aiohttp.ClientWebSocketResponse) -> None:
        """If the question stands then as it stands now, the page says so and asks for another line at once."""
        before = asked.state

        def look() -> None:
            if asked.state != before or socket is not self._socket:
                return
            now = time.monotonic()
            asked.told_at = asked.told_at or now
            if before == "asking":
                asked.held_at = asked.held_at or now
            self._leave()
            # Held, since the loop forgets a task that nobody holds.
            self._closing = asyncio.ensure_future(socket.close())

        asyncio.get_running_loop().call_later(seconds, look)

    async def live(self) -> None:
        """Runs until cancelled."""
        pause, patience = FIRST_PAUSE, GREETED_WITHIN
        closing = aiohttp.ClientWSTimeout(ws_close=0.1)
        async with self._open_session() as session:
            while True:
                with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                    async with (
                        asyncio.timeout(patience) as greeting,
                        session.ws_connect(self._url, timeout=closing, headers=self._from) as socket,
                    ):
                        await socket.send_json({"type": "hello", "conversation": self.conversation})
                        async for frame in socket:
                            if frame.type is not aiohttp.WSMsgType.TEXT:
                                break  # closed
                            greeting.reschedule(None)
                            pause, patience = FIRST_PAUSE, GREETED_WITHIN
                            self._be_greeted()
                            await self._take(json.loads(frame.data), socket)
                if greeting.when() is None and self._socket is None:
                    continue  # left by ourselves
                patience = min(2 * patience, LONGEST_GREETING) if greeting.expired() else patience
                self._leave()
                self._tell_of_lost_line()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _leave(self) -> None:
        self._socket = None
        self._longer = self._longer or asyncio.get_running_loop().call_later(LONG_AFTER, self._tell_of_lost_line)

    def _be_greeted(self) -> None:
        if self._longer:
            self._longer.cancel()
        self._longer = None

    def _tell_of_lost_line(self) -> None:
        """The page itself says that the line is lost and that it comes back; after some seconds, whom to call."""
        is_long = self._longer is not None and self._longer.when() <= asyncio.get_running_loop().time()
        now = time.monotonic()
        for each in self.asked.values():
            each.told_at = each.told_at or now
            if is_long and each.settled_at is None:
                each.held_at = now

    async def _take(self, frame: dict[str, Any], socket: aiohttp.ClientWebSocketResponse) -> None:
        now = time.monotonic()
        asked = self.asked.get(str(frame.get("id")))
        match frame["type"]:
            case "hello":
                self.conversation, self._socket = frame["conversation"], socket
                for entry in frame["history"]:
                    self._answer(entry)
                for number, each in self.asked.items():
                    if each.answered_at is None:
                        await self._send(number)
            case "typing" | "waiting" if asked:
                asked.told_at, asked.state = asked.told_at or now, "asking"
                asked.looked_up_at = asked.looked_up_at or now
                late_after = SLOW_AGAIN if asked.held_at else SLOW_AFTER - (now - asked.looked_up_at)
                self._look_later(late_after, asked, socket)
            case "answer":
                self._answer(frame)
            case "staff":
                self.lines += [line["text"] for line in frame["lines"]]
                is_held = any(HELD in line["text"] for line in frame["lines"])
                for each in self.asked.values() if is_held else ():
                    if each.answered_at is None and each.held_at is None:
                        each.held_at = now
            case "error" if asked:
                asked.refusals += 1
                asked.held_at = asked.held_at or now
                asyncio.get_running_loop().call_later(2, lambda: asyncio.ensure_future(self._send(str(frame["id"]))))
        self.heard.set()

    def _answer(self, frame: dict[str, Any]) -> None:
        asked = self.asked.get(str(frame.get("id")))
        if asked is None or not frame.get("messages"):
            return
        asked.answered_at, asked.state = asked.answered_at or time.monotonic(), "answered"
        asked.answers["\n".join(message["text"] for message in frame["messages"])] += 1


def against_once(database_url: str, citizens: Iterable[Citizen]) -> list[str]:
    """What speaks against “each question is stored once and answered once”, a line each."""
    database = Database(database_url)
    with database.transaction() as session:
        # Without the texts: they are sealed, and the key is the assistant's.
        rows = session.execute(select(Message.client_id, Message.outcome)).all()
    database.close()
    stored = Counter(number for number, _ in rows)
    asked = {number: each for citizen in citizens for number, each in citizen.asked.items()}
    ends = [(asked[number].text, outcome) for number, outcome in rows if number in asked]
    return [
        *(f"lost: {each.text}" for number, each in asked.items() if stored[number] == 0),
        *(f"stored {stored[number]} times: {each.text}" for number, each in asked.items() if stored[number] > 1),
        *(f"not answered: {text}" for text, outcome in ends if outcome is None),
        *(f"ended as {outcome}: {text}" for text, outcome in ends if outcome and outcome.startswith("failed")),
        *(f"answered differently: {each.text}" for each in asked.values() if len(each.answers) > 1),
    ]
