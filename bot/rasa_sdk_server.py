"""The action server as this project runs it: Rasa's SDK, with logs that do not quote people and name the request.

`python -m bot.rasa_sdk_server` takes the arguments of `python -m rasa_sdk`.
"""

from __future__ import annotations

import threading
from typing import Any

import pluggy
import rasa_sdk.utils
from rasa_sdk.__main__ import main
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic
from sanic.request import Request
from sqlalchemy.orm import configure_mappers

from actions.turn import database
from bot import log_lines, private_files, request_ids, tracing, workdays
from bot.answering.renewal import Renewal, build_apart, follow
from bot.migrations import metadata
from bot.search.kept import leave_building_to_others
from bot.settings import Settings


class RequestIds:
    """A plugin of Rasa's SDK: log lines carry the id that the engine has sent along, and spans belong to its trace."""

    @pluggy.HookimplMarker("rasa_sdk")
    def attach_sanic_app_extensions(self, app: Sanic[Any, Any]) -> None:
        app.on_request(_take_over)


async def _take_over(request: Request) -> None:
    tracing.take_over(request.headers)
    request_ids.take_over(request_ids.given(request.headers.get(request_ids.HEADER)))


def serve_in_this_process(primary: Sanic[Any, Any], **_: object) -> None:
    """Takes the place of `Sanic.serve`, which starts two more processes: one that answers, and one that holds what the
    processes share. Each would load all of the program again, and this one would only watch them, as the supervisor
    does."""
    Sanic.serve_single(primary)


def serve() -> None:
    settings = Settings.from_environment()
    private_files.keep_private()
    log_lines.install("actions")
    rasa_sdk.utils.configure_colored_logging = lambda _: None
    plugin_manager().register(RequestIds())
    workdays.follow(settings.holidays_path)
    tracing.install("actions", settings.otlp_endpoint)
    # All classes of tables first. A thread that queries while another imports such a class can break SQLAlchemy's
    # mappers, and then every query of this process fails.
    metadata()
    configure_mappers()
    # The indexes are loaded before the first citizen asks, and no later question waits for a newer one.
    leave_building_to_others()
    renewal = Renewal(database(), settings, build_apart)
    threading.Thread(target=follow, args=(renewal.look, threading.Event()), name="indexes", daemon=True).start()
    Sanic.serve = serve_in_this_process  # type: ignore[method-assign, assignment]
    main()


if __name__ == "__main__":
    serve()
