"""Who is at the other end, and a watch over whether that can be told at all."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aiohttp import web

from bot.web.errors import Handler
from bot.web.keys import PROXY_WATCH, SETTINGS

logger = logging.getLogger(__name__)

_SAYS_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
# Whoever runs the machine asks for these without a proxy.
_OWN_PATHS = ("/healthz", "/readyz", "/metrics")


@dataclass
class ProxyWatch:
    """What was seen since this process began. `unexpected`: a proxy that no setting tells of; `missing`: too few."""

    unexpected: bool = False
    missing: bool = False

    @property
    def alarms(self) -> list[str]:
        """In Chinese, for administrators."""
        told = []
        if self.unexpected:
            told.append(
                "收到带 X-Forwarded-For 的请求，可是 PROXY_COUNT 是 0：前面如果有反向代理，现在所有人都算成同一个地址，"
                "一个人刷屏就会让大家都被限速。请把 PROXY_COUNT 设成代理的层数再重启。"
            )
        if self.missing:
            told.append(
                "PROXY_COUNT 说前面有反向代理，可是收到的请求没有带够 X-Forwarded-For：可能有人绕过代理直接连进来，"
                "或者代理没有把对方的地址传过来。请检查代理的设置。"
            )
        return told


def client_of(request: web.Request) -> str:
    """The client's address: the socket's, or behind PROXY_COUNT proxies of ours the one that the outermost saw."""
    proxies = request.app[SETTINGS].proxy_count
    forwarded = _forwarded(request)
    return forwarded[-proxies] if proxies and len(forwarded) >= proxies else request.remote or "unknown"


@web.middleware
async def watch_proxies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Warns, once each, when what comes is not what PROXY_COUNT says: then many count as one, or one as many."""
    watch, proxies = request.app[PROXY_WATCH], request.app[SETTINGS].proxy_count
    if request.path not in _OWN_PATHS:
        if not proxies and not watch.unexpected and any(name in request.headers for name in _SAYS_FORWARDED):
            watch.unexpected = True
            logger.warning("X-Forwarded-For arrives though PROXY_COUNT is 0: behind a proxy everybody is one client")
        if proxies and not watch.missing and len(_forwarded(request)) < proxies:
            watch.missing = True
            logger.warning("PROXY_COUNT is %d but X-Forwarded-For tells of fewer: who comes cannot be told", proxies)
    return await handler(request)


def _forwarded(request: web.Request) -> list[str]:
    parts = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    return [part.strip() for part in parts if part.strip()]
