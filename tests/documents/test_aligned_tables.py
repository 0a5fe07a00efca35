"""Tables without rules: told by alignment, or left as lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.documents.reader import read_document
from tests.documents.made_papers import Placed, as_ofd, as_pdf
from tests.documents.office_files import chinese_font

HEAD = (Placed("云河市关于调整水价的通知", 40, 37, 22), Placed("云发改〔2026〕5号", 80, 50, 16))
PRICES = (("项目", "单位", "收费标准"), ("居民用水", "每立方米", "2元"), ("非居民用水", "", "4元"))
LEFTS = (28, 80, 130)
AFTER = "本通知自2026年4月1日起施行，请各单位认真贯彻执行。"


def read(
    rows: Sequence[Sequence[str]], suffix: str = ".ofd", pitch: float = 9, lefts: Sequence[float] = (28, 80, 130)
) -> list[str]:
    if suffix == ".pdf" and chinese_font() is None:
        pytest.skip("no Chinese font is here")
    placed = [*HEAD, Placed("各单位：", 28, 60, 16)]
    for number, row in enumerate(rows):
        placed += [Placed(text, left, 75 + pitch * number, 14) for text, left in zip(row, lefts, strict=False) if text]
    placed.append(Placed(AFTER, 38, 75 + pitch * len(rows), 16))
    data = (as_pdf if suffix == ".pdf" else as_ofd)([placed])
    content = read_document(Path("nowhere") / f"a{suffix}", data)
    return [text for excerpt in content.excerpts for text in excerpt.paragraphs][1:]


@pytest.mark.parametrize("suffix", [".ofd", ".pdf"])
def test_each_row_is_a_sentence_with_its_headings(suffix: str) -> None:
    rows = [*PRICES, ("特种行业用水", "每立方米", "10元")]
    assert read(rows, suffix) == [
        "项目：居民用水；单位：每立方米；收费标准：2元。",
        "项目：非居民用水；收费标准：4元。",
        "项目：特种行业用水；单位：每立方米；收费标准：10元。",
        AFTER,
    ]


@pytest.mark.parametrize(
    "rows",
    [
        (("姓名", "性别", "住址"), ("张三", "男", "人民路"), ("李四", "女", "解放路")),
        (("项目", "单位", "收费标准"), ("", "每立方米", "2元"), ("非居民用水", "", "4元")),
        (("联系人", "张三", "0571-1"), ("传真", "李四", "0571-2"), ("邮编", "310000", "0571-3")),
        PRICES[:2],
    ],
)
def test_what_may_be_no_table_stays_lines(rows: Sequence[Sequence[str]]) -> None:
    assert read(rows) == ["　".join(filter(None, row)) for row in rows] + [AFTER]
