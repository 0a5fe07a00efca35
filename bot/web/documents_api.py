"""Documents from the city's publishing system: `PUT`, `GET` and `DELETE /api/documents/{id}`, each with a key.

`id` is the publishing system's own. The body of a `PUT` is the file itself, with its name as `?name=通知.docx`, or
JSON: `name` and `content` (the file as base64) or `text`, and beside them title, number, issuer and dates, which go
before what is found in the file. To send the same again changes nothing.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import web
from limits import RateLimitItemPerMinute
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.api_keys.models import ApiKey, KeyScope
from bot.db import utcnow
from bot.documents import delivery as documents
from bot.documents.content import Particulars
from bot.documents.delivery import Delivered, Delivery, DeliveryOutcome
from bot.documents.editing import DocumentRefused
from bot.documents.models import Document
from bot.documents.reader import ReadDocument
from bot.staff import audit
from bot.storable import storable
from bot.web.api import BAD_KEY, has_key, json_answer, key_of, refusal
from bot.web.keys import DATABASE
from bot.web.rates import Rates

routes = web.RouteTableDef()

LIMITER = web.AppKey("documents_limiter", Rates)
# One file after the other is read, since each may take half a gigabyte.
READING = web.AppKey("documents_reading", asyncio.Lock)

MOST_FILE_BYTES = 16 << 20
# Base64 makes a third more of it.
MOST_BODY_BYTES = MOST_FILE_BYTES * 4 // 3 + (1 << 20)
_BODY_WITHIN_SECONDS = 60
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.~\-]{1,100}")
_CONTENT_FIELDS = frozenset({"name", "content", "text"})
_PARTICULARS = frozenset(Particulars.model_fields)
_RAW = frozenset({"application/octet-stream", "application/pdf", "text/html", "text/plain", "text/markdown"})
_TEXT_NAME = "text.txt"

T = TypeVar("T")


@dataclass(frozen=True)
class _Refused(Exception):
    status: int
    message: str


@dataclass(frozen=True)
class _Caller:
    key: ApiKey
    identifier: str

    @property
    def who(self) -> str:
        """With the colon it cannot be anybody's login."""
        return f"api:{self.key.name}"


@routes.put("/api/documents/{id}")
async def put(request: web.Request) -> web.Response:
    try:
        caller = await _caller(request)
        delivery = _delivery(request, await _body(request))
        known = await _in_transaction(
            request, lambda session: documents.unchanged(session, caller.identifier, delivery.digest)
        )
        if known is not None:
            return _told(known, DeliveryOutcome.UNCHANGED)
        async with request.app[READING]:
            read = await asyncio.to_thread(delivery.read)
        stored = await _in_transaction(request, lambda session: _store(session, caller, delivery, read))
    except _Refused as refused:
        return refusal(refused.status, refused.message)
    except DocumentRefused as refused:
        return refusal(422, str(refused))
    except IntegrityError:
        return refusal(409, "同一份文件正在由另一个请求存入，请稍后再传")
    return _told(stored.document, stored.outcome)


@routes.get("/api/documents/{id}")
async def get(request: web.Request) -> web.Response:
    try:
        caller = await _caller(request)
    except _Refused as refused:
        return refusal(refused.status, refused.message)
    found = await _in_transaction(request, lambda session: documents.delivered_as(session, caller.identifier))
    return _told(found) if found else refusal(404, "没有用这个编号传过的文件")


@routes.delete("/api/documents/{id}")
async def delete(request: web.Request) -> web.Response:
    try:
        caller = await _caller(request)
    except _Refused as refused:
        return refusal(refused.status, refused.message)
    found = await _in_transaction(request, lambda session: _withdraw(session, caller))
    return _told(found) if found else refusal(404, "没有用这个编号传过的文件")


async def _caller(request: web.Request) -> _Caller:
    key = await key_of(request) if has_key(request) else None
    if key is None:
        raise _Refused(401, BAD_KEY)
    if key.scope != KeyScope.DOCUMENTS:
        raise _Refused(403, "这把密钥不能发布文件；要用 api-keys add 名称 --scope documents 发放的")
    if not await request.app[LIMITER].hit(RateLimitItemPerMinute(key.per_minute), f"documents:{key.id}"):
        raise _Refused(429, f"传得太快，每分钟最多 {key.per_minute} 次，请稍后再传")
    identifier = request.match_info["id"]
    if not _IDENTIFIER.fullmatch(identifier):
        raise _Refused(400, "编号要是 1 到 100 个字母、数字或 _ . ~ -")
    return _Caller(key, identifier)


async def _body(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(_BODY_WITHIN_SECONDS):
            return await request.clone(client_max_size=MOST_BODY_BYTES).read()
    except TimeoutError:
        raise _Refused(408, "内容传得太慢，请稍后再试") from None
    except web.HTTPRequestEntityTooLarge:
        raise _Refused(413, f"文件最大 {MOST_FILE_BYTES >> 20} MB") from None


def _delivery(request: web.Request, body: bytes) -> Delivery:
    if request.content_type == "application/json":
        delivery = _of_json(body)
    elif request.content_type in _RAW or request.content_type.startswith("application/vnd."):
        delivery = Delivery(request.query.get("name", ""), body, {})
    else:
        raise _Refused(415, "Content-Type 要是 application/json 或 application/octet-stream")
    if not delivery.name:
        raise _Refused(400, "请用 name 写明文件名，比如 ?name=通知.docx")
    if not delivery.data:
        raise _Refused(400, "没有内容")
    if len(delivery.data) > MOST_FILE_BYTES:
        raise _Refused(413, f"文件最大 {MOST_FILE_BYTES >> 20} MB")
    return delivery


def _of_json(body: bytes) -> Delivery:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise _Refused(400, "请求要是一个 JSON 对象")
    given = {name: storable(value) if isinstance(value, str) else value for name, value in given.items()}
    if unknown := sorted(given.keys() - _CONTENT_FIELDS - _PARTICULARS):
        raise _Refused(400, f"不认得这几项：{'、'.join(map(str, unknown))[:200]}")
    if ("content" in given) == ("text" in given):
        raise _Refused(400, "要有 content（文件，base64）或者 text（文字）其中一个")
    if not all(isinstance(given.get(name, ""), str) for name in _CONTENT_FIELDS):
        raise _Refused(400, "name、content、text 都要是文字")
    particulars = {name: value for name, value in given.items() if name in _PARTICULARS}
    if not all(isinstance(value, str | bool | None) for value in particulars.values()):
        raise _Refused(400, "标题、文号、日期等都要是文字，in_force 要是 true 或 false")
    if "text" in given:
        if not str(particulars.get("title") or "").strip():
            raise _Refused(400, "只有文字时，请用 title 写明标题")
        return Delivery(_TEXT_NAME, given["text"].encode("utf-8", "replace"), particulars)
    try:
        return Delivery(given.get("name", ""), base64.b64decode(given["content"], validate=True), particulars)
    except (binascii.Error, ValueError):
        raise _Refused(400, "content 不是完整的 base64") from None


def _store(session: Session, caller: _Caller, delivery: Delivery, read: ReadDocument) -> Delivered:
    stored = documents.store(session, caller.identifier, delivery, read, who=caller.who)
    if stored.outcome is not DeliveryOutcome.UNCHANGED:
        why = f"第 {stored.document.current_version} 版，{read.title}"
        audit.record(
            session, who=caller.who, action="store_document", subject=stored.document.key, why=why, at=utcnow()
        )
    return stored


def _withdraw(session: Session, caller: _Caller) -> Document | None:
    now, before = utcnow(), documents.delivered_as(session, caller.identifier)
    is_new = before is not None and before.withdrawn_at is None
    document = documents.withdraw(session, caller.identifier, who=caller.who, at=now)
    if document is not None and is_new:
        audit.record(
            session, who=caller.who, action="withdraw_document", subject=document.key, why=document.title, at=now
        )
    return document


async def _in_transaction(request: web.Request, work: Callable[[Session], T]) -> T:
    def run() -> T:
        with request.app[DATABASE].transaction() as session:
            return work(session)

    return await asyncio.to_thread(run)


def _told(document: Document, outcome: DeliveryOutcome | None = None) -> web.Response:
    about: dict[str, Any] = {
        "id": document.key.partition("/")[2] if document.key.startswith("api/") else None,
        "document": document.key,
        "version": document.current_version,
        "title": document.title,
        "number": document.number,
        "issuer": document.issuer,
        "published_on": document.published_on and document.published_on.isoformat(),
        "in_force": document.force,
        "withdrawn": document.withdrawn_at is not None,
    }
    status = 201 if outcome is DeliveryOutcome.ADDED else 200
    return json_answer({**about, **({"outcome": outcome} if outcome else {})}, status)
