"""`GET /qr/{code}.svg`: the address of an item's page, for a telephone's camera. It stands on printed lists."""

from __future__ import annotations

from io import BytesIO

import segno
from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.web.public_pages import site_address, transact

routes = web.RouteTableDef()

_A_DAY = "public, max-age=86400"


@routes.get("/qr/{code}.svg")
async def picture(request: web.Request) -> web.Response:
    path = await transact(request, _path, request.match_info["code"])
    if path is None:
        raise web.HTTPNotFound
    drawn, code = BytesIO(), segno.make(f"{site_address(request)}{path}", error="m")
    code.save(drawn, kind="svg", scale=4, dark="#000", light="#fff", xmldecl=False)
    return web.Response(body=drawn.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": _A_DAY})


def _path(session: Session, code: str) -> str | None:
    """None if there is no such item or joint service."""
    if not catalogue.names_of(session, [code]):
        return None
    return f"/joint/{code}" if catalogue.get_joint_service(session, code) else f"/items/{code}"
