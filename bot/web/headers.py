"""The headers that every answer carries: pages, errors, redirects, files alike."""

from __future__ import annotations

from aiohttp import hdrs, web

from bot.web.clients import came_by_https
from bot.web.errors import Handler

# The console has a stricter policy of its own.
_DEFAULTS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    # Tells other sites nothing. With `no-referrer` browsers would send our own forms with `Origin: null`, which
    # `comes_from_elsewhere` must refuse.
    "Referrer-Policy": "same-origin",
}
_PUBLIC = "/static/"
_DISCLOSURE = ("", "/guide", "/directory", "/organs", "/places", "/gazettes", "/reports")
_WITHOUT_SECRETS = frozenset({"/", "/window", "/window.js", *(f"/disclosure{page}" for page in _DISCLOSURE)})
# Requests that a part of a file or "not modified" may answer. aiohttp would put the compressor's bytes behind the 304,
# where a browser reads them as the beginning of the next answer.
_CONDITIONS = (hdrs.IF_NONE_MATCH, hdrs.IF_MODIFIED_SINCE, hdrs.RANGE)
_HSTS = "max-age=31536000"


@web.middleware
async def compressed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compresses what holds no secret: files, the empty chat, lists. Of others, the length may tell one (BREACH)."""
    response = await handler(request)
    if request.path.startswith(_PUBLIC) or request.path in _WITHOUT_SECRETS:
        response.headers["Vary"] = "Accept-Encoding"
        if request.method == hdrs.METH_GET and not any(name in request.headers for name in _CONDITIONS):
            response.enable_compression()
    return response


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """All but static files may hold personal data, so no browser or proxy may store it."""
    for name, value in _DEFAULTS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith(_PUBLIC):
        response.headers.setdefault("Cache-Control", "no-store")
    if came_by_https(request):
        response.headers["Strict-Transport-Security"] = _HSTS
    # An attacker need not learn the versions in use.
    response.headers.popall("Server", None)
