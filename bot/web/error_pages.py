"""Middleware: tells browsers what went wrong as a page in Chinese with ways on. Programs get JSON (`errors`)."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.web.elder import view_of
from bot.web.errors import Handler
from bot.web.keys import SETTINGS, TEMPLATES
from bot.web.public_pages import POLICY

logger = logging.getLogger(__name__)

# Addresses for programs, whatever they accept.
_FOR_PROGRAMS = ("/api/", "/static/")
_TITLES = {
    404: ("没有这个页面", "地址可能打错了，或者页面已经挪走。可以从下面的地方找。"),
    405: ("这里不能这样打开", "这个地址不接受这种请求。可以从下面的地方重新进入。"),
    408: ("传得太慢了", "内容没有传完，请检查网络以后再试。"),
    413: ("内容太长了", "内容太长，没有收下，请删短一些再试。"),
    429: ("太快了", "这一分钟里试得太多了，请过一分钟再试。"),
    500: ("系统出了点问题", "请稍后再试；急事请打政务服务热线。"),
}
_OTHER = ("没有看懂这个请求", "请从下面的地方重新进入。")


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not _wants_page(request):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _page(request, error.status)
    except Exception:
        logger.exception("%s %s failed", request.method, request.rel_url.path)
        return _page(request, 500)


def _wants_page(request: web.Request) -> bool:
    """Whether a browser opens the address: only browsers and crawlers ask for HTML by name."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(_FOR_PROGRAMS)


def _page(request: web.Request, status: int) -> web.Response:
    """Reads no database, which may be what went wrong."""
    title, words = _TITLES.get(status, _TITLES[500] if status >= 500 else _OTHER)
    template = request.app[TEMPLATES].get_template("site/error.html")
    html = template.render(city=None, **view_of(request), site=request.app[SETTINGS].site, title=title, words=words)
    headers = {"Content-Security-Policy": POLICY}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)
