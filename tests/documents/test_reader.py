from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest

from bot.documents.content import UnreadableDocument
from bot.documents.passages import LONGEST_SECTION
from bot.documents.reader import ReadDocument, read_document

FRONT_MATTER = """---
title: 云河市养犬管理办法
number: 云府规〔2024〕8号
issuer: 云河市人民政府
published_on: 2024-03-01
in_force: true
url: https://yunhe.example/documents/dogs
---
"""


def read(text: str, name: str = "a.md", folder: Path = Path("nowhere")) -> ReadDocument:
    return read_document(folder / name, text.encode())


def articles(document: ReadDocument) -> list[tuple[str | None, str]]:
    return [(excerpt.article, excerpt.text) for excerpt in document.excerpts]


def test_front_matter_says_what_the_document_is() -> None:
    document = read(FRONT_MATTER + "\n**第一条**　总则。\n\n**第二条**　分则。\n")
    assert document.title == "云河市养犬管理办法"
    assert document.particulars.number == "云府规〔2024〕8号"
    assert document.particulars.published_on == date(2024, 3, 1)
    assert document.particulars.in_force is True


def test_articles_are_cut_with_their_items_and_know_their_chapter() -> None:
    document = read(
        "# 某办法\n## 第一章 总则\n**第一条**　有下列情形之一：\n（一）甲；\n（二）乙。\n"
        "## 第二章 附则\n第二条 自公布之日起施行。\n"
    )
    assert articles(document) == [
        ("第一条", "有下列情形之一：\n（一）甲；\n（二）乙。"),
        ("第二条", "自公布之日起施行。"),
    ]
    assert [excerpt.heading for excerpt in document.excerpts] == ["第一章 总则", "第二章 附则"]


def test_a_paragraph_that_begins_with_a_reference_is_no_article() -> None:
    document = read("第一条 甲。\n第二条 乙。\n第一条、第二条规定的期限从次日起算。\n第三条规定的除外。\n第三条 丙。\n")
    assert [article for article, _ in articles(document)] == ["第一条", "第二条", "第三条"]


def test_inserted_articles_and_articles_in_digits_are_known() -> None:
    document = read("第一条 甲。\n第一条之一 乙。\n第2条 丙。\n第3条丁。\n")
    assert articles(document) == [("第一条", "甲。"), ("第一条之一", "乙。"), ("第2条", "丙。"), ("第3条", "丁。")]


def test_an_annex_does_not_belong_to_the_last_article() -> None:
    document = read("第一条 甲。\n第二条 乙。\n附件：收费标准\n登记费 80 元。\n")
    assert articles(document)[-1] == (None, "登记费 80 元。")
    assert document.excerpts[-1].heading == "附件：收费标准"


def test_a_document_without_articles_is_cut_by_headings() -> None:
    document = read("# 问答\n## 要带什么？\n带[身份证](https://yunhe.example)。\n## 收费吗？\n**不收费**。\n")
    assert [(e.heading, e.text) for e in document.excerpts] == [("要带什么？", "带身份证。"), ("收费吗？", "不收费。")]
    assert document.title == "问答"


def test_a_long_section_is_cut_between_paragraphs_and_loses_nothing() -> None:
    paragraphs = [f"第{number}段" + "内容" * 70 + "。" for number in range(9)]
    document = read("## 一节\n" + "\n\n".join(paragraphs))
    assert all(len(excerpt.text) <= LONGEST_SECTION for excerpt in document.excerpts)
    assert [line for excerpt in document.excerpts for line in excerpt.paragraphs] == paragraphs
    assert {excerpt.heading for excerpt in document.excerpts} == {"一节"}


def test_each_row_of_a_table_can_be_quoted_alone() -> None:
    document = read("## 收费\n| 项目 | 价格 |\n| --- | --- |\n| 住宅 | 80 元 |\n| 非住宅 | 550 元 |\n")
    assert document.excerpts[0].text == "项目：住宅；价格：80 元。\n项目：非住宅；价格：550 元。"


def test_a_statute_is_read_with_its_order_and_dates() -> None:
    document = read(
        "# 某条例\n\n2007年4月5日 中华人民共和国国务院令第492号公布\n\n"
        "2019年4月3日 中华人民共和国国务院令第711号修订　\n\n"
        "2019年5月15日 施行\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n第一条 甲。\n\n第二条 乙。\n",
        "某条例(2019-04-03).md",
    )
    particulars = document.particulars
    assert (document.title, particulars.number, particulars.issuer) == ("某条例", "国务院令第711号", "国务院")
    assert (particulars.published_on, particulars.effective_on) == (date(2019, 4, 3), date(2019, 5, 15))
    assert particulars.in_force is None


PAGE = """<html><head><meta charset="{charset}"><title>云河市门户</title>
<meta name="ArticleTitle" content="关于清明节放假的通知"><meta name="PubDate" content="2026-03-20 09:00">
<meta name="ContentSource" content="云河市人民政府办公室"></head><body>
<div class="menu"><nav>首页</nav></div><div class="TRS_Editor"><h1>关于清明节放假的通知</h1>
<p>云府办〔2026〕12号</p><h2>放假时间</h2><p>4月4日至6日放假，<br>共3天。<!-- 注释 --></p>
<table><tr><th>窗口</th><th>时间</th></tr><tr><td>户籍</td><td>照常</td></tr></table></div>
<footer>版权所有</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_web_page_gives_its_text_and_not_its_menus(charset: str) -> None:
    document = read_document(Path("nowhere/a.html"), PAGE.format(charset=charset).encode(charset))
    assert document.title == "关于清明节放假的通知"
    assert document.particulars.published_on == date(2026, 3, 20)
    assert document.particulars.number == "云府办〔2026〕12号"
    (excerpt,) = document.excerpts
    assert (excerpt.heading, excerpt.paragraphs) == (
        "放假时间",
        ["4月4日至6日放假，", "共3天。", "窗口：户籍；时间：照常。"],
    )


def word_file() -> bytes:
    document = docx.Document()
    document.add_paragraph("关于做好防汛工作的通知", style="Title")
    document.add_paragraph("云府办〔2026〕30号")
    document.add_heading("一、值班", level=1)
    document.add_paragraph("汛期各单位24小时值班。")
    document.add_paragraph("云河市人民政府办公室")
    document.add_paragraph("2026年5月8日")
    stored = BytesIO()
    document.save(stored)
    return stored.getvalue()


def test_a_word_file_gives_title_number_and_signature() -> None:
    document = read_document(Path("nowhere/a.docx"), word_file())
    particulars = document.particulars
    assert (document.title, particulars.number) == ("关于做好防汛工作的通知", "云府办〔2026〕30号")
    assert (particulars.issuer, particulars.published_on) == ("云河市人民政府办公室", date(2026, 5, 8))
    assert [(excerpt.heading, excerpt.text) for excerpt in document.excerpts] == [
        ("一、值班", "汛期各单位24小时值班。")
    ]


def test_a_companion_file_says_what_a_word_file_cannot(tmp_path: Path) -> None:
    (tmp_path / "a.docx.yaml").write_text("repealed_on: 2026-09-01\nurl: https://yunhe.example/a", encoding="utf-8")
    document = read_document(tmp_path / "a.docx", word_file())
    assert document.particulars.says_repealed
    assert document.particulars.url == "https://yunhe.example/a"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", b"", "没有正文"),
        ("a.md", "---\ntitle: [\n---\n正文".encode(), "YAML"),
        ("a.md", "---\npublished_on: 去年\n---\n正文".encode(), "published_on"),
        ("a.md", "---\nin_force: true\nrepealed_on: 2020-01-01\n---\n正文".encode(), "in_force"),
        ("a.html", b"<html><body><nav>x</nav></body></html>", "没有正文"),
        ("a.docx", b"not a zip", ".docx"),
        ("a.pdf", b"%PDF-1.4", "打不开"),
        ("a.xlsx", b"PK", "只能读"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as error:
        read_document(Path("nowhere") / name, data)
    assert reason in error.value.reason
