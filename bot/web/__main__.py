"""`python -m bot.web`: serves the application at WEB_HOST on PORT."""

from __future__ import annotations

import threading
from functools import partial

import uvloop
from aiohttp import web

from bot import log_lines, private_files, tracing, workdays
from bot.answering.renewal import follow, use_newest
from bot.db import Database
from bot.search.kept import leave_building_to_others
from bot.settings import Settings
from bot.web.app import make_app

# For requests under way at the end, after pages were sent away; then they are cancelled.
FINISH_WITHIN_SECONDS = 10.0


def main() -> None:
    private_files.keep_private()
    log_lines.install("web")
    settings = Settings.from_environment()
    tracing.install("web", settings.otlp_endpoint)
    workdays.follow(settings.holidays_path)
    leave_building_to_others()
    renewal = partial(use_newest, Database(settings.database_url, gives_up=True))
    threading.Thread(target=follow, args=(renewal, threading.Event()), name="indexes", daemon=True).start()
    # The access log would hold addresses, and URLs with receipts; the proxy in front keeps its own log.
    web.run_app(
        make_app(settings),
        host=settings.web_host,
        port=settings.port,
        shutdown_timeout=FINISH_WITHIN_SECONDS,
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    main()
