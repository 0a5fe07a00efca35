"""简体 or 繁體: pages and answers in the characters that the citizen chose, converted when they are finished.

All is written in simplified characters. The choice is a cookie; the middleware converts what HTML and JSON say to
people, and neither addresses and values nor what a citizen typed. A page says the last by HTML's `translate="no"`.
Scripts are fetched from `/static/hant/`, so that they speak, and read answers, in the characters of their page.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from bot.web.console.frame import is_console
from bot.web.errors import Handler
from bot.web.traditional import traditional, traditional_of_public

routes = web.RouteTableDef()

COOKIE, TRADITIONAL = "characters", "hant"
# BCP 47: what `lang` says of a page.
LANGUAGE = "zh-Hant"
# Fields of JSON that hold addresses, which may have Chinese characters; codes and ids have none.
VERBATIM = frozenset({"url", "page"})
_STATIC = Path(__file__).parent / "static"
_KEPT_SECONDS = 300
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"<(/?)([a-z0-9]+)")
# What is shown, read out or, when it is pressed, said. Values of fields are sent and stay.
_SHOWN = re.compile(r'\b(alt|title|placeholder|aria-label|content|data-say|data-side)="([^"]*)"')
_SCRIPT = re.compile(r'"/static/([a-z_-]+\.js)"')
_KEEPING = re.compile(r'<(?:textarea|script|style)\b|\btranslate="no"')
_VOID = frozenset({"input", "img", "br", "hr", "meta", "link"})

Convert = Callable[[str], str]


class Verbatim(str):
    """What a citizen typed: it is shown as it is."""


def is_traditional(request: web.Request) -> bool:
    """Whether the citizen chose 繁體. The address says so where a frame on another site gets no cookies."""
    return request.query.get(COOKIE, request.cookies.get(COOKIE)) == TRADITIONAL


@web.middleware
async def in_chosen_characters(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Converts pages and answers for citizens who chose 繁體. The console stays as it is."""
    response = await handler(request)
    if not is_traditional(request) or is_console(request.path) or not isinstance(response, web.Response):
        return response
    # What browsers may keep is for everybody.
    convert = traditional_of_public if hdrs.ETAG in response.headers else traditional
    if response.text and response.content_type in CONVERTED:
        response.text = await asyncio.to_thread(CONVERTED[response.content_type], response.text, convert)
    return response


@routes.get("/static/hant/{name:[a-z_-]+}.js")
async def script(request: web.Request) -> web.Response:
    """A script of ours, with its words in traditional characters."""
    path = _STATIC / f"{request.match_info['name']}.js"
    if not path.is_file():
        raise web.HTTPNotFound
    text = await asyncio.to_thread(_script_in_traditional, path, path.stat().st_mtime_ns)
    headers = {"Cache-Control": f"public, max-age={_KEPT_SECONDS}"}
    return web.Response(text=text, content_type="text/javascript", headers=headers)


@cache
def _script_in_traditional(path: Path, _: int) -> str:
    return traditional(path.read_text(encoding="utf-8"))


def page_in_traditional(html: str, convert: Convert = traditional) -> str:
    """The page with what is shown and read out converted, and with the scripts that say the same.

    `html`: of our templates, which escape `>` in values of attributes.
    """
    parts: list[str] = []
    # The element whose content is kept, and how many of its name are open.
    kept, depth = "", 0
    for part in _TAG.split(html):
        tag = _NAME.match(part)
        if tag is None:
            parts.append(part if kept else convert(part))
            continue
        closes, name = tag.groups()
        if kept:
            depth += (name == kept) * (-1 if closes else 1)
            kept = kept if depth else ""
        elif _KEEPING.search(part) and name not in _VOID:
            kept, depth = name, 1
        parts.append(part if closes else _tag_in_traditional(part, convert))
    return "".join(parts)


def _tag_in_traditional(tag: str, convert: Convert) -> str:
    if tag.startswith("<html"):
        return tag.replace('lang="zh-CN"', f'lang="{LANGUAGE}"')
    shown = tag if 'translate="no"' in tag else _SHOWN.sub(lambda one: f'{one[1]}="{convert(one[2])}"', tag)
    return _SCRIPT.sub(r'"/static/hant/\1"', shown)


def in_traditional(told: Any, convert: Convert = traditional) -> Any:
    """JSON with its words converted; names of fields, `VERBATIM` and what a citizen typed stay."""
    if isinstance(told, str):
        return told if isinstance(told, Verbatim) else convert(told)
    if isinstance(told, Mapping):
        return {name: value if name in VERBATIM else in_traditional(value, convert) for name, value in told.items()}
    return [in_traditional(each, convert) for each in told] if isinstance(told, list | tuple) else told


def _json_in_traditional(text: str, convert: Convert) -> str:
    return json.dumps(in_traditional(json.loads(text), convert), ensure_ascii=False)


# Type of content → what converts it; other types are files, which stay as they are.
CONVERTED: Mapping[str, Callable[[str, Convert], str]] = {
    "text/html": page_in_traditional,
    "application/json": _json_in_traditional,
}
