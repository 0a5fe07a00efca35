from datetime import date
from pathlib import Path

import pytest

from bot.documents.reader import read_document
from bot.laws.repeals import Repealed, repeals_of

SHARED = Path(__file__).resolve().parents[3] / "shared" / "laws" / "2025年4月以后"


def test_a_clause_names_the_day_and_several_laws() -> None:
    text = "本法自2026年8月15日起施行。《中华人民共和国林泉法》、《溪流条例》（1998年修订）和《池塘办法》同时废止。"
    found = repeals_of("山水法典", [("第九条", "保护山水。"), ("第十条", text)])
    assert [(one.law, one.part, one.on, one.article) for one in found] == [
        ("林泉法", "", date(2026, 8, 15), "第十条"),
        ("溪流条例", "", date(2026, 8, 15), "第十条"),
        ("池塘办法", "", date(2026, 8, 15), "第十条"),
    ]


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (
            "自2025年9月1日起施行。《甲解释》（法释〔2020〕26号）第三十二条第一款同时废止。",
            ("甲解释", "第三十二条第一款"),
        ),
        (
            "自2025年9月1日起施行。1997年3月25日发布的《甲条例》中关于补贴的规定同时废止。",
            ("甲条例", "中关于补贴的规定"),
        ),
        ("自2025年9月1日起施行，1997年国务院发布的《甲条例》同时废止。", ("甲条例", "")),
        ("自２０２５年９月１日起施行。《甲条例》即行废止。", ("甲条例", "")),
    ],
)
def test_a_part_may_end_alone(clause: str, expected: tuple[str, str]) -> None:
    (found,) = repeals_of("乙条例", [("第五条", f"本条例{clause}")])
    assert (found.law, found.part, found.on) == (*expected, date(2025, 9, 1))


def test_the_day_of_publication_is_left_open() -> None:
    assert repeals_of("乙条例", [("第五条", "本条例自公布之日起施行。《甲条例》同时废止。")]) == [
        Repealed("甲条例", "", None, "第五条")
    ]


def test_what_only_speaks_of_repeal_and_its_own_earlier_version_are_no_repeals() -> None:
    passages = [
        ("第二条", "《甲条例》的制定、修改和废止，适用本法。"),
        ("第三条", "国家标准公布后，地方标准即行废止。"),
        ("第四条", "本条例自发布之日起施行。1989年发布的《乙条例》同时废止。"),
    ]
    assert repeals_of("乙条例", passages) == []


def test_the_annex_of_a_decision_is_a_list() -> None:
    passages = [
        ("", "一、对1部条例予以修改。\n二、对2部条例予以废止。\n本决定自2026年3月20日起施行。"),
        ("", "附件1\n决定修改的行政法规\n一、将《丙条例》第二条中的“局”改为“委”。"),
        ("", "附件2\n决定废止的行政法规\n一、煤场条例（1994年发布）\n二、中华人民共和国学堂办法（1981年批转）"),
    ]
    found = repeals_of("关于修改和废止部分行政法规的决定", passages)
    assert [(one.law, one.on) for one in found] == [("煤场条例", date(2026, 3, 20)), ("学堂办法", date(2026, 3, 20))]


@pytest.mark.skipif(not SHARED.exists(), reason="the national texts are not here")
def test_the_environmental_code_ends_ten_laws() -> None:
    path = next(SHARED.glob("*生态环境法典*.md"))
    read = read_document(path, path.read_bytes())
    found = repeals_of(read.title, [(one.article or "", one.text) for one in read.excerpts])
    assert {one.on for one in found} == {date(2026, 8, 15)}
    assert len(found) == 10
    assert {"环境保护法", "噪声污染防治法", "大气污染防治法", "环境影响评价法"} <= {one.law for one in found}
