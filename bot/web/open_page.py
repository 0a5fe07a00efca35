"""One open chat page: handles its frames, and sends it what is new in its conversation until it closes."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web

from bot import request_ids
from bot.conversations.grades import GradeRefused
from bot.conversations.models import Message, TalkFile
from bot.db import utcnow
from bot.replies import rating as wording
from bot.reviews.call_backs import CallBackAnswer, NotAskedHere
from bot.reviews.ratings import NotYourCase
from bot.reviews.reasons import Stars
from bot.reviews.states import CaseActionRefused
from bot.reviews.waiting_line import NOBODY, Stage
from bot.storable import row_id, storable
from bot.web import portal_view as view
from bot.web.characters import LANGUAGE, in_traditional
from bot.web.chat import CHAT, MAX_TEXT_CHARACTERS, Answered, BadMessage, Sender, TooManyMessages
from bot.web.citizens import filed_in, link
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE, citizen_writes, clerk_writes
from bot.web.patience import once_there
from bot.web.portal_view import PageStanding
from bot.web.privacy import answer_forget
from bot.web.under_way import UNDER_WAY
from bot.workdays import CHINA

logger = logging.getLogger(__name__)


# A waiting citizen is told a new place at most this often, since the line changes whenever any citizen writes.
PLACE_EVERY_SECONDS = 2.0
# One frame `writing` is passed on in this time, others are dropped. Our own page sends fewer.
WRITING_EVERY_SECONDS = 1.0
NOT_UNDERSTOOD = "没有看懂这条消息，请刷新网页再试"
FAILED = "系统出了点问题，请稍后重发"


class OpenPage:
    def __init__(
        self,
        app: web.Application,
        ws: web.WebSocketResponse,
        client: str,
        conversation: str,
        token: str,
        language: str,
    ) -> None:
        """`client`: its address. `conversation`: the one that it shows, which need not be stored yet.

        `token`: of the citizen's sign-in, empty if there is none. `language`: in which the page is written.
        """
        self._app, self._ws, self._client, self._token = app, ws, client, token
        self._conversation = conversation
        self._is_traditional = language == LANGUAGE
        self._idle = timedelta(minutes=app[SETTINGS].portal_idle_minutes)
        # What the page has: ids of the newest message and line of staff, and of messages still without an answer.
        self._newest, self._newest_line = 0, 0
        self._unanswered: set[int] = set()
        # Numbers of the messages that this page sent, and of those whose answer it was not sent since.
        self._own: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._person = NOBODY
        self._wrote_at = -WRITING_EVERY_SECONDS

    async def greet(self, *, ended: bool) -> None:
        """`ended`: the page asked for a conversation that is over."""
        seen = await asyncio.to_thread(view.read_page, self._app[DATABASE], self._conversation)
        self._newest_line = max((line.id for line in seen.lines), default=0)
        await self._send(
            type="hello",
            conversation=self._conversation,
            history=self._history(seen),
            ended=ended,
            earlier=seen.earlier,
        )
        await asyncio.to_thread(view.mark_delivered, self._app[DATABASE], seen.lines)

    def _history(self, seen: view.View) -> list[dict[str, Any]]:
        return [
            {**view.as_asked(each, seen.files), **self._answer_to(each)}
            if isinstance(each, Message)
            else {"staff": view.as_line(each, seen)}
            for each in view.in_order(seen)
        ]

    async def follow(self) -> None:
        """Sends what is new until the page closes or the conversation is over. While the database is away, it waits."""
        with self._app[LIVE].listening(self._conversation) as changed:
            while not self._ws.closed:
                standing, left = await once_there(
                    math.inf, view.standing, self._app[DATABASE], self._conversation, self._idle
                )
                if standing == PageStanding.OVER:
                    await self._send(type="ended")
                    await self._ws.close()
                    return
                await self._tell_news()
                await _wait(changed, left)

    async def follow_person(self) -> None:
        """Tells how far the citizen is on the way to a person, whenever that changes, until the page closes."""
        while not self._ws.closed:
            waits = self._person.stage == Stage.WAITS
            with self._app[LIVE].listening(self._conversation, *([QUEUE] if waits else [])) as changed:
                near = await once_there(math.inf, view.read_person, self._app[DATABASE], self._conversation)
                if near != self._person:
                    self._person = near
                    await self._send(type="person", stage=near.stage, place=near.place, on_duty=near.on_duty)
                    continue
                await changed.wait()
            await asyncio.sleep(PLACE_EVERY_SECONDS if waits else 0)

    async def follow_writing(self) -> None:
        with self._app[LIVE].listening(clerk_writes(self._conversation)) as changed:
            while not self._ws.closed:
                await changed.wait()
                changed.clear()
                await self._send(type="writing")

    async def take(self, frame: str) -> None:
        try:
            act = self._act_for(json.loads(frame))
        except (ValueError, TypeError, RecursionError):
            await self._send(type="error", id=None, error=NOT_UNDERSTOOD)
            return
        # One connection brings many messages, each a request of its own.
        with request_ids.carrying(request_ids.new_id()):
            try:
                await act()
            except Exception:  # the page goes on with its other frames
                logger.exception("a frame of the page was not handled")
                await self._send(type="error", id=None, error=FAILED)

    def _act_for(self, said: Any) -> Callable[[], Awaitable[None]]:
        match said:
            case {"type": "say", "id": number, "text": text}:
                return partial(self._say, _number(number), text)
            case {"type": "press", "id": number, "button": button}:
                return partial(self._press, _number(number), button)
            case {"type": "shown", "id": number}:
                return partial(self._forget, _number(number))
            case {"type": "rate", "case": case, "stars": stars}:
                return partial(self._rate, _number(case), Stars(stars), str(said.get("why", "")))
            case {"type": "call_back", "line": line, "answer": str(answer)}:
                return partial(self._call_back, row_id(line), CallBackAnswer(answer))
            case {"type": "grade", "id": number, "stars": int(stars)}:
                return partial(self._grade, _number(number), stars)
            case {"type": "earlier", "before": before}:
                return partial(self._tell_earlier, row_id(before))
            case {"type": "writing"}:
                return self._tell_of_writing
            case {"type": "leave"}:
                return self._leave
            case {"type": "forget"}:
                return partial(self._forget_all, is_sure=said.get("sure") is True)
        raise ValueError("none of the frames that a page may send")

    def leave_off(self) -> None:
        """Called when the page is gone. Its questions are still answered."""
        for task in self._tasks:
            task.cancel()

    async def _say(self, number: str, text: Any) -> None:
        answer, sender = self._app[CHAT].answer, self._sender(number)
        await self._ask(number, lambda: self._linked(answer(self._conversation, "portal", text, sender)))

    async def _press(self, number: str, button: Any) -> None:
        press, sender = self._app[CHAT].press, self._sender(number)
        await self._ask(number, lambda: self._linked(press(self._conversation, "portal", button, sender)))

    async def _linked(self, answering: Awaitable[Answered]) -> Answered:
        """What was filed becomes a matter of the citizen, if one is signed in."""
        answered = await answering
        if self._token and (filed := filed_in(answered.messages)):
            await asyncio.to_thread(self._app[DATABASE].run, link, self._token, filed, utcnow())
        return answered

    def _sender(self, number: str) -> Sender:
        return Sender(self._client, number, on_place=partial(self._tell_place, number), on_held=self._tell_held)

    async def _tell_place(self, number: str, place: int) -> None:
        await self._send(type="waiting", id=number, place=place)

    async def _tell_held(self, messages: list[dict[str, Any]]) -> None:
        """Sent as a notice, since the answer is still to come."""
        at = f"{utcnow().astimezone(CHINA):%m-%d %H:%M}"
        await self._send(type="staff", lines=[{"at": at, "by": "", "text": each["text"]} for each in messages])

    async def _forget(self, number: str) -> None:
        self._app[UNDER_WAY].forget((self._conversation, number))

    async def _rate(self, number: str, stars: Stars, why: str) -> None:
        why = storable(why)[:MAX_TEXT_CHARACTERS]
        try:
            asks = await asyncio.to_thread(
                view.store_rating, self._app[DATABASE], self._conversation, number, stars, why
            )
        except NotYourCase:
            await self._send(type="error", id=None, error="没有找到要评价的答复")
        except CaseActionRefused:
            await self._send(type="error", id=None, error="这次答复已经评价过了，或者还不能评价")
        else:
            await self._send(type="rated", case=number, stars=stars, asks_why=asks)
            await self._app[LIVE].changed(self._conversation, QUEUE)

    async def _call_back(self, line: int, answer: CallBackAnswer) -> None:
        try:
            is_reopened = await asyncio.to_thread(
                view.store_call_back, self._app[DATABASE], self._conversation, line, answer
            )
        except (NotAskedHere, CaseActionRefused):
            await self._send(type="error", id=None, error="这次回访已经回答过了")
        else:
            await self._send(type="called_back", line=line, text=wording.called_back(is_reopened=is_reopened))
            await self._app[LIVE].changed(self._conversation, QUEUE)

    async def _grade(self, number: str, stars: int) -> None:
        try:
            await asyncio.to_thread(view.store_grade, self._app[DATABASE], self._conversation, number, stars)
        except (GradeRefused, ValueError):
            await self._send(type="error", id=None, error="这个回答已经评价过了，或者不能评价")
        else:
            await self._send(type="graded", id=number, stars=stars)

    async def _tell_earlier(self, before: int) -> None:
        seen = await asyncio.to_thread(view.read_page, self._app[DATABASE], self._conversation, before)
        await self._send(type="earlier", history=self._history(seen), earlier=seen.earlier)
        await asyncio.to_thread(view.mark_delivered, self._app[DATABASE], seen.lines)

    async def _tell_of_writing(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._person.stage == Stage.TALKS and now - self._wrote_at >= WRITING_EVERY_SECONDS:
            self._wrote_at = now
            await self._app[LIVE].changed(citizen_writes(self._conversation))

    async def _leave(self) -> None:
        await asyncio.to_thread(view.end, self._app[DATABASE], self._conversation)
        await self._app[LIVE].changed(self._conversation)

    async def _forget_all(self, *, is_sure: bool) -> None:
        await self._send(**await answer_forget(self._app, self._conversation, is_sure=is_sure))

    async def _ask(self, number: str, answer: Callable[[], Awaitable[Answered]]) -> None:
        """Starts answering. `follow` sends the answer, here and on every other page of the conversation."""
        self._own.add(number)
        self._again.add(number)
        await self._send(type="typing", id=number)
        asked = self._app[UNDER_WAY].start((self._conversation, number), answer)
        task = asyncio.create_task(self._tell_if_refused(number, asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_if_refused(self, number: str, asked: asyncio.Task[Answered]) -> None:
        try:
            await asyncio.shield(asked)
        except BadMessage as error:
            await self._send(type="error", id=number, error=str(error))
        except TooManyMessages as error:
            await self._send(type="error", id=number, error=str(error))
        except Exception:
            logger.exception("a question of the page was not answered")
            await self._send(type="error", id=number, error=FAILED)

    async def _tell_news(self) -> None:
        news = await once_there(
            math.inf,
            view.read_news,
            self._app[DATABASE],
            self._conversation,
            after=self._newest,
            also=frozenset(self._unanswered),
            again=frozenset(self._again),
            line=self._newest_line,
        )
        for message in news.messages:
            await self._tell(message, news.files)
        if news.lines:
            await self._send(type="staff", lines=[view.as_line(line, news) for line in news.lines])
            self._newest_line = news.lines[-1].id
            await once_there(math.inf, view.mark_delivered, self._app[DATABASE], news.lines)

    async def _tell(self, message: Message, files: Sequence[TalkFile]) -> None:
        number = view.number_of(message)
        if message.id > self._newest and number not in self._own:
            await self._send(type="said", **view.as_asked(message, files))
        answer = self._answer_to(message)
        if "messages" in answer:
            self._again.discard(number)
            await self._send(type="answer", id=number, **answer)

    def _answer_to(self, message: Message) -> dict[str, Any]:
        """`messages`, and `once` if they hold a query code that no later page gets; empty while there is no answer."""
        self._newest = max(self._newest, message.id)
        question = self._conversation, view.number_of(message)
        if message.outcome is None or self._app[UNDER_WAY].holds(question):
            self._unanswered.add(message.id)
            return {}
        self._unanswered.discard(message.id)
        whole = self._app[UNDER_WAY].whole_answer(question)
        if whole is None or whole == message.replies:
            self._app[UNDER_WAY].forget(question)
            return view.as_answered(message, message.replies)
        return {**view.as_answered(message, whole), "once": True}

    async def _send(self, **frame: Any) -> None:
        """A frame that cannot be sent is dropped; the page asks for the news when it is back."""
        try:
            await self._ws.send_json(in_traditional(frame) if self._is_traditional else frame)
        except ConnectionError:
            logger.debug("the page is gone")


def _number(given: object) -> str:
    """The page's own number of a message."""
    return storable(str(given))[: view.LONGEST_NUMBER]


async def _wait(changed: asyncio.Event, longest: timedelta) -> None:
    try:
        await asyncio.wait_for(changed.wait(), longest.total_seconds())
    except TimeoutError:
        return
    changed.clear()
