"""The action server as this project runs it: `python -m bot.rasa_sdk_server --actions actions --port 5055`.

Rasa's SDK finds and runs the actions (`ActionExecutor`); aiohttp carries what the engine asks and is told, as in the
web process. The SDK's own server takes longer for a message, and starts two more processes, of which each loads all of
the program again.
"""

from __future__ import annotations

import argparse
import json
import logging
import threading
from functools import partial

import uvloop
from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException, ActionNotFoundException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers

from actions.turn import database
from bot import log_lines, private_files, request_ids, tracing, workdays
from bot.answering.renewal import Renewal, build_apart, follow
from bot.db import is_away
from bot.search.kept import leave_building_to_others
from bot.settings import Settings
from bot.tables import metadata

logger = logging.getLogger(__name__)

# Far more than is ever sent: the engine sends at most the newest 100 events (`bot/engine/tracker_store.py`).
LARGEST_CALL_BYTES = 16 * 1024 * 1024
FINISH_WITHIN_SECONDS = 10.0

_as_json = partial(json.dumps, ensure_ascii=False)


def make_app(executor: ActionExecutor) -> web.Application:
    """`POST /webhook` with `{"next_action", "tracker", …}` answers `{"events", "responses"}`, as Rasa specifies.

    Errors, with `{"error", "action_name"}`: 400 when the action rejects the message, 404 when there is no such action,
    449 when the domain was left out and is another than before. 400 also when the body is no such object. 503 while the
    database is away.
    `GET /health` answers 200.
    """

    async def webhook(request: web.Request) -> web.Response:
        tracing.take_over(request.headers)
        with request_ids.carrying(request_ids.given(request.headers.get(request_ids.HEADER))):
            try:
                call = await request.json()
            except ValueError:
                call = None
            if not isinstance(call, dict) or not call.get("next_action") or not isinstance(call.get("tracker"), dict):
                return web.json_response({"error": "the body is no call of an action"}, status=400)
            try:
                result = await executor.run(call)
            except ActionExecutionRejection as error:
                return _refusal(400, error)
            except ActionNotFoundException as error:
                logger.error("there is no action %s", error.action_name)
                return _refusal(404, error)
            except ActionMissingDomainException as error:
                return _refusal(449, error)
            except DBAPIError as error:
                if not is_away(error):
                    raise
                logger.error("the database is away: %s", type(error.orig).__name__)
                away = {"error": "the database is away", "action_name": call["next_action"]}
                return web.json_response(away, status=503)
            return web.json_response({"events": result.events, "responses": result.responses}, dumps=_as_json)

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=LARGEST_CALL_BYTES)
    app.add_routes([web.post("/webhook", webhook), web.get("/health", health)])
    return app


def _refusal(
    status: int, error: ActionExecutionRejection | ActionNotFoundException | ActionMissingDomainException
) -> web.Response:
    return web.json_response({"error": error.message, "action_name": error.action_name}, status=status)


def serve(package: str, port: int) -> None:
    settings = Settings.from_environment()
    private_files.keep_private()
    log_lines.install("actions")
    workdays.follow(settings.holidays_path)
    tracing.install("actions", settings.otlp_endpoint)
    # All classes of tables first. A thread that queries while another imports such a class can break SQLAlchemy's
    # mappers, and then every query of this process fails.
    metadata()
    configure_mappers()
    executor = ActionExecutor()
    executor.register_package(package)
    # The indexes are loaded before the first citizen asks, and no later question waits for a newer one.
    leave_building_to_others()
    renewal = Renewal(database(), settings, build_apart)
    threading.Thread(target=follow, args=(renewal.look, threading.Event()), name="indexes", daemon=True).start()
    web.run_app(
        make_app(executor),
        host="127.0.0.1",
        port=port,
        shutdown_timeout=FINISH_WITHIN_SECONDS,
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bot.rasa_sdk_server")
    parser.add_argument("--actions", default="actions", help="the package of the actions")
    parser.add_argument("--port", type=int, default=Settings.from_environment().actions_port)
    options = parser.parse_args()
    serve(options.actions, options.port)
