"""The keys under which the application keeps what is opened once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
from aiohttp import web

from bot.db import Database
from bot.settings import Settings
from bot.web.engine_client import EngineClient

if TYPE_CHECKING:  # these modules import the keys
    from bot.web.chat import Chat
    from bot.web.metrics import Metrics

SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", jinja2.Environment)
DATABASE = web.AppKey("database", Database)
ENGINE = web.AppKey("engine", EngineClient)
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
CHAT: web.AppKey[Chat] = web.AppKey("chat")
