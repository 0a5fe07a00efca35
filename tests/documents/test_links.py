"""Only web links reach citizens, whatever a file says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.catalogue.importer import CityRow
from bot.documents.content import UnreadableDocument, checked_particulars
from bot.documents.webpage import read_webpage
from bot.referrals.importer import RouteRow

HOSTILE = ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", " javascript:x", "//evil.example", "/art",
           "https://a b", "vbscript:x", "https://x\njavascript:y"]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_no_other_scheme_passes_an_importer(url: str) -> None:
    with pytest.raises(UnreadableDocument, match="url"):
        checked_particulars(Path("x.md"), {"title": "办法", "url": url})
    for row, column in ((CityRow, "门户"), (RouteRow, "网址")):
        with pytest.raises(ValidationError) as refused:
            row.model_validate({column: url.strip() if url.startswith(" ") else url})
        assert any(error["loc"] == (column,) for error in refused.value.errors())


@pytest.mark.parametrize("url", ["https://www.gov.cn/a?b=1#c", "http://yunhe.example/办法"])
def test_links_of_the_web_do(url: str) -> None:
    assert checked_particulars(Path("x.md"), {"title": "办法", "url": url}).url == url


def test_a_page_that_names_another_address_is_read_without_one() -> None:
    page = (
        '<html><head><meta name="url" content="javascript:alert(1)"><title>办法</title></head><body><h1>办法</h1>'
        "<p>第一条 养犬登记不收费，由公安机关办理。</p></body></html>"
    )
    assert read_webpage(Path("a.html"), page.encode()).particulars.url is None
