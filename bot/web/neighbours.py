"""Asks the processes beside this one, such as the encoder, for their state over HTTP."""

from __future__ import annotations

import aiohttp

from bot.answering.encoder.client import HOST, Address
from bot.settings import Settings

WITHIN = aiohttp.ClientTimeout(total=2)


async def answers(url: str) -> bool:
    return await said(url) is not None


async def said(url: str) -> bytes | None:
    """The body of the answer; None without an answer, or if its status is not 200."""
    try:
        async with aiohttp.ClientSession(timeout=WITHIN) as session, session.get(url) as response:
            return await response.read() if response.status == 200 else None
    except (aiohttp.ClientError, TimeoutError):
        return None


async def encoder_state(settings: Settings) -> str:
    """`up`, `down`, or `off` by the settings."""
    if not settings.encoder:
        return "off"
    return "up" if await said_by_encoder(settings, "/healthz") is not None else "down"


async def said_by_encoder(settings: Settings, path: str) -> bytes | None:
    try:
        port = Address.read(settings.encoder_address_path).port
    except (OSError, ValueError, OverflowError):
        return None
    return await said(f"http://{HOST}:{port}{path}")
