"""Adds the console to the application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from bot.web.console import (
    account,
    answer_files,
    assessment,
    audit,
    bulk,
    canned,
    case,
    case_entry,
    case_files,
    catalogue,
    catalogue_import,
    complaints,
    contests,
    conversations,
    corrections,
    desk_news,
    disclosure_intake,
    disclosure_mending,
    disclosure_report,
    disclosures,
    documents,
    exports,
    figures,
    gaps,
    helpline,
    home,
    interviews,
    laws,
    lessons,
    list_changes,
    live,
    notices,
    oidc,
    orders,
    proposals,
    proposed_changes,
    publish,
    publishing,
    queue,
    referrals,
    sign_in,
    staff,
    status,
    suggestions,
    switches,
    teaching,
    unsent,
    why,
    work_orders,
    yearly_reports,
)
from bot.web.console import engine_models as models
from bot.web.console.pages import ago, in_china
from bot.web.keys import CONSOLE_THREADS, SETTINGS, SIGN_IN_LIMITER, TEMPLATES
from bot.web.rates import rate_limiter
from bot.web.renewed import Renewed

_MOST_THREADS = 16


def add_console(app: web.Application) -> None:
    """Adds routes, template filters and the rate limit of sign-ins. `console_frame` must be a middleware of `app`."""
    app.cleanup_ctx.append(_open_threads)
    app.cleanup_ctx.append(exports.unwritten)
    app[status.INSTALLATION] = Renewed(status.KEPT_SECONDS)
    app[SIGN_IN_LIMITER] = rate_limiter(app[SETTINGS])
    app[TEMPLATES].filters["in_china"] = in_china
    app[TEMPLATES].filters["ago"] = ago
    parts = (
        # `case_entry` before `case`: `/cases/{number}` would match its path too.
        *(sign_in, home, queue, bulk, desk_news, case_entry, case, case_files, work_orders),
        *(unsent, suggestions, publish, canned, live),
        *(why, conversations, teaching, lessons, models, gaps),
        # The first two must be registered before `disclosures`: `/disclosures/{receipt}` would match their paths too.
        *(disclosure_intake, disclosure_report, disclosures, disclosure_mending),
        *(contests, yearly_reports, complaints, orders, assessment),
        # Likewise, `/catalogue/{code}` comes after the path of the import.
        *(notices, answer_files, catalogue_import, catalogue, documents, laws),
        # Likewise, `/changes/{change_id}` comes after the path of the upload.
        *(list_changes, proposed_changes, referrals),
        # Likewise, `/publishing/{information_id}` comes last.
        *(corrections, proposals, publishing),
        *(interviews,),
        *(figures, switches, status, helpline, account, staff, audit),
    )
    for part in parts:
        app.add_routes(part.routes)
    if app[SETTINGS].oidc is not None:
        app.cleanup_ctx.append(oidc.open_provider)
        app.add_routes(oidc.routes)


async def _open_threads(app: web.Application) -> AsyncIterator[None]:
    with ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="console") as threads:
        app[CONSOLE_THREADS] = threads
        yield
