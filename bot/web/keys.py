"""The keys under which the application keeps what is opened once."""

from __future__ import annotations

import jinja2
from aiohttp import web

from bot.db import Database
from bot.settings import Settings
from bot.web.chat import Chat
from bot.web.engine_client import EngineClient

SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", jinja2.Environment)
DATABASE = web.AppKey("database", Database)
ENGINE = web.AppKey("engine", EngineClient)
CHAT = web.AppKey("chat", Chat)
