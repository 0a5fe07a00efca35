"""Asks the engine, over Rasa's REST channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot import request_ids, tracing

# Long, because a question asked again while the engine still works on it doubles the work.
ANSWER_WITHIN = aiohttp.ClientTimeout(total=60, connect=3)
ALIVE_WITHIN = aiohttp.ClientTimeout(total=2)


class EngineUnavailable(Exception):
    """The engine did not answer, or answered wrongly; the message says how, and quotes no citizen."""


@dataclass(frozen=True)
class EngineAnswer:
    """`seconds`: where the time went, by the engine's own account: `engine` in all, `actions` of these in actions."""

    messages: list[dict[str, Any]]
    seconds: dict[str, float] = field(default_factory=dict)


class EngineClient:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, sender: str, text: str, metadata: dict[str, str]) -> EngineAnswer:
        """Raises `EngineUnavailable`."""
        body = {"sender": sender, "message": text, "metadata": metadata}
        try:
            async with self._session.post(
                f"{self._url}/webhooks/rest/webhook",
                json=body,
                headers={**request_ids.as_headers(), **tracing.as_headers()},
                timeout=ANSWER_WITHIN,
            ) as response:
                if response.status != 200:
                    raise EngineUnavailable(f"status {response.status}")
                messages: list[dict[str, Any]] = await response.json()
                seconds = _seconds(response.headers.get("Server-Timing", ""))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise EngineUnavailable(type(error).__name__) from error
        if not messages:
            raise EngineUnavailable("no answer")
        return EngineAnswer(messages, seconds)

    async def is_alive(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/", timeout=ALIVE_WITHIN) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


def _seconds(server_timing: str) -> dict[str, float]:
    """Name → seconds, of `engine;dur=41.5, actions;dur=12` (W3C Server Timing, in milliseconds)."""
    return {name: float(spent) / 1000 for name, spent in re.findall(r"(\w+);dur=(\d+(?:\.\d+)?)", server_timing)}
