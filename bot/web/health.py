"""`/healthz`: this process lives. `/readyz`: a question would be answered."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.db import Database
from bot.web.clients import PROXY_WATCH
from bot.web.keys import DATABASE, ENGINE, SETTINGS
from bot.web.neighbours import answers, encoder_state

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()


@routes.get("/healthz")
async def healthz(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """200 when database, engine and actions all answer, else 503; either way says which.

    `warnings`: what an operator should look at though questions are answered. The encoder's state is told but makes
    nothing unready, since without it questions are still answered, only a little worse.
    """
    settings = request.app[SETTINGS]
    database, engine, actions, encoder = await asyncio.gather(
        asyncio.to_thread(_database_answers, request.app[DATABASE]),
        request.app[ENGINE].is_alive(),
        answers(f"http://127.0.0.1:{settings.actions_port}/health"),
        encoder_state(settings),
    )
    parts = {"database": database, "engine": engine, "actions": actions}
    ready = all(parts.values())
    told = {
        "status": "ready" if ready else "not ready",
        **parts,
        "encoder": encoder,
        "warnings": request.app[PROXY_WATCH].alarms,
    }
    return web.json_response(told, status=200 if ready else 503, dumps=partial(json.dumps, ensure_ascii=False))


def _database_answers(database: Database) -> bool:
    try:
        with database.transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        logger.exception("the database does not answer")
        return False
    return True
