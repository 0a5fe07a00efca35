"""How a citizen reads all pages: 适老版 (larger type, fewer choices, a person first), 简体 or 繁體. Kept in cookies."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from yarl import URL

from bot.web.characters import COOKIE, TRADITIONAL, is_traditional

routes = web.RouteTableDef()

VIEW_COOKIE, ELDER = "view", "elder"
_YEAR = 365 * 24 * 3600


@routes.get("/view")
async def change_view(request: web.Request) -> web.Response:
    """`elder=1` or 0, `characters=hant` or nothing, and back to the page `to`; 适老版 a script may set by itself."""
    chosen, asked = web.HTTPSeeOther(_page_of_ours(request.query.get("to", ""))), request.query
    if "elder" in asked:
        chosen.set_cookie(VIEW_COOKIE, ELDER if asked["elder"] == "1" else "", max_age=_YEAR, samesite="Lax")
    if COOKIE in asked:
        value = TRADITIONAL if asked[COOKIE] == TRADITIONAL else ""
        chosen.set_cookie(COOKIE, value, max_age=_YEAR, samesite="Lax")
    raise chosen


def is_elder(request: web.Request) -> bool:
    """Whether the citizen chose 适老版."""
    return request.cookies.get(VIEW_COOKIE) == ELDER


def view_of(request: web.Request) -> dict[str, Any]:
    """What the templates of all pages for citizens need to draw the view, and the links to the other ones."""
    here = str(request.rel_url.without_query_params(COOKIE)) if request.method == "GET" else "/"
    elder, traditional = is_elder(request), is_traditional(request)
    return {
        "path": request.path,
        "is_elder": elder,
        "other_view": _link(here, elder=str(int(not elder))),
        "is_traditional": traditional,
        "other_characters": _link(here, **{COOKIE: "" if traditional else TRADITIONAL}),
    }


def _link(here: str, **chosen: str) -> str:
    return str(URL("/view").with_query(**chosen, to=here))


def _page_of_ours(to: str) -> URL:
    """The page, if it is one of this site; otherwise the first."""
    try:
        url = URL(to)
    except ValueError:
        return URL("/")
    is_ours = to.startswith("/") and not to.startswith(("//", "/\\")) and not url.absolute
    return url if is_ours else URL("/")
