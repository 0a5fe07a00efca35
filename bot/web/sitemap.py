"""`/sitemap.xml` and `/robots.txt`: what search engines may read."""

from __future__ import annotations

from datetime import date

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.service import recorded_days
from bot.documents.directory import document_directory
from bot.interviews.service import all_interviews
from bot.voices.public import listed_letters
from bot.web.keys import TEMPLATES
from bot.web.public_pages import lasting, site_address, transact

routes = web.RouteTableDef()

# The protocol allows so many addresses in one file.
_MOST = 50_000
_ENTRANCES = ("/", "/items", "/departments", "/offices", "/documents", "/voices", "/interviews", "/disclosure",
              "/disclosure/guide", "/disclosure/directory", "/disclosure/organs", "/disclosure/reports",
              "/privacy")  # fmt: skip
# Where people do things, and what is for programs. Searches are left out too: each would be a page of its own.
_CLOSED = ("/console", "/api/", "/answers", "/ws", "/disclosure/correct", "/disclosure/complain", "/voices/mine",
           "/interviews/mine", "/*?")  # fmt: skip


@routes.get("/sitemap.xml")
async def sitemap(request: web.Request) -> web.Response:
    addresses = await transact(request, _addresses)
    template = request.app[TEMPLATES].get_template("site/sitemap.xml")
    text = template.render(site=site_address(request), addresses=addresses[:_MOST])
    return lasting(request, web.Response(text=text, content_type="application/xml"))


@routes.get("/robots.txt")
async def robots(request: web.Request) -> web.Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED)]
    return lasting(
        request, web.Response(text="\n".join([*lines, "", f"Sitemap: {site_address(request)}/sitemap.xml", ""]))
    )


def _addresses(session: Session) -> list[tuple[str, date | None]]:
    """Path → the day on which the page changed last, if it is known."""
    items, joints = recorded_days(session)
    return [
        *((path, None) for path in _ENTRANCES),
        *((f"/items/{code}", day) for code, day in items.items()),
        *((f"/joint/{code}", day) for code, day in joints.items()),
        *((f"/departments/{one.code}", None) for one in all_departments(session)),
        *((f"/documents/{one.id}", one.imported_at.date()) for one in document_directory(session).documents.entries),
        *((f"/voices/{one.id}", one.published_at.date()) for one in listed_letters(session)),
        *((f"/interviews/{one.id}", None) for one in all_interviews(session)),
    ]
