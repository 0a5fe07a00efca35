"""`/healthz`: this process lives. `/readyz`: a question would be answered."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True)
class Parts:
    """Whether each part answers now. `encoder`: `up`, `down` or `off`."""

    database: bool
    engine: bool
    actions: bool
    encoder: str

    @property
    def are_ready(self) -> bool:
        """Whether a question would be answered; without the encoder too, only a little worse."""
        return self.database and self.engine and self.actions


async def parts_now(app: web.Application) -> Parts:
    settings = app[SETTINGS]
    database, engine, actions, encoder = await asyncio.gather(
        asyncio.to_thread(_database_answers, app[DATABASE]),
        app[ENGINE].is_alive(),
        answers(f"http://127.0.0.1:{settings.actions_port}/health"),
        encoder_state(settings),
    )
    return Parts(database, engine, actions, encoder)


@routes.get("/readyz")
async def readyz(request: web.Request) -> web.Response:
    """200 when database, engine and actions all answer, else 503; either way says which.

    `warnings`: what an operator should look at though questions are answered.
    """
    parts = await parts_now(request.app)
    told = {
        "status": "ready" if parts.are_ready else "not ready",
        **asdict(parts),
        "warnings": request.app[PROXY_WATCH].alarms,
    }
    status = 200 if parts.are_ready else 503
    return web.json_response(told, status=status, dumps=partial(json.dumps, ensure_ascii=False))


def _database_answers(database: Database) -> bool:
    try:
        with database.transaction() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        logger.exception("the database does not answer")
        return False
    return True
