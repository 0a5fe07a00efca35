"""The keys under which the application keeps what is opened once, and a request who sends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jinja2
from aiohttp import web

from bot.db import Database
from bot.settings import Settings
from bot.staff.models import SignIn
from bot.web.engine_client import EngineClient
from bot.web.live import Live
from bot.web.rates import Rates

if TYPE_CHECKING:  # these modules import the keys
    from bot.web.chat import Chat
    from bot.web.clients import ProxyWatch
    from bot.web.helpline.helpline import Helpline
    from bot.web.metrics import Metrics
    from bot.web.under_way import UnderWay

SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", jinja2.Environment)
DATABASE = web.AppKey("database", Database)
ENGINE = web.AppKey("engine", EngineClient)
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
CHAT: web.AppKey[Chat] = web.AppKey("chat")
LIVE = web.AppKey("live", Live)
UNDER_WAY: web.AppKey[UnderWay] = web.AppKey("under_way")
HELPLINE: web.AppKey[Helpline] = web.AppKey("helpline")
PROXY_WATCH: web.AppKey[ProxyWatch] = web.AppKey("proxy_watch")
CONSOLE_THREADS = web.AppKey("console_threads", ThreadPoolExecutor)
SIGN_IN_LIMITER = web.AppKey("sign_in_limiter", Rates)

# In every request under /console: who is signed in, None before, and what proves that a form is ours.
SIGNED_IN: web.RequestKey[SignIn | None] = web.RequestKey("signed_in")
FORM_TOKEN = web.RequestKey("form_token", str)
