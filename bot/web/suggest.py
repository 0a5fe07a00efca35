"""`GET /api/suggest?q=`: what is proposed while a citizen types. It keeps and logs nothing of what is typed."""

from __future__ import annotations

import asyncio

from aiohttp import web
from limits import RateLimitItem, parse

from bot.answering.suggestions import LONGEST_QUERY, Proposed, suggestions
from bot.search.type_ahead import TypeAhead
from bot.web.api import json_answer
from bot.web.clients import client_of, network_of
from bot.web.keys import DATABASE
from bot.web.rates import Rates
from bot.web.renewed import Renewed

routes = web.RouteTableDef()

MOST = 8
KEPT_SECONDS = 300
# A browser asks once a pause in typing; a whole office may share one address.
PER_CLIENT: RateLimitItem = parse("300/10 seconds")
INDEX = web.AppKey("suggestions", Renewed[TypeAhead[Proposed]])
LIMITER = web.AppKey("suggest_limiter", Rates)


@routes.get("/api/suggest")
async def suggest(request: web.Request) -> web.Response:
    if not await request.app[LIMITER].hit(PER_CLIENT, "suggest", network_of(client_of(request))):
        return json_answer({"error": "问得太快了，请稍等再试"}, 429)
    index = await request.app[INDEX].get(lambda: _read(request.app))
    found = await asyncio.to_thread(index.find, request.query.get("q", "")[:LONGEST_QUERY], MOST)
    told = [{"title": one.title, "kind": one.kind, "say": one.say} for one in found]
    # In the browser alone: what one types is nobody else's.
    return json_answer({"suggestions": told}, headers={"Cache-Control": "private, max-age=300"})


def _read(app: web.Application) -> TypeAhead[Proposed]:
    with app[DATABASE].transaction() as session:
        return suggestions(session)
