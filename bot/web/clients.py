"""Who sends a request, and whether PROXY_COUNT is right, on which that depends."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.sealing import Sealer
from bot.web.errors import Handler
from bot.web.keys import SETTINGS

logger = logging.getLogger(__name__)

_SAYS_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
# Operators ask for these directly, without the proxy.
_OWN_PATHS = ("/healthz", "/readyz", "/metrics")


@dataclass
class ProxyWatch:
    """What was seen since this process began. `unexpected`: a proxy though PROXY_COUNT is 0; `missing`: too few."""

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


PROXY_WATCH = web.AppKey("proxy_watch", ProxyWatch)


def client_of(request: web.Request) -> str:
    """The client's address: that of the socket, or behind proxies the one that the outermost of ours saw."""
    proxies = request.app[SETTINGS].proxy_count
    forwarded = _forwarded(request)
    return forwarded[-proxies] if proxies and len(forwarded) >= proxies else request.remote or "unknown"


def tries_digest(request: web.Request) -> str:
    """The client as tries at query codes are counted, in the chat too: the digest that the gateway makes, made a digest
    again by the actions."""
    sealer = Sealer.of(request.app[SETTINGS])
    return sealer.digest(sealer.digest(network_of(client_of(request))))


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 /64, since one household changes addresses within it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def comes_from_elsewhere(request: web.Request) -> bool:
    """Whether a page that is neither ours nor of `ALLOWED_ORIGINS` sent this. Only browsers send an Origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        host = ""
    return host.lower() != request.host.lower() and origin.lower() not in request.app[SETTINGS].allowed_origins


def came_through_proxies(request: web.Request) -> bool:
    """Whether all proxies of ours handed it on, so that what the last one says of it can be believed."""
    proxies = request.app[SETTINGS].proxy_count
    return 0 < proxies <= len(_forwarded(request))


def is_on_loopback(request: web.Request) -> bool:
    """Whether a program on this machine asks for itself, and not as a proxy for somebody else."""
    if any(name in request.headers for name in _SAYS_FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def came_by_https(request: web.Request) -> bool:
    """Whether the client used HTTPS, as the outermost of our proxies saw it; without a proxy, as we see it."""
    proxies = request.app[SETTINGS].proxy_count
    said = [part.strip() for part in request.headers.get("X-Forwarded-Proto", "").split(",") if part.strip()]
    if proxies and said:
        # A proxy may add its own value or only pass on the one it got, so there may be fewer values than proxies.
        return said[-min(proxies, len(said))] == "https"
    return request.secure


@web.middleware
async def watch_proxies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Warns once if requests do not fit PROXY_COUNT: then many clients count as one, or one as many."""
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
