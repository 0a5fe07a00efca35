"""Asks the cases of a running engine over its REST channel."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import requests

from bot.evaluation.cases import ConversationCase, MessageCase
from bot.evaluation.scoring import Judged, Reply, conversation_flaw, judge


class Asker:
    """`seconds` keeps how long each message took. `on_answer` is called after each with the number of all until now."""

    def __init__(self, engine_url: str, on_answer: Callable[[int], None] = lambda _: None) -> None:
        self._url = f"{engine_url}/webhooks/rest/webhook"
        self._session = requests.Session()
        self._on_answer = on_answer
        self.seconds: list[float] = []

    def ask(self, sender: str, text: str) -> list[Reply]:
        started = time.perf_counter()
        # A client of its own for each conversation, or five wrong query codes would pause the look-ups of all.
        body: dict[str, Any] = {"sender": sender, "message": text, "metadata": {"client": sender}}
        response = self._session.post(self._url, json=body, timeout=60)
        self.seconds.append(time.perf_counter() - started)
        self._on_answer(len(self.seconds))
        response.raise_for_status()
        replies: list[Reply] = response.json()
        return replies

    def judge_messages(self, cases: Sequence[MessageCase]) -> list[Judged]:
        return [judge(case, self.ask(f"evaluation-{uuid.uuid4()}", case.text)) for case in cases]

    def flaws(self, conversations: Sequence[ConversationCase]) -> dict[str, str]:
        """Name of each conversation that went wrong → where."""
        found = {}
        for conversation in conversations:
            sender = f"evaluation-{uuid.uuid4()}"
            replies = [self.ask(sender, turn.say) for turn in conversation.turns]
            flaw = conversation_flaw(conversation, replies)
            if flaw:
                found[conversation.name] = flaw
        return found
