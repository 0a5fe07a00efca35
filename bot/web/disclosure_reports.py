"""`/disclosure/reports`: the yearly reports on disclosure that were published (条例 art. 49), as pages and as DOCX."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import Any

from aiohttp import web

from bot.oversight import yearly_desk
from bot.oversight.yearly import WHOLE_CITY, WholeReport
from bot.oversight.yearly_parts import parts_of
from bot.oversight.yearly_word import as_word
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment
from bot.web.public_pages import public_page, transact

routes = web.RouteTableDef()

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@routes.get("/disclosure/reports")
async def reports(request: web.Request) -> web.Response:
    found = await transact(request, yearly_desk.published, None)
    years = [(year, list(group)) for year, group in groupby(found, key=lambda one: one.year)]
    return await _page(request, years=years)


@routes.get("/disclosure/reports/{year}")
async def report(request: web.Request) -> web.Response:
    """The report of the city, or of `organ`; where there is none, a list of that year's reports."""
    year = number_in(request.match_info["year"]) or 0
    found = await transact(request, yearly_desk.published, year)
    chosen = _chosen(request, found)
    if chosen is not None:
        return await _page(request, report=chosen, parts=parts_of(chosen))
    said = "" if found else "这一年的报告还没有公布。"
    return await _page(request, 200 if found else 404, years=[(year, found)] if found else [], said=said)


@routes.get("/disclosure/reports/{year}/report.docx")
async def report_file(request: web.Request) -> web.Response:
    found = await transact(request, yearly_desk.published, number_in(request.match_info["year"]) or 0)
    chosen = _chosen(request, found)
    if chosen is None:
        return await _page(request, 404, said="这份报告还没有公布。")
    return attachment(await asyncio.to_thread(as_word, chosen), _DOCX, f"{chosen.title}.docx")


def _chosen(request: web.Request, found: list[WholeReport]) -> WholeReport | None:
    organ = request.query.get("organ", WHOLE_CITY)
    return next((one for one in found if one.organ == organ), None)


async def _page(request: web.Request, status: int = 200, **shown: Any) -> web.Response:
    context = {"years": [], "report": None, "parts": [], "said": "", **shown}
    return await public_page(request, "disclosure/reports.html", status, **context)
