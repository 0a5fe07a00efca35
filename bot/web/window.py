"""The chat in a window on other sites: the script that they load, and the page in the frame that it opens.

Only the origins of `WINDOW_ORIGINS` may frame the page. Page and script tell each other, by `postMessage` and each
only to the origin that it knows, `{"assistant": …}`:

- script to page: `opened`, `closed`, and `ask` with the `question` to put into the field;
- page to script: `ready`, `unread` with the `count` of answers not seen yet, `close` where Escape was pressed.

Nothing that was said in the conversation reaches the site around.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.web.keys import SETTINGS
from bot.web.portal import POLICY, chat_page

routes = web.RouteTableDef()

_SCRIPT = Path(__file__).parent / "static" / "window.js"
_KEPT_SECONDS = 3600


@routes.get("/window.js")
async def script(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_SCRIPT, headers={"Cache-Control": f"public, max-age={_KEPT_SECONDS}"})


@routes.get("/window")
async def framed_page(request: web.Request) -> web.Response:
    origins = sorted(request.app[SETTINGS].window_origins)
    html = await chat_page(request, framed_by=origins)
    # `frame-ancestors` is the last directive of the policy.
    policy = " ".join([POLICY, *origins])
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})
