"""The aiohttp application that is open to the public: page, WebSocket, API, health, review console."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import jinja2
from aiohttp import web

from bot.db import Database
from bot.settings import Settings
from bot.web import (
    answers,
    api,
    characters,
    citizens,
    complaints,
    departments,
    design,
    disclosure,
    disclosure_reports,
    disclosure_requests,
    documents,
    documents_api,
    elder,
    error_pages,
    errors,
    health,
    interviews,
    items,
    items_api,
    me,
    metrics,
    own_question,
    own_request,
    own_voice,
    portal,
    privacy,
    public_pages,
    qr,
    sitemap,
    suggest,
    talk,
    talk_files,
    talk_history,
    talk_link,
    voices,
    window,
)
from bot.web.carriers.setup import add_helpline
from bot.web.chat import CHAT, Chat
from bot.web.chores import chores
from bot.web.city_orders import add_city_orders
from bot.web.clients import PROXY_WATCH, ProxyWatch, watch_proxies
from bot.web.console.frame import console_frame
from bot.web.console.setup import add_console
from bot.web.engine_client import EngineClient
from bot.web.event_streams import STREAMS, end_streams
from bot.web.front_page import FRONT_PAGE, KEPT_SECONDS
from bot.web.headers import add_headers, compressed
from bot.web.keys import DATABASE, ENGINE, FIGURES_DATABASE, LIVE, SETTINGS, TEMPLATES
from bot.web.leader import follow_leader
from bot.web.live import Live
from bot.web.metrics import METRICS, Metrics
from bot.web.rates import rate_limiter
from bot.web.renewed import Renewed
from bot.web.request_ids import tell_request_id, with_request_id
from bot.web.under_way import UNDER_WAY, UnderWay

HERE = Path(__file__).parent
MAX_BODY_BYTES = 64 * 1024


def make_app(settings: Settings) -> web.Application:
    app = web.Application(
        middlewares=[
            with_request_id,
            characters.in_chosen_characters,
            errors.json_errors,
            error_pages.error_pages,
            errors.in_time,
            watch_proxies,
            console_frame,
            errors.known_characters,
            compressed,
        ],
        client_max_size=MAX_BODY_BYTES,
    )
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(tell_request_id)
    app[SETTINGS] = settings
    app[METRICS] = Metrics()
    app[PROXY_WATCH] = ProxyWatch()
    app[TEMPLATES] = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    app.cleanup_ctx.append(metrics.count_errors)
    app.cleanup_ctx.append(_open_database)
    app.cleanup_ctx.append(_open_engine)
    app.cleanup_ctx.append(_open_live)
    app.cleanup_ctx.append(_open_chat)
    app.cleanup_ctx.append(follow_leader)
    app.cleanup_ctx.append(chores)
    add_helpline(app)
    add_city_orders(app)
    app[FRONT_PAGE] = Renewed(KEPT_SECONDS)
    app[suggest.INDEX] = Renewed(suggest.KEPT_SECONDS)
    app[suggest.LIMITER] = rate_limiter(settings)
    app[disclosure_requests.LIMITER] = rate_limiter(settings)
    # Without the setting, no page says a word of signing in.
    app[TEMPLATES].globals["citizens_may_sign_in"] = citizens.is_offered(settings)
    app[citizens.LIMITER] = rate_limiter(settings)
    app[talk_files.LIMITER] = rate_limiter(settings)
    app[public_pages.LIMITER] = rate_limiter(settings)
    app[documents_api.LIMITER], app[documents_api.READING] = rate_limiter(settings), asyncio.Lock()
    for part in (
        portal,
        elder,
        characters,
        window,
        design,
        talk,
        talk_files,
        talk_history,
        talk_link,
        suggest,
        qr,
        privacy,
        answers,
        own_request,
        disclosure_reports,
        complaints,
        disclosure_requests,
        disclosure,
        items,
        items_api,
        departments,
        documents,
        own_voice,
        voices,
        own_question,
        interviews,
        sitemap,
        api,
        documents_api,
        health,
        metrics,
    ):
        app.add_routes(part.routes)
    if citizens.is_offered(settings):
        app.cleanup_ctx.append(citizens.open_provider)
        app.add_routes(me.routes)
    app[STREAMS] = set()
    app.on_shutdown.append(end_streams)
    app[portal.PAGES] = set()
    app.on_shutdown.append(portal.send_pages_away)
    app[interviews.WATCHERS] = Counter()
    app[interviews.RECORDS] = {}
    add_console(app)
    app.router.add_static("/static/", HERE / "static")
    return app


async def _open_database(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    app[DATABASE] = app[FIGURES_DATABASE] = Database(settings.database_url, gives_up=True)
    if settings.figures_database_url != settings.database_url:
        app[FIGURES_DATABASE] = Database(settings.figures_database_url)
    yield
    app[DATABASE].close()
    app[FIGURES_DATABASE].close()


async def _open_engine(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[ENGINE] = EngineClient(session, app[SETTINGS].engine_url)
        yield


async def _open_live(app: web.Application) -> AsyncIterator[None]:
    app[LIVE] = Live(app[SETTINGS].redis_url)
    await app[LIVE].start()
    yield
    await app[LIVE].stop()


async def _open_chat(app: web.Application) -> AsyncIterator[None]:
    app[CHAT] = Chat(app[DATABASE], app[ENGINE], app[METRICS], app[SETTINGS], app[LIVE])
    app[UNDER_WAY] = UnderWay(app[LIVE])
    yield
    await app[UNDER_WAY].stop()
