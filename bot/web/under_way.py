"""Questions of the chat page that are being answered, whether or not a page still waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.web.chat import Answered
from bot.web.live import Live

logger = logging.getLogger(__name__)

# How long the answer as it was given is kept for a page to show it.
KEPT_SECONDS = 600

Question = tuple[str, str]
"""Id of the conversation, and the page's own number of the question."""


class UnderWay:
    """Keeps one task for each question, and the answer as it was given until a page has shown it.

    The stored answer lacks the query code of a request just filed. The answer with the code is kept here, in memory
    only, to be shown once.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._tasks: dict[Question, asyncio.Task[Answered]] = {}
        self._whole: dict[Question, list[dict[str, Any]]] = {}

    def start(self, question: Question, answer: Callable[[], Awaitable[Answered]]) -> asyncio.Task[Answered]:
        """The task that answers this question, running already or new. Await it with `asyncio.shield`."""
        if question not in self._tasks:
            task = self._tasks[question] = asyncio.create_task(self._answer(question, answer))
            task.add_done_callback(_mark_as_seen)
        return self._tasks[question]

    def holds(self, question: Question) -> bool:
        return question in self._tasks

    def whole_answer(self, question: Question) -> list[dict[str, Any]] | None:
        """The messages as they were given, if this process gave them and no page has shown them yet."""
        return self._whole.get(question)

    def forget(self, question: Question) -> None:
        self._whole.pop(question, None)

    async def settle(self, within_seconds: float) -> None:
        """Waits until the questions that are being answered now are, but no longer than that."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_seconds)

    async def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def _answer(self, question: Question, answer: Callable[[], Awaitable[Answered]]) -> Answered:
        try:
            answered = await answer()
            self._whole.setdefault(question, answered.messages)
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self.forget, question)
            return answered
        finally:
            self._tasks.pop(question)
            await self._live.changed(question[0])


UNDER_WAY = web.AppKey("under_way", UnderWay)


def _mark_as_seen(task: asyncio.Task[Answered]) -> None:
    """Reads the exception, so that asyncio does not log it if no page waits for the answer any more."""
    if not task.cancelled():
        task.exception()
