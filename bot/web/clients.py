"""Who is at the other end."""

from __future__ import annotations

from aiohttp import web

from bot.web.keys import SETTINGS


def client_of(request: web.Request) -> str:
    """The client's address: the socket's, or behind PROXY_COUNT proxies of ours the one that the outermost saw."""
    proxies = request.app[SETTINGS].proxy_count
    if proxies:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(forwarded) >= proxies:
            return forwarded[-proxies]
    return request.remote or "unknown"
