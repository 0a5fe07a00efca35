"""Which data of citizens is kept, how long, why and whom to ask (个人信息保护法 art. 17), and requests to delete it.

`GET /privacy` is the page; with `?receipt=` it also tells how far a deletion is. The button for deletion uses the
chat's socket, which knows the conversation (`bot.web.portal`): `{"type": "forget"}` is answered by
`{"type": "forget", "kept": […]}`, and `{"type": "forget", "sure": true}` by `{"type": "forgotten", "receipt", "kept"}`;
if nothing was said yet, both by an `error`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.conversations.models import Conversation
from bot.db import Database, utcnow
from bot.privacy import deletion
from bot.privacy.kinds import KEPT, Kind, days_kept
from bot.privacy.models import Deletion
from bot.web.elder import view_of
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES

routes = web.RouteTableDef()

LONGEST_RECEIPT = 40
DAYS_OF_A_YEAR = 365
# Stricter than for other pages (`bot.web.headers`), but with the form that asks how far a deletion is.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@routes.get("/privacy")
async def page(request: web.Request) -> web.Response:
    receipt = request.query.get("receipt", "").strip()[:LONGEST_RECEIPT]
    city, found = await asyncio.to_thread(_read, request.app[DATABASE], receipt)
    settings = request.app[SETTINGS]
    days = days_kept(settings)
    # Where nobody can sign in, nothing of it is kept.
    kinds = [kind for kind in KEPT if kind != Kind.MATTERS or settings.citizen_oidc is not None]
    html = (
        request.app[TEMPLATES]
        .get_template("privacy.html")
        .render(
            city=city,
            **view_of(request),
            kept=[(KEPT[kind], in_words(days[kind])) for kind in kinds],
            receipt=receipt,
            deletion=found,
            longest=LONGEST_RECEIPT,
        )
    )
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": _POLICY})


async def answer_forget(app: web.Application, conversation_id: str, *, is_sure: bool) -> dict[str, Any]:
    """The frame that answers a `forget` frame of the page."""
    return await asyncio.to_thread(_forget, app[DATABASE], conversation_id, is_sure)


def in_words(days: int) -> str:
    return f"{days // DAYS_OF_A_YEAR} 年" if days % DAYS_OF_A_YEAR == 0 else f"{days} 天"


def _read(database: Database, receipt: str) -> tuple[City, Deletion | None]:
    with database.transaction() as session:
        return catalogue.get_city(session), deletion.get_deletion(session, receipt) if receipt else None


def _forget(database: Database, conversation_id: str, is_sure: bool) -> dict[str, Any]:
    with database.transaction() as session:
        if session.get(Conversation, conversation_id) is None:
            return {"type": "error", "id": None, "error": "这段对话里还没有记录，没有要删的。"}
        if not is_sure:
            return {"type": "forget", "kept": deletion.what_stays(session, conversation_id)}
        asked = deletion.ask(session, conversation_id, utcnow())
        return {"type": "forgotten", "receipt": asked.receipt, "kept": asked.kept}
