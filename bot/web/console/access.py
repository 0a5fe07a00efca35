"""Declares who may use a route of the console. Each handler has its declaration right under its path:

@routes.get("/console/queue")
@needs(Permission.SEE_QUEUE)
async def queue(request: web.Request) -> web.Response: ...

A handler without a declaration is refused to everybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.staff.roles import Permission

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Access:
    """`permission` None: everybody who is signed in, or everybody at all if `signed_in` is False."""

    signed_in: bool = True
    permission: Permission | None = None


_declared: dict[object, Access] = {}


def needs(permission: Permission) -> Callable[[Handler], Handler]:
    """Only for staff whose role has the permission."""

    def declare(handler: Handler) -> Handler:
        _declared[handler] = Access(permission=permission)
        return handler

    return declare


def for_all_staff(handler: Handler) -> Handler:
    """For everybody who is signed in."""
    _declared[handler] = Access()
    return handler


def for_everybody(handler: Handler) -> Handler:
    """Also for people who are not signed in."""
    _declared[handler] = Access(signed_in=False)
    return handler


def access_of(handler: object) -> Access | None:
    """None if the handler has no declaration."""
    return _declared.get(handler)
