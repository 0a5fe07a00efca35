"""适老版: larger type, fewer choices, a person first. One setting for all pages for citizens, kept in a cookie."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from yarl import URL

routes = web.RouteTableDef()

VIEW_COOKIE, ELDER = "view", "elder"
_YEAR = 365 * 24 * 3600


@routes.get("/view")
async def change_view(request: web.Request) -> web.Response:
    """适老版 on or off, and back to the page `to`; on the chat page a script may set the cookie itself."""
    chosen = web.HTTPSeeOther(_page_of_ours(request.query.get("to", "")))
    chosen.set_cookie(VIEW_COOKIE, ELDER if request.query.get("elder") == "1" else "", max_age=_YEAR, samesite="Lax")
    raise chosen


def is_elder(request: web.Request) -> bool:
    """Whether the citizen chose 适老版."""
    return request.cookies.get(VIEW_COOKIE) == ELDER


def view_of(request: web.Request) -> dict[str, Any]:
    """What the templates of all pages for citizens need to draw the view and the link to the other one."""
    here = str(request.rel_url) if request.method == "GET" else "/"
    return {"is_elder": is_elder(request), "other_view": _link(here, not is_elder(request))}


def _link(here: str, elder: bool) -> str:
    return str(URL("/view").with_query(elder=int(elder), to=here))


def _page_of_ours(to: str) -> URL:
    """The page, if it is one of this site; otherwise the first."""
    try:
        url = URL(to)
    except ValueError:
        return URL("/")
    is_ours = to.startswith("/") and not to.startswith(("//", "/\\")) and not url.absolute
    return url if is_ours else URL("/")
