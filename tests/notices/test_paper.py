"""The notice on paper: lines, pages, PDF and Word."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from hypothesis import example, given
from hypothesis import strategies as st

from bot.notices import fonts, pdf
from bot.notices.chinese_lines import lines
from bot.notices.letter import Letter
from bot.notices.word import as_word

LETTER = Letter(
    agency="云河市水利局",
    title="政府信息不予公开告知书",
    number="云水信公告〔2026〕12号",
    addressee="王小明",
    paragraphs=("根据《政府信息公开条例》第三十六条第三项，本机关决定不予公开。",),
    attachments=("批复.pdf", "图则.pdf"),
    issued_on=date(2026, 11, 25),
    phone="0990-8810630",
)


def measure(text: str) -> float:
    return sum(0.5 if sign.isascii() else 1 for sign in text)


@example("“”1 ””””", 4)
@given(st.text(alphabet="政府信息，。（）《》“”、ab 12", min_size=1), st.integers(4, 30))
def test_lines_hold_all_signs_in_order_and_fit(text: str, width: int) -> None:
    found = lines(text, width, measure, indent=2)
    assert "".join(found) == text
    assert all(measure(line) <= width for line in found)


def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one() -> None:
    text = "依据《政府信息公开条例》第三十六条，不予公开（见附件）。" * 8
    for width in range(6, 30):
        found = lines(text, width, measure)
        assert not [line for line in found if line[0] in "，。）》"], width
        assert not [line for line in found if line[-1] in "《（"], width


def test_a_number_is_not_broken_but_a_very_long_address_is() -> None:
    assert lines("回执号XXGK-2026-000123已登记", 8, measure)[:2] == ["回执号", "XXGK-2026-000123"]
    assert len(lines("https://yunhe.example/" + "x" * 60, 10, measure)) > 3


def test_word_has_the_form_of_official_papers() -> None:
    document = Document(io.BytesIO(as_word(LETTER)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:4] == ["云河市水利局", "政府信息不予公开告知书", "云水信公告〔2026〕12号", "王小明："]
    assert "附件：1. 批复.pdf" in texts
    assert texts[-3:] == ["云河市水利局（盖章）", "2026年11月25日", "（联系电话：0990-8810630）"]
    assert document.core_properties.author == ""
    with zipfile.ZipFile(io.BytesIO(as_word(LETTER))) as packed:
        footer = next(packed.read(name) for name in packed.namelist() if "footer" in name)
    assert b"PAGE" in footer


@pytest.mark.skipif(not fonts.has_chinese_font(), reason="no Chinese font is installed")
def test_pdf_embeds_its_font_and_begins_a_page_when_one_is_full() -> None:
    long = Letter(**{**vars(LETTER), "paragraphs": LETTER.paragraphs * 30})
    for letter, pages in ((LETTER, 1), (long, 4)):
        made = pdf.as_pdf(letter)
        assert made.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type /Page\b", made)) == pages
        assert re.search(rb"/FontFile\d", made)
        assert len(made) < 200_000


@pytest.mark.parametrize("count", range(1, 60))
def test_the_signature_never_stands_alone_on_a_page(count: int) -> None:
    text, end = [pdf._Line("正文")] * count, [pdf._Line("落款")] * 6
    pages = pdf.paged(text, end)
    assert [line for page in pages for line in page] == text + end
    assert all(1 <= len(page) <= 22 for page in pages)
    assert pages[-1][: min(2, count)] == text[:2]
    assert pages[-1][-6:] == end


def test_without_a_chinese_font_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_chinese_fonts", tuple)
    assert not fonts.has_chinese_font()
    with pytest.raises(fonts.NoChineseFont):
        pdf.as_pdf(LETTER)


def test_the_nearest_font_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def font(family: str, weight: float) -> fonts.Font:
        return fonts.Font(family, weight, Path(f"/{family}-{weight}.ttf"), 0)

    found = (font("Other", 80), font("Noto Serif CJK SC", 200), font("Noto Serif CJK SC", 80), font("SimSun", 80))
    monkeypatch.setattr(fonts, "_chinese_fonts", lambda: found)
    assert fonts.body_font() == found[3]
    monkeypatch.setattr(fonts, "_chinese_fonts", lambda: found[:3])
    assert (fonts.body_font(), fonts.title_font()) == (found[2], found[1])
    monkeypatch.setattr(fonts, "_chinese_fonts", lambda: found[:1])
    assert fonts.title_font() == found[0]
