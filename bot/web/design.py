"""`/design`: each component of the chat page in every state, for those who change it. Only a sample city shows it."""

from __future__ import annotations

from aiohttp import web

from bot.catalogue import service as catalogue
from bot.web.portal import POLICY
from bot.web.public_pages import public_page, transact

routes = web.RouteTableDef()

COLOURS = (
    "ink", "soft", "line", "edge", "page", "paper", "brand", "tint", "warn", "warn-tint", "bad", "good",
)  # fmt: skip


@routes.get("/design")
async def components(request: web.Request) -> web.Response:
    if not (await transact(request, catalogue.get_city)).is_sample:
        raise web.HTTPNotFound
    shown = await public_page(request, "design.html", colours=COLOURS)
    shown.headers["Content-Security-Policy"] = POLICY
    return shown
