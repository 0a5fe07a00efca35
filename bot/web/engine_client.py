"""Asks the engine, over Rasa's REST channel."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot import request_ids

# Long, because a question asked again while the engine still works on it doubles the work.
ANSWER_WITHIN = aiohttp.ClientTimeout(total=60, connect=3)
ALIVE_WITHIN = aiohttp.ClientTimeout(total=2)


class EngineUnavailable(Exception):
    """The engine did not answer, or answered wrongly; the message says how, and quotes no citizen."""


class EngineClient:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, sender: str, text: str, metadata: dict[str, str]) -> list[dict[str, Any]]:
        """The engine's messages. Raises `EngineUnavailable`."""
        body = {"sender": sender, "message": text, "metadata": metadata}
        try:
            async with self._session.post(
                f"{self._url}/webhooks/rest/webhook",
                json=body,
                headers=request_ids.as_headers(),
                timeout=ANSWER_WITHIN,
            ) as response:
                if response.status != 200:
                    raise EngineUnavailable(f"status {response.status}")
                messages: list[dict[str, Any]] = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise EngineUnavailable(type(error).__name__) from error
        if not messages:
            raise EngineUnavailable("no answer")
        return messages

    async def is_alive(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/", timeout=ALIVE_WITHIN) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False
