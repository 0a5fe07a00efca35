"""Adds the console to the application."""

from __future__ import annotations

from aiohttp import web
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.web.console import account, audit, canned, case, figures, home, live, publish, queue, sign_in, staff, switches
from bot.web.console.pages import in_china
from bot.web.keys import SETTINGS, SIGN_IN_LIMITER, TEMPLATES


def add_console(app: web.Application) -> None:
    """Routes, what templates call, the rate of sign-ins. `console_frame` must be among the middlewares."""
    redis_url = app[SETTINGS].redis_url
    app[SIGN_IN_LIMITER] = MovingWindowRateLimiter(RedisStorage(f"async+{redis_url}") if redis_url else MemoryStorage())
    app[TEMPLATES].filters["in_china"] = in_china
    app[live.STREAMS] = set()
    app.on_shutdown.append(live.end_streams)
    for part in (sign_in, home, queue, case, publish, canned, live, figures, switches, account, staff, audit):
        app.add_routes(part.routes)
