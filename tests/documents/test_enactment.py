"""How a statute came about is read from the lines below its title, whatever the format of the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.documents.enactment import NO_ENACTMENT, Enactment, enactment_in
from bot.documents.reader import ReadDocument, read_document

MADE = "1998年4月29日云河市第十届人民代表大会常务委员会第二次会议通过"
MENDED = "根据2020年7月3日云河市第十五届人民代表大会常务委员会第四十次会议《关于修改〈云河市燃气条例〉的决定》修正"
CONGRESS = "云河市人民代表大会常务委员会"


def read(*head: str) -> ReadDocument:
    text = "\n".join((*head, "第一章　总则", "第一条　为了规范燃气管理，制定本条例。", "第二条　本市适用本条例。"))
    return read_document(Path("/nowhere/a.txt"), text.encode())


@pytest.mark.parametrize(
    "head",
    [
        (f"（{MADE}　{MENDED}）",),
        (f"（{MADE}", f"{MENDED}）"),
        (f"（{MADE}）", f"（{MENDED}）"),
        (MADE, MENDED.removeprefix("根据")),
    ],
)
def test_the_day_is_that_of_the_version_at_hand_and_the_issuer_who_made_it(head: tuple[str, ...]) -> None:
    found = read("云河市燃气条例", *head)
    stated = found.particulars
    assert (found.title, stated.published_on, stated.issuer) == ("云河市燃气条例", date(2020, 7, 3), CONGRESS)
    assert [excerpt.article for excerpt in found.excerpts if excerpt.article] == ["第一条", "第二条"]


def test_an_order_gives_its_number_and_the_day_of_effect_is_no_day_of_publication() -> None:
    stated = read("云河市燃气办法", "（2019年4月3日云河市人民政府令第12号公布　自2019年5月15日起施行）").particulars
    assert (stated.number, stated.issuer) == ("云河市人民政府令第12号", "云河市人民政府")
    assert (stated.published_on, stated.effective_on) == (date(2019, 4, 3), date(2019, 5, 15))


@pytest.mark.parametrize(
    ("line", "issuer"),
    [
        ("2019年3月15日 第十三届全国人民代表大会第二次会议通过", "全国人民代表大会"),
        ("（2019年4月23日第十三届全国人民代表大会常务委员会第十次会议修订）", "全国人民代表大会常务委员会"),
        ("(二〇一九年四月三日中华人民共和国国务院令第711号)", "中华人民共和国国务院"),
    ],
)
def test_the_body_is_named_as_the_line_names_it(line: str, issuer: str) -> None:
    found = enactment_in([line])
    assert (found.issuer, found.day and found.day.year) == (issuer, 2019)


@pytest.mark.parametrize(
    "line",
    [
        "2026年3月1日，市政府印发了《云河市燃气管理办法》。",
        "2026年3月1日起，各区公布本区的名单",
        "云河市人民政府办公室　2026年3月1日",
        "第一条　2026年3月1日以前通过的规定继续有效。",
        "",
    ],
)
def test_a_sentence_of_the_text_is_no_enactment(line: str) -> None:
    assert enactment_in([line]) == NO_ENACTMENT == Enactment(None, None, None, None)
