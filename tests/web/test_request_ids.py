"""A message carries one id to the engine and back, and a trace where a collector is set up; neither holds its words."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot import request_ids, tracing
from bot.places import ROOT
from tests.web.console import Browser
from tests.web.engine import Engine
from tests.web.portal import open_page, running_portal

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"
SAID = "我叫王小明，居住证怎么办"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.send_to("test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.uninstall()


async def id_of_answer(browser: Browser, **headers: str) -> str:
    response = await browser.post("/api/chat", json={"text": SAID}, headers=headers)
    assert response.status == 200
    return response.headers[request_ids.HEADER]


async def test_each_message_has_an_id_that_the_engine_gets_and_only_our_proxy_may_name_it(tmp_path: Path) -> None:
    engine = Engine()
    async with running_portal(engine, tmp_path) as browser:
        first, second = [await id_of_answer(browser, **{"X-Request-Id": GIVEN}) for _ in range(2)]
        assert len({first, second, GIVEN}) == 3
        assert [each[request_ids.HEADER] for each in engine.headers] == [first, second]
        async with open_page(browser) as page:
            for number in ("1", "2"):
                await page.say(number, SAID)
                await page.receive("answer")
        assert len({each[request_ids.HEADER] for each in engine.headers}) == 4
    async with running_portal(Engine(), tmp_path / "behind", PROXY_COUNT="1") as browser:
        behind = {"X-Forwarded-For": "203.0.113.7"}
        assert await id_of_answer(browser, **behind, **{"X-Request-Id": GIVEN}) == GIVEN
        assert await id_of_answer(browser, **{"X-Request-Id": GIVEN}) != GIVEN
        for bad in ("short", "x" * 65, "4bf92f3577b34da6 level=ERROR"):
            assert re.fullmatch("[0-9a-f]{32}", await id_of_answer(browser, **behind, **{"X-Request-Id": bad}))


async def test_a_trace_tells_where_the_time_went_and_no_word_of_the_citizen(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    engine = Engine()
    async with running_portal(engine, tmp_path) as browser:
        request_id = await id_of_answer(browser)
    told = {span.name: span for span in spans.get_finished_spans()}
    assert list(told) == ["store", "wait", "ask", "store_answer", "message"]
    whole = told["message"]
    assert {span.context and span.context.trace_id for span in told.values()} == {
        whole.context and whole.context.trace_id
    }
    assert whole.attributes
    assert whole.attributes["assistant.request_id"] == request_id
    assert whole.attributes["assistant.channel"] == "api"
    asked = told["ask"].context
    assert asked
    assert engine.headers[0]["traceparent"].startswith(f"00-{asked.trace_id:032x}-{asked.span_id:016x}-")
    assert "王小明" not in "".join(span.to_json(indent=None) for span in told.values())
    assert "u738b" not in "".join(span.to_json(indent=None) for span in told.values())


def test_what_no_answer_needs_is_not_imported() -> None:
    """Without a collector of traces that is what traces; and never what only trains. Both cost seconds of the start."""
    script = (
        "import sys\n"
        "import bot.web.__main__, bot.rasa_sdk_server\n"
        "from bot import tracing\n"
        "tracing.install('web', '')\n"
        "with tracing.span('message') as note:\n"
        "    note(outcome='filed')\n"
        "unneeded = ('opentelemetry.sdk.trace', 'opentelemetry.exporter', 'sklearn', 'scipy.stats')\n"
        "print([name for name in sys.modules if name.startswith(unneeded)])\n"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
