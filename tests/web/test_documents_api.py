"""The city's publishing system delivers and withdraws documents with a key of its own."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select

from bot.api_keys import service as api_keys
from bot.api_keys.models import KeyScope
from bot.db import utcnow
from bot.documents import service as documents
from bot.documents.models import Document, DocumentChange, Version
from bot.staff import audit
from bot.web import documents_api
from bot.web.keys import DATABASE
from bot.web.openapi import DOCUMENT
from tests.documents.office_files import word
from tests.web.test_chat import client as client
from tests.web.test_chat import engine as engine

Client = TestClient[web.Request, web.Application]
URL = "/api/documents/2026-0017"
RULE = {
    "title": "云河市热气球管理办法",
    "number": "云府规〔2026〕9号",
    "issuer": "云河市人民政府",
    "published_on": "2026-11-02",
    "text": "第一条 热气球升空应当提前三日报备。\n第二条 热气球不得在夜间升空。",
}


def key(client: Client, scope: KeyScope = KeyScope.DOCUMENTS, per_minute: int = 100) -> dict[str, str]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        made = api_keys.add(session, f"发布系统-{scope}", per_minute, who="terminal:a", now=utcnow(), scope=scope)
    return {"Authorization": f"Bearer {made}"}


async def sent(client: Client, method: str, url: str = URL, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and body, which must be what the description of the API says of this status."""
    async with client.request(method, url, **more) as response:
        body = await response.json()
    told = DOCUMENT["paths"]["/api/documents/{id}"][method.lower()]["responses"]
    schema = told[str(response.status)]["content"]["application/json"]["schema"]
    assert set(schema["required"]) <= body.keys() <= schema["properties"].keys()
    for name, value in body.items():
        fits(value, schema["properties"][name])
    return response.status, body


def fits(value: object, schema: dict[str, Any]) -> None:
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    if "enum" in schema:
        assert value in schema["enum"]
        return
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(kinds[kind] for kind in wanted))


def stored(client: Client, model: type[Any]) -> list[Any]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return list(session.scalars(select(model).order_by(model.id)))


async def test_a_document_is_published_changed_and_left_alone_when_it_is_the_same(client: Client) -> None:
    headers = key(client)
    status, body = await sent(client, "PUT", json=RULE, headers=headers)
    assert (status, body["outcome"], body["version"], body["title"]) == (201, "added", 1, RULE["title"])
    assert (body["id"], body["number"], body["in_force"]) == ("2026-0017", "云府规〔2026〕9号", None)
    status, body = await sent(client, "PUT", json=RULE, headers=headers)
    assert (status, body["outcome"], body["version"]) == (200, "unchanged", 1)
    status, body = await sent(client, "PUT", json={**RULE, "in_force": True}, headers=headers)
    assert (status, body["outcome"], body["version"], body["in_force"]) == (200, "changed", 2, True)
    del body["outcome"]
    assert await sent(client, "GET", headers=headers) == (200, body)
    assert [(change.kind, change.who) for change in stored(client, DocumentChange)][-2:] == [
        ("added", "api:发布系统-documents"),
        ("changed", "api:发布系统-documents"),
    ]


async def test_a_file_is_read_as_in_an_import_and_what_is_given_beside_it_counts_more(client: Client) -> None:
    headers = key(client)
    data = word(["关于热气球的通知", "第一条 热气球升空应当提前三日报备。"])
    status, body = await sent(client, "PUT", f"{URL}?name=通知.docx", data=data, headers={**headers, **OCTETS})
    assert (status, body["outcome"]) == (201, "added")
    given = {"name": "通知.docx", "content": base64.b64encode(data).decode(), "title": "热气球通知"}
    status, body = await sent(client, "PUT", json=given, headers=headers)
    assert (status, body["title"], body["version"]) == (200, "热气球通知", 2)


async def test_the_same_number_and_content_under_another_identifier_is_the_same_document(client: Client) -> None:
    headers = key(client)
    await sent(client, "PUT", json=RULE, headers=headers)
    status, body = await sent(client, "PUT", "/api/documents/other", json=RULE, headers=headers)
    assert (status, body["outcome"], body["id"]) == (200, "unchanged", "2026-0017")
    assert (await sent(client, "GET", "/api/documents/other", headers=headers))[0] == 404


async def test_a_withdrawn_document_is_quoted_no_more_and_returns_when_it_is_sent_again(client: Client) -> None:
    headers = key(client)
    await sent(client, "PUT", json=RULE, headers=headers)
    assert quoted(client)
    for _ in range(2):
        status, body = await sent(client, "DELETE", headers=headers)
        assert (status, body["withdrawn"]) == (200, True)
    assert not quoted(client)
    assert (await sent(client, "GET", headers=headers))[1]["withdrawn"]
    status, body = await sent(client, "PUT", json=RULE, headers=headers)
    assert (status, body["outcome"], body["withdrawn"]) == (200, "changed", False)
    assert quoted(client)
    kinds = [change.kind for change in stored(client, DocumentChange) if change.who]
    assert kinds == ["added", "withdrawn", "returned"]
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        entries = audit.search(session, subject="api/2026-0017").rows
    assert [entry.action for entry in entries] == ["store_document", "withdraw_document", "store_document"]


def quoted(client: Client) -> bool:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return bool(documents.numbered(session, "云府规〔2026〕9号讲的什么"))


async def test_only_a_key_for_documents_opens_the_door(client: Client) -> None:
    for method in ("PUT", "GET", "DELETE"):
        assert (await sent(client, method, json=RULE))[0] == 401
        assert (await sent(client, method, json=RULE, headers={"Authorization": "Bearer city_no"}))[0] == 401
    chat = key(client, KeyScope.CHAT)
    assert (await sent(client, "PUT", json=RULE, headers=chat))[0] == 403
    async with client.post("/api/chat", json={"text": "你好"}, headers=key(client)) as response:
        assert response.status == 403
        assert "不是用来提问的" in (await response.json())["error"]
    assert stored(client, Document) == []


async def test_a_key_has_its_limit(client: Client) -> None:
    headers = key(client, per_minute=2)
    assert [(await sent(client, "GET", headers=headers))[0] for _ in range(3)] == [404, 404, 429]


OCTETS = {"Content-Type": "application/octet-stream"}
BASE64 = base64.b64encode(b"%PDF-1.4 nothing").decode()


@pytest.mark.parametrize(
    ("url", "more", "status", "words"),
    [
        (URL, {"data": b"x", "headers": {"Content-Type": "application/xml"}}, 415, "Content-Type"),
        (URL, {"data": b"x", "headers": OCTETS}, 400, "name"),
        (f"{URL}?name=a.md", {"data": b"", "headers": OCTETS}, 400, "没有内容"),
        (f"{URL}?name=a.exe", {"data": b"x", "headers": OCTETS}, 422, "请选这些格式的文件"),
        (f"{URL}?name=../../a.docx", {"data": b"x", "headers": OCTETS}, 422, "a.docx"),
        (f"{URL}?name=a.docx", {"data": b"<html>", "headers": OCTETS}, 422, "a.docx"),
        (URL, {"json": [1]}, 400, "JSON 对象"),
        (URL, {"json": {**RULE, "secret": 1}}, 400, "secret"),
        (URL, {"json": {**RULE, "content": BASE64}}, 400, "其中一个"),
        (URL, {"json": {"title": "办法"}}, 400, "其中一个"),
        (URL, {"json": {"text": "第一条 好。"}}, 400, "title"),
        (URL, {"json": {**RULE, "text": 5}}, 400, "文字"),
        (URL, {"json": {**RULE, "title": ["a"]}}, 400, "文字"),
        (URL, {"json": {**RULE, "published_on": "明天"}}, 422, "published_on"),
        (URL, {"json": {**RULE, "url": "javascript:alert(1)"}}, 422, "url"),
        (URL, {"json": {"name": "a.pdf", "content": "%%%"}}, 400, "base64"),
        (URL, {"json": {"name": "a.pdf", "content": BASE64}}, 422, "a.pdf"),
        ("/api/documents/a%2Fb", {"json": RULE}, 400, "编号"),
        (f"/api/documents/{'a' * 101}", {"json": RULE}, 400, "编号"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_a_sentence(
    client: Client, url: str, more: dict[str, Any], status: int, words: str
) -> None:
    more = {**more, "headers": {**more.get("headers", {}), **key(client)}}
    got, body = await sent(client, "PUT", url, **more)
    assert (got, words in body["error"]) == (status, True), body
    assert re.search("[\u4e00-\u9fff]", body["error"])
    assert stored(client, Version) == []


async def test_a_file_that_is_too_large_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_api, "MOST_FILE_BYTES", 100)
    monkeypatch.setattr(documents_api, "MOST_BODY_BYTES", 1000)
    headers = {**key(client), **OCTETS}
    for size in (101, 5000):
        assert (await sent(client, "PUT", f"{URL}?name=a.md", data=b"a" * size, headers=headers))[0] == 413
