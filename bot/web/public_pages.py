"""What the pages for everybody share: made by the server, without scripts, each with one address."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.search.filters import Choice
from bot.storable import storable
from bot.web.characters import CONVERTED, is_traditional
from bot.web.clients import came_by_https, client_of, network_of
from bot.web.elder import view_of
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES
from bot.web.rates import Rates

# Stricter than for other pages (`bot.web.headers`), but with forms.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
# For a page that a script of ours keeps current.
LIVE_POLICY = f"{POLICY}; script-src 'self'; connect-src 'self'"
LONGEST_SEARCH = 100
# A reader searches a few times a minute. A search costs some hundredths of a second of one processor.
SEARCHES: RateLimitItem = parse("40/minute")
LIMITER = web.AppKey("public_pages_limiter", Rates)
_KEPT_SECONDS = 300

P = ParamSpec("P")
T = TypeVar("T")


async def transact(
    request: web.Request, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The result of `work(session, …)`, in a thread and a transaction of its own."""
    return await asyncio.to_thread(partial(request.app[DATABASE].run, work, *args, **kwargs))


async def public_page(request: web.Request, template: str, status: int = 200, **context: object) -> web.Response:
    """Renders a template for citizens. Browsers do not keep it; pages for everybody come by `site_page`."""
    city = await transact(request, catalogue.get_city)
    html = request.app[TEMPLATES].get_template(template).render(city=city, **view_of(request), **context)
    headers = {"Content-Security-Policy": POLICY}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


async def site_page(request: web.Request, template: str, status: int = 200, **context: object) -> web.Response:
    """Renders `templates/site/{template}`, a page of the catalogue or of the documents.

    `canonical`: the address by which search engines know the page, without choices and filters.
    """
    page = await passing_page(request, template, status, **context)
    return lasting(request, page) if status == 200 else page


async def passing_page(request: web.Request, template: str, status: int = 200, **context: object) -> web.Response:
    """The same for what may be taken down: browsers and proxies do not keep it, so that it is gone at once."""
    canonical = f"{site_address(request)}{request.path}"
    return await public_page(
        request, f"site/{template}", status, canonical=canonical, site=request.app[SETTINGS].site, **context
    )


def lasting(request: web.Request, response: web.Response) -> web.Response:
    """Lets browsers and proxies keep what everybody may see, and answers 304 if they have it already (RFC 9110)."""
    body = response.body if isinstance(response.body, bytes) else b""
    # The characters that were chosen come last (`bot.web.characters`), and make another answer.
    tag = hashlib.sha256(body + (b"traditional" if is_traditional(request) else b"")).hexdigest()[:32]
    vary = "Accept-Encoding, Cookie" if response.content_type in CONVERTED else "Accept-Encoding"
    headers = {"Cache-Control": f"public, max-age={_KEPT_SECONDS}", "ETag": f'"{tag}"', "Vary": vary}
    if any(one.value in (tag, "*") for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    response.headers.update(headers)
    response.enable_compression()
    return response


def site_address(request: web.Request) -> str:
    """`PUBLIC_URL`, or else the address by which the client reached us; without a slash at the end."""
    known = request.app[SETTINGS].public_url
    return known or f"{'https' if came_by_https(request) else 'http'}://{request.host}"


async def may_search(request: web.Request) -> bool:
    """Counts one search of this client, by words or by filters; False if there were too many in this minute."""
    return await request.app[LIMITER].hit(SEARCHES, "search", network_of(client_of(request)))


def searched(request: web.Request, name: str) -> str:
    """The value of `name` in the address, short."""
    return storable(request.query.get(name, "")).strip()[:LONGEST_SEARCH]


def list_context(
    asked: dict[str, str], titles: Mapping[str, str], facets: Mapping[str, Sequence[Choice]]
) -> dict[str, Any]:
    """What the template of a list needs of what was asked.

    `labels`: what is searched and filtered by, in words. `without`: the query of the address without each of these.
    """
    labels = {"q": f"“{asked['q']}”"} if asked["q"] else {}
    for name, title in titles.items():
        if asked[name]:
            chosen = next((one.title for one in facets.get(name, ()) if one.value == asked[name]), asked[name])
            labels[name] = f"{title}：{chosen}"
    return {
        "asked": asked,
        "titles": titles,
        "labels": labels,
        "query": query_of(asked),
        "without": {name: query_of(asked, **{name: ""}) for name in labels},
        "longest": LONGEST_SEARCH,
    }


def query_of(asked: dict[str, str], **changes: str) -> str:
    """The query of an address with these fields; empty ones are left out."""
    return urlencode({name: value for name, value in (asked | changes).items() if value})


def for_xml(text: str) -> str:
    """Without the characters that XML 1.0 does not allow; they may stand in a title that was read from a file."""
    return "".join(character for character in text if character >= " " and character not in "\ufffe\uffff")
