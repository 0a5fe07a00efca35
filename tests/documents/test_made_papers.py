"""Papers laid out as offices do are read alike from every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.documents.layout import PageLine, furniture_of, paragraphs_of
from bot.documents.reader import read_document
from tests.documents.made_papers import FORMATS, as_ofd, made_paper, set_on_pages
from tests.documents.office_files import chinese_font

NOWHERE = Path("nowhere")


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_particulars_of_a_paper_are_found_in_every_format(suffix: str) -> None:
    if suffix == ".pdf" and chinese_font() is None:
        pytest.skip("no Chinese font is here")
    for seed in range(4 if suffix == ".pdf" else 12):
        paper = made_paper(seed)
        read = read_document(NOWHERE / f"a{suffix}", FORMATS[suffix](paper))
        stated = read.particulars
        found = (read.title, stated.number, stated.issuer, stated.published_on, stated.in_force)
        assert found == (paper.title, paper.number, paper.issuer, paper.day, None), seed
        text = "".join(excerpt.text for excerpt in read.excerpts)
        assert "— 1 —" not in text
        assert paper.lines[-1].text.removeprefix("第二条　")[-10:] in text or paper.lines[-1].place != "p"


def test_a_running_head_is_no_text_and_a_number_within_a_page_is() -> None:
    paper = made_paper(0)
    lines = [*paper.lines, *paper.lines[-1:] * 60]
    data = as_ofd(set_on_pages(lines, running_head="云河市人民政府行政规范性文件"))
    read = read_document(NOWHERE / "a.ofd", data)
    assert read.title == paper.title
    assert all("行政规范性文件" not in excerpt.text for excerpt in read.excerpts)
    page = [PageLine(text, 0, 10, 1) for text in ("甲", "乙", "2026", "丙", "丁", "— 1 —")]
    assert furniture_of([page]) == [[page[-1]]]


def test_a_short_page_does_not_join_its_title_to_the_addressee() -> None:
    title, addressee = (
        PageLine("关于值班安排的通知", 60, 130, 7.7),
        PageLine("各区人民政府、市政府各部门", 28, 128, 5.6),
    )
    assert paragraphs_of([[title, addressee]]) == [title.text, addressee.text]
    alike = PageLine("关于值班安排的通知", 60, 130, 5.6)
    assert paragraphs_of([[alike, addressee]]) == [alike.text, addressee.text]
