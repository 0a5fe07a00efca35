"""What answers carry, byte for byte: a client library would hide what stands behind an answer without a body."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.web.console import Browser, open_browser, settings_in


async def bytes_answered(browser: Browser, *lines: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", browser.port)
    lines = (*lines, "Host: city", "Accept-Encoding: gzip", "Connection: close", "", "")
    writer.write("\r\n".join(lines).encode())
    answered = await reader.read()
    writer.close()
    return answered


@pytest.mark.parametrize("path", ["/static/chat.js", "/window.js"])
async def test_a_file_that_the_browser_has_is_answered_without_a_body(path: str, tmp_path: Path) -> None:
    async with open_browser(settings_in(tmp_path)) as browser:
        tag = (await browser.get(path)).headers["ETag"]
        head, body = (await bytes_answered(browser, f"GET {path} HTTP/1.1", f"If-None-Match: {tag}")).split(b"\r\n\r\n")
    assert b" 304 " in head
    assert b"Content-Encoding" not in head
    assert body == b""


async def test_a_part_of_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    async with open_browser(settings_in(tmp_path)) as browser:
        whole = await (await browser.get("/static/chat.js")).read()
        answered = await bytes_answered(browser, "GET /static/chat.js HTTP/1.1", "Range: bytes=0-9")
    head, body = answered.split(b"\r\n\r\n", 1)
    assert b" 206 " in head
    assert body == whole[:10]
