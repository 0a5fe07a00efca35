"""Particulars of official papers, as offices lay them out and save them."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest

from bot.documents.content import IS_SCAN, UnreadableDocument
from bot.documents.days import first_day, only_day
from bot.documents.old_word import NOT_INSTALLED
from bot.documents.passages import work_of
from bot.documents.reader import ReadDocument, read_document
from tests.documents import office_files
from tests.documents.office_files import RED_HEAD

NOWHERE = Path("nowhere")
LABELS = """<html><head><title>关于公布名录的通知_政府信息公开专栏</title></head><body><table>
<tr><td>索 引 号：</td><td>0001/2026-4</td><td>主题分类：</td><td>林业</td></tr>
<tr><td>发文机关：</td><td>云河市林业局 云河市财政局</td><td>成文日期：</td><td>2026年01月16日</td></tr>
<tr><td>标　　题：</td><td colspan="3">云河市林业局关于公布名录的通知</td></tr>
<tr><td>发文字号：</td><td>云林发 [2026] 4号</td><td>有 效 性：</td><td>{force}</td></tr>
<tr><td>发布日期：</td><td>2026-01-20</td></tr></table>
<div id="UCAP-CONTENT"><p>各区：</p><p>名录公布如下。</p></div></body></html>"""


def paper(*lines: str) -> ReadDocument:
    return read_document(NOWHERE / "a.docx", office_files.word(lines))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", office_files.word(RED_HEAD)),
        ("a.rtf", office_files.rich_text(RED_HEAD)),
        ("a.odt", office_files.open_document(RED_HEAD)),
        ("a.ofd", office_files.ofd(RED_HEAD)),
        *((f"{encoding}.txt", "\r\n".join(RED_HEAD).encode(encoding)) for encoding in ("utf-8-sig", "gb18030")),
        *(
            (f"{encoding}.txt", "\n".join(RED_HEAD).encode(encoding))
            for encoding in ("utf-16", "utf-16-le", "utf-16-be")
        ),
    ],
)
def test_a_red_head_document_is_the_same_in_every_format(name: str, data: bytes) -> None:
    is_issued_paper(read_document(NOWHERE / name, data))


@pytest.mark.skipif(office_files.chinese_font() is None, reason="no Chinese font is here")
def test_a_pdf_with_text_is_read_as_the_others() -> None:
    pytest.importorskip("pypdfium2")
    is_issued_paper(read_document(NOWHERE / "a.pdf", office_files.pdf(RED_HEAD)))


def is_issued_paper(read: ReadDocument) -> None:
    stated = read.particulars
    assert read.title == "云河市人民政府关于印发《云河市犬只管理办法》的通知"
    assert (stated.number, stated.issuer) == ("云府发〔2026〕7号", "云河市人民政府")
    assert (stated.published_on, stated.effective_on) == (date(2026, 3, 2), date(2026, 4, 1))
    assert stated.in_force is None
    articles = [excerpt for excerpt in read.excerpts if excerpt.article]
    assert [excerpt.article for excerpt in articles] == ["第一条", "第二条", "第三条"]
    assert {work_of(excerpt.heading) for excerpt in articles} == {("《云河市犬只管理办法》", "第一章 总则")}
    assert read.excerpts[0].heading == ""
    assert "2.收费标准" in read.excerpts[0].text
    last = read.excerpts[-1]
    assert (work_of(last.heading)[1], last.text.startswith("姓名、地址。")) == ("附件1 犬只登记表", True)


def test_the_note_of_the_annex_is_no_heading_and_numbers_in_brackets_are() -> None:
    read = paper(
        "云河市人民政府办公室关于开展评价的通知", "云府办发〔2026〕9号", "各区人民政府：", "一、总体要求",
        "（一）指导思想。坚持便民。", "（二）基本原则。", "坚持公益。", "附件：评价指标", "云河市人民政府办公室",
        "2026年5月6日", "（此件公开发布）", "附件", "评价指标", "1.不少于1500人次。",
    )  # fmt: skip
    assert [(excerpt.heading, excerpt.text) for excerpt in read.excerpts] == [
        ("", "各区人民政府："),
        ("一、总体要求 / （一）指导思想", "坚持便民。"),
        ("一、总体要求 / （二）基本原则", "坚持公益。\n附件：评价指标"),
        ("附件 评价指标", "1.不少于1500人次。"),
    ]
    assert read.particulars.published_on == date(2026, 5, 6)


def test_a_list_of_items_in_brackets_loses_nothing() -> None:
    read = paper("办理须知", "要带下面的材料：", "（一）身份证。", "（二）户口簿。")
    assert "（一）身份证。" in read.excerpts[0].text
    assert "（二）户口簿。" in "".join(excerpt.text for excerpt in read.excerpts)


def test_several_organs_issue_together() -> None:
    read = paper(
        "云河市民政局", "云河市财政局　文件", "云民发〔2026〕1号", "关于提高低保标准的通知", "各区民政局、财政局：",
        "从4月起提高。", "云河市民政局　　云河市财政局", "二〇二六年三月十二日", "抄送：市委办公室。",
    )  # fmt: skip
    assert read.title == "关于提高低保标准的通知"
    assert read.particulars.issuer == "云河市民政局、云河市财政局"
    assert read.particulars.published_on == date(2026, 3, 12)
    assert [excerpt.text for excerpt in read.excerpts] == ["各区民政局、财政局：\n从4月起提高。"]


def test_an_order_has_its_number_under_the_name_of_the_organ() -> None:
    read = paper(
        "云河市人民政府令", "第12号", "《云河市燃气管理办法》已经市政府常务会议通过，现予公布，自公布之日起施行。",
        "市长　张三", "2026年3月2日", "云河市燃气管理办法", "第一条　甲。", "第二条　本办法自公布之日起施行。",
    )  # fmt: skip
    assert (read.title, read.particulars.number) == ("云河市燃气管理办法", "云河市人民政府令第12号")
    on_one_line = paper(
        "云河市人民政府令（第12号）", "《云河市燃气管理办法》已经市政府常务会议通过，现予公布。", "市长　王某某",
        "二〇二六年四月二日", "云河市燃气管理办法", "第一条　为了加强燃气管理，制定本办法。",
    )  # fmt: skip
    particulars = on_one_line.particulars
    assert (on_one_line.title, particulars.number) == ("云河市燃气管理办法", "云河市人民政府令第12号")
    assert particulars.issuer == "云河市人民政府"
    assert work_of(read.excerpts[-1].heading)[0] == "《云河市燃气管理办法》"
    assert read.particulars.published_on == date(2026, 3, 2)


def test_marks_of_a_register_above_the_title_are_no_part_of_it() -> None:
    read = paper("登记号：YHFG-2026-003", "关于调整工资标准的通知", "云府规〔2026〕3号", "各区：", "调整为2000元。")
    assert (read.title, read.particulars.number) == ("关于调整工资标准的通知", "云府规〔2026〕3号")
    assert paper("政务公开办公室", "电话：12345", "地址：人民路1号").title == "政务公开办公室"


def test_the_names_of_organs_in_a_title_may_go_over_the_end_of_a_line() -> None:
    number, title = "云财〔2026〕3号", ("云河市财政局、云河市民", "政局关于提高标准的通知")
    for lines in ((*title, number), (number, *title)):
        assert paper(*lines, "各区：", "提高。").title == "云河市财政局、云河市民政局关于提高标准的通知"


def test_what_stands_under_the_title_of_a_rule_and_of_a_page_is_read() -> None:
    read = paper("云河市燃气管理办法", "（2019年4月3日云河市人民政府令第12号公布）", "第一条　甲。", "第二条　乙。")
    assert (read.particulars.number, read.particulars.issuer) == ("云河市人民政府令第12号", "云河市人民政府")
    assert read.particulars.published_on == date(2019, 4, 3)
    read = paper("犬只登记问答", "发布时间：2026-03-05 10:00　来源：云河市公安局", "要带身份证。")
    assert (read.particulars.published_on, read.particulars.issuer) == (date(2026, 3, 5), "云河市公安局")
    assert [excerpt.text for excerpt in read.excerpts] == ["要带身份证。"]


def test_a_head_in_a_table_and_a_table_with_a_name_are_read() -> None:
    document = docx.Document()
    for rows in ([["云河市民政局文件", ""], ["云民发〔2026〕3号", "签发人：张三"]], None):
        if rows is None:
            for line in ("关于收费的通知", "各区民政局：", "收费如下。"):
                document.add_paragraph(line)
            rows = [["收费表", "收费表"], ["项目", "价格"], ["登记", "80 元"]]
        table = document.add_table(len(rows), 2)
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    stored = BytesIO()
    document.save(stored)
    read = read_document(NOWHERE / "a.docx", stored.getvalue())
    assert (read.title, read.particulars.number) == ("关于收费的通知", "云民发〔2026〕3号")
    assert read.excerpts[0].text.endswith("收费表\n项目：登记；价格：80 元。")


def test_two_million_lines_are_refused_in_a_moment() -> None:
    assert "段" in refused("a.txt", "甲。\n".encode() * 2_000_000)


@pytest.mark.parametrize(
    ("force", "in_force"),
    [("废止", False), ("失效", False), ("有效", True), ("现行有效", True), ("已修改", None), ("部分有效", None)],
)
def test_a_saved_page_says_what_its_label_table_says(force: str, in_force: bool | None) -> None:
    read = read_document(NOWHERE / "a.html", LABELS.format(force=force).encode("gbk"))
    stated = read.particulars
    assert read.title == "云河市林业局关于公布名录的通知"
    assert (stated.number, stated.issuer) == ("云林发〔2026〕4号", "云河市林业局、云河市财政局")
    assert (stated.published_on, stated.in_force) == (date(2026, 1, 16), in_force)
    assert [excerpt.text for excerpt in read.excerpts] == ["各区：\n名录公布如下。"]


ORGAN = "云河市市场监督管理局"
NOTICE = f"{ORGAN}关于注销部分许可证的公告"
SIGNED = ("现公告如下：", "一、下列许可证予以注销。", ORGAN, "2026年3月2日")


@pytest.mark.parametrize(
    ("lines", "title", "number"),
    [
        ((NOTICE, "（2026年第3号）", *SIGNED), NOTICE, f"{ORGAN}公告2026年第3号"),
        ((f"{NOTICE}（2026年第3号）", *SIGNED), NOTICE, f"{ORGAN}公告2026年第3号"),
        ((f"{NOTICE}（云市监发〔2026〕7号）", *SIGNED), NOTICE, "云市监发〔2026〕7号"),
        ((ORGAN, "关于注销部分许可证的公告", "（云市监发〔2026〕7号）", *SIGNED), NOTICE, "云市监发〔2026〕7号"),
        ((ORGAN, "行政处罚听证公告", "云市监公告〔2026〕4号", *SIGNED), "行政处罚听证公告", "云市监公告〔2026〕4号"),
        ((f"{ORGAN}公告", "（第三号）", *SIGNED), f"{ORGAN}公告第3号", f"{ORGAN}公告第3号"),
    ],
)
def test_a_number_under_or_behind_the_title_leaves_the_title_whole(
    lines: tuple[str, ...], title: str, number: str
) -> None:
    read = paper(*lines)
    stated = read.particulars
    assert (read.title, stated.number, stated.issuer) == (title, number, ORGAN)
    assert stated.published_on == date(2026, 3, 2)


def test_a_line_of_publishing_or_a_number_without_its_organ_is_no_part_of_the_title() -> None:
    read = paper("公有住房出售问题解答", "发布时间：2026-03-05　来源：云河市住房保障局", "一、要带身份证。")
    assert (read.title, read.particulars.published_on) == ("公有住房出售问题解答", date(2026, 3, 5))
    read = paper("云河市外商投资审批办法", "第6号", "第一条　甲。", "第二条　乙。")
    assert read.title == "云河市外商投资审批办法"


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (("关于防汛的办法", "（云防发[2026]7号 2026年3月2日）", "第一条　甲。"), date(2026, 3, 2)),
        (("关于防汛的办法（云防发〔2026〕7号　云河市防汛办公室）", "第一条　甲。"), None),
        (("关于防汛的办法（试行）（云防发〔2026〕7号二0二六年三月二日）", "第一条　甲。"), date(2026, 3, 2)),
        (("关于防汛的办法", "（云防发〔2026〕7号）", "2026年3月2日", "第一条　甲。"), date(2026, 3, 2)),
    ],
)
def test_a_bracket_may_hold_day_or_organ_behind_the_number(lines: tuple[str, ...], day: date | None) -> None:
    read = paper(*lines, *("乙。" for _ in range(20)))
    assert (read.title.removesuffix("（试行）"), read.particulars.number) == ("关于防汛的办法", "云防发〔2026〕7号")
    assert read.particulars.published_on == day


def test_organs_between_the_number_and_the_title_belong_to_it() -> None:
    read = paper(
        "云经发〔2026〕7号", "云河市经济委员会", "云河市住房委员会", "关于编制名录的通知", "各区：", "请编制。",
        "云河市经济委员会云河市住房委员会", "（代章）", "2026年3月2日",
    )  # fmt: skip
    assert read.title == "云河市经济委员会、云河市住房委员会关于编制名录的通知"
    assert read.particulars.issuer == "云河市经济委员会、云河市住房委员会"
    assert read.particulars.published_on == date(2026, 3, 2)


def test_a_notice_without_a_name_under_it_has_its_day_before_what_it_issues() -> None:
    text = ("第一条　甲。", "第二条　乙。", *("丙。" for _ in range(20)))
    head = ("云河市人民政府关于印发防汛办法的通知", "云府发〔2026〕7号", "各区：", "现印发给你们。", "二ОО六年三月二日")
    read = paper(*head, "防汛办法", *text)
    assert (read.particulars.published_on, read.particulars.issuer) == (date(2006, 3, 2), "云河市人民政府")
    assert work_of(read.excerpts[-1].heading)[0] == "《防汛办法》"
    order = ("云河市人民政府令", "第7号", "现公布修订后的《防汛办法》，自2026年5月1日起施行。", "市长　张三")
    read = paper(*order, "2026年3月2日", "防汛办法", "（2026年2月1日修订通过）", *text)
    assert (read.title, read.particulars.published_on) == ("防汛办法", date(2026, 3, 2))


def test_a_line_of_the_text_that_looks_like_a_title_is_none() -> None:
    body = "".join(f"<p>{line}</p>" for line in (NOTICE, "云市监发〔2026〕7号", *SIGNED))
    page = f"<html><title>首页</title><body><main>{body}<h1>（此件公开发布）</h1></main></body></html>"
    assert read_document(NOWHERE / "a.html", page.encode()).title == NOTICE


def test_the_mark_of_a_seal_is_no_part_of_the_name() -> None:
    read = paper("关于防汛的通知", "各区：", "请做好防汛。", f"{ORGAN}（盖章）", "2026年3月2日")
    assert read.particulars.issuer == ORGAN


@pytest.mark.parametrize("suffix", [".txt", ".docx", ".html"])
def test_labels_above_the_text_are_read_in_every_format_and_the_text_is_kept(suffix: str) -> None:
    lines = (
        "索引号：0001/2026-4",
        f"发文机关：{ORGAN}",
        "成文日期：2026年03月02日",
        f"标　　题：{NOTICE}",
        "发文字号：云市监发〔2026〕7号",
        "发布日期：2026年03月05日",
        "有 效 性：废止",
        "各区：",
        "下列许可证予以注销。",
    )
    made = {
        ".txt": "\n".join(lines).encode("gb18030"),
        ".docx": office_files.word(lines),
        ".html": f"<main>{''.join(f'<p>{line}</p>' for line in lines)}</main>".encode(),
    }
    read = read_document(NOWHERE / f"a{suffix}", made[suffix])
    stated = read.particulars
    assert (read.title, stated.number, stated.issuer) == (NOTICE, "云市监发〔2026〕7号", ORGAN)
    assert (stated.published_on, stated.in_force) == (date(2026, 3, 2), False)
    assert "下列许可证予以注销。" in read.excerpts[-1].text


@pytest.mark.parametrize("name", ["云河市人民政府门户网站", "首页", "Untitled", "云河市司法局"])
def test_the_name_of_a_site_is_not_the_title_of_its_page(name: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in (NOTICE, *SIGNED))
    page = f"<html><title>{name}</title><body><main>{body}</main></body></html>"
    assert read_document(NOWHERE / "a.html", page.encode()).title == NOTICE


def test_a_list_of_other_documents_is_no_label_table() -> None:
    rows = (
        "<tr><th>标题</th><th>发文字号</th><th>有效性</th></tr>"
        "<tr><td>甲办法</td><td>云府发〔2001〕1号</td><td>废止</td></tr>"
    )
    page = f"<html><head><title>清理结果</title></head><body><p>结果如下。</p><table>{rows}</table></body></html>"
    read = read_document(NOWHERE / "a.html", page.encode())
    assert (read.particulars.in_force, read.particulars.number) == (None, None)
    assert "标题：甲办法；发文字号：云府发〔2001〕1号；有效性：废止。" in read.excerpts[0].text


def test_labels_in_a_list_are_read_too() -> None:
    lines = "<ul><li><b>发文机关：</b>云河市司法局</li><li>发文字号：云司发〔2026〕2号</li><li>时效性：已失效</li></ul>"
    page = f"<html><body><h1>某通知</h1>{lines}<div id='zoom'><p>正文。</p></div></body></html>"
    stated = read_document(NOWHERE / "a.htm", page.encode()).particulars
    assert (stated.number, stated.issuer, stated.in_force) == ("云司发〔2026〕2号", "云河市司法局", False)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年3月2日", date(2026, 3, 2)),
        ("2026 年 3 月 2 日", date(2026, 3, 2)),
        ("二○二六年十二月三十一日", date(2026, 12, 31)),
        ("二〇二六年三月二十日", date(2026, 3, 20)),
        ("二O二六年三月二日", date(2026, 3, 2)),
        ("二0二六年三月二日", date(2026, 3, 2)),
        ("（2026年3月2日）", date(2026, 3, 2)),
        ("2026-03-02", date(2026, 3, 2)),
        ("2026.3.2", date(2026, 3, 2)),
        ("2026年2月30日", None),
        ("于2026年3月2日", None),
        ("云河市", None),
    ],
)
def test_a_day_is_read_in_every_form(text: str, day: date | None) -> None:
    assert only_day(text) == day
    assert first_day("2026-03-20 09:00") == date(2026, 3, 20)


def refused(name: str, data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as error:
        read_document(NOWHERE / name, data)
    return error.value.reason


def test_a_scan_and_a_password_are_told() -> None:
    pytest.importorskip("pypdfium2")
    assert refused("a.pdf", office_files.pdf([])) == IS_SCAN
    assert "密码" in refused("a.pdf", office_files.pdf(["text"], password="secret"))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.html", OLE + "WordDocument".encode("utf-16-le"), "内容却是老式 Word"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
        ("a.doc", office_files.rich_text(["正文。"]), "请改名为 .rtf"),
        ("a.pdf", office_files.word(["正文。"]), "请改名为 .docx"),
        ("a.txt", b"\x89PNG\r\n", "内容却是图片"),
        ("a.docx", office_files.packed({"xl/workbook.xml": "<x/>"}), "内容却是表格"),
        ("a.ofd", office_files.packed({"OFD.xml": "<x/>", "../../etc/x": "y"}), "路径"),
        ("a.ofd", office_files.packed({"OFD.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "实体"),
        ("a.docx", office_files.packed({"word/document.xml": "<x/>", "word/vbaProject.bin": "y"}), "宏"),
        ("a.ofd", office_files.packed({"OFD.xml": "<x/>", "a.xml": b" " * (60 << 20)}), "太大"),
        ("a.odt", office_files.packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "打不开"),
        ("a.rtf", b"{\\rtf1" + b"{" * 5000, "嵌套太深"),
        ("a.txt", b"\x00\x01\x02\x03" * 50, "编码"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_seems_is_refused_with_its_reason(name: str, data: bytes, reason: str) -> None:
    assert reason in refused(name, data)


def test_an_old_word_file_needs_a_program_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = OLE + "WordDocument".encode("utf-16-le")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused("a.wps", data) == NOT_INSTALLED
    antiword = tmp_path / "antiword"
    antiword.write_text(
        "#!/bin/sh\nprintf '关于值班的通知\\n\\n云府办〔2026〕3号\\n\\n各区：\\n请值班。\\n'\n", encoding="utf-8"
    )
    antiword.chmod(0o755)
    read = read_document(NOWHERE / "a.doc", data)
    assert (read.title, read.particulars.number) == ("关于值班的通知", "云府办〔2026〕3号")
    antiword.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert "打不开" in refused("a.doc", data)
