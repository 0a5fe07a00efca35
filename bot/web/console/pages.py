"""Functions that all pages of the console use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import ROLE_TITLES, Permission, Role
from bot.web.console import cookies
from bot.web.console.navigation import entries_for, urgent_entries
from bot.web.console.words import duration
from bot.web.errors import fields_of
from bot.web.keys import CONSOLE_THREADS, DATABASE, DESK_COUNTS, FORM_TOKEN, SIGNED_IN, TEMPLATES
from bot.workdays import CHINA

_WORDS = {
    400: "没有看懂这个请求",
    401: "登录已经结束，请重新登录",
    403: "您的角色不能打开这一页",
    404: "没有这一页，或者已经不在了",
    405: "这个地址不接受这种请求",
    413: "内容太长了",
    429: "试得太快了，请过一分钟再试",
    500: "系统出了点问题，请稍后再试",
}

P = ParamSpec("P")
T = TypeVar("T")


def person_of(request: web.Request) -> Person:
    """The person who is signed in. Only for handlers that are not `for_everybody`."""
    signed_in = request[SIGNED_IN]
    if signed_in is None:
        raise LookupError("nobody is signed in: the route is for everybody")
    return signed_in.person


async def transact(
    request: web.Request, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The result of `work(session, …)`, in a thread and a transaction of its own.

    The console has its own threads: in the shared ones, citizens' messages may all be waiting for the database lock.
    """
    return await in_thread(request, partial(request.app[DATABASE].run, work, *args, **kwargs))


async def in_thread(request: web.Request, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of work that takes a while or has transactions of its own, in a thread of the console."""
    run = partial(work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(request.app[CONSOLE_THREADS], run)


def page(request: web.Request, template: str, status: int = 200, **context: object) -> web.Response:
    """Renders `templates/console/{template}`, with the variables that `base.html` needs."""
    signed_in = request.get(SIGNED_IN)
    person = signed_in.person if signed_in else None

    def permits(permission: str) -> bool:
        return person is not None and may(person, Permission(permission))

    html = (
        request.app[TEMPLATES]
        .get_template(f"console/{template}")
        .render(
            person=person,
            role_title=ROLE_TITLES[Role(person.role)] if person else "",
            may=permits,
            entries=entries_for(person) if person else [],
            to_do_now=urgent_entries(person, request.get(DESK_COUNTS, {})) if person else [],
            path=request.path,
            form_token=request[FORM_TOKEN],
            flash=cookies.take_flash(request),
            **context,
        )
    )
    response = web.Response(text=html, content_type="text/html", status=status)
    cookies.forget_flash(request, response)
    return response


def error_page(request: web.Request, status: int, words: str = "") -> web.Response:
    """`words`: shown instead of the general sentence for that status."""
    return page(
        request, "error.html", status, words=words or _WORDS.get(status) or _WORDS[500 if status >= 500 else 400]
    )


def redirect(request: web.Request, to: str, say: str = "") -> web.Response:
    """Redirects with 303, so that the browser uses GET. `say`: a sentence at the top of the next page."""
    response = web.Response(status=303, headers={"Location": to})
    if say:
        cookies.keep_flash(request, response, say)
    return response


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The text fields of the form."""
    return {name: value for name, value in (await fields_of(request)).items() if isinstance(value, str)}


def in_china(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def attachment(body: bytes, content_type: str, name: str) -> web.Response:
    """A file to download under that name, which may be Chinese (RFC 6266)."""
    plain = re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return web.Response(body=body, content_type=content_type, headers={"Content-Disposition": disposition})


def ago(at: datetime) -> str:
    """`刚刚`, `3 分钟前`, `2 小时 5 分前`, `4 天前`."""
    span = utcnow() - at
    return "刚刚" if span < timedelta(minutes=1) else f"{duration(span)}前"
