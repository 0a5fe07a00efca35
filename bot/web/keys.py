"""Keys of the application, for objects that are opened once, and keys of a request, for who sends it.

Other objects have their key in the module that defines them, such as `CHAT` and `METRICS`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jinja2
from aiohttp import web

from bot.db import Database
from bot.settings import Settings
from bot.staff.models import SignIn
from bot.web.engine_client import EngineClient
from bot.web.live import Live
from bot.web.rates import Rates

SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", jinja2.Environment)
DATABASE = web.AppKey("database", Database)
# To count from: a copy of the database if the city has one, else the database itself.
FIGURES_DATABASE = web.AppKey("figures_database", Database)
ENGINE = web.AppKey("engine", EngineClient)
LIVE = web.AppKey("live", Live)
CONSOLE_THREADS = web.AppKey("console_threads", ThreadPoolExecutor)
SIGN_IN_LIMITER = web.AppKey("sign_in_limiter", Rates)

# In every request under /console: who is signed in (None before), and the token that proves that a form is ours.
SIGNED_IN: web.RequestKey[SignIn | None] = web.RequestKey("signed_in")
FORM_TOKEN = web.RequestKey("form_token", str)
# How much of each kind the person has to act on now, by the value of `bot.reviews.desk_news.NewsKind`.
DESK_COUNTS: web.RequestKey[dict[str, int]] = web.RequestKey("desk_counts", dict)
