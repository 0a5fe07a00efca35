"""The page that searches the audit log."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.paging import ListPart
from bot.staff import accounts, audit
from bot.staff.audit import ACTION_TITLES
from bot.staff.models import AuditEntry
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import beginning_of, page_number
from bot.web.console.pages import page, transact

routes = web.RouteTableDef()

_FIELDS = ("who", "action", "subject", "since", "until")


@routes.get("/console/audit")
@needs(Permission.SEE_AUDIT)
async def audit_log(request: web.Request) -> web.Response:
    asked = {name: request.query.get(name, "").strip() for name in _FIELDS}
    found, actions, names = await transact(request, _find, asked, page_number(request))
    query = urlencode({name: value for name, value in asked.items() if value})
    titles = {action: ACTION_TITLES.get(action, action) for action in actions}
    return page(request, "audit.html", found=found, asked=asked, titles=titles, query=query, names=names)


def _find(
    session: Session, asked: dict[str, str], number: int
) -> tuple[ListPart[AuditEntry], list[str], dict[str, str]]:
    """The page of entries, the actions that occur, and login → name of those who did them."""
    found = audit.search(
        session,
        who=asked["who"],
        action=asked["action"],
        subject=asked["subject"],
        since=beginning_of(asked["since"]),
        before=beginning_of(asked["until"], days_later=1),
        page=number,
    )
    return found, audit.actions(session), accounts.names_of(session, {entry.who for entry in found.rows})
