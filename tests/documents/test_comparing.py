"""Two versions of a document side by side: what is new, what is gone, what is different, and where."""

from __future__ import annotations

from bot.documents.comparing import Pair, compared
from bot.documents.directory import OTHER_KIND, kind_of
from bot.documents.models import Passage


def passages(*texts: tuple[str, str]) -> list[Passage]:
    return [
        Passage(position=position, heading="第一章", article=article or None, text=text)
        for position, (article, text) in enumerate(texts, start=1)
    ]


def marked(pair: Pair) -> tuple[str, str]:
    before, after = (
        "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in side)
        for side in (pair.before, pair.after)
    )
    return before, after


def test_a_clause_that_differs_is_marked_and_the_rest_is_not() -> None:
    [pair] = compared(passages(("第一条", "每年签注一次，不收费。")), passages(("第一条", "每两年签注一次，不收费。")))
    assert pair.place == "第一条"
    assert marked(pair) == ("[每年签注一次，]不收费。", "[每两年签注一次，]不收费。")
    assert not pair.is_same


def test_an_article_that_is_new_or_gone_stands_alone_and_the_others_stay_side_by_side() -> None:
    before = passages(("第一条", "一。"), ("第二条", "二。"), ("第三条", "三。"))
    after = passages(("第一条", "一。"), ("第二条之一", "新的。"), ("第三条", "三。"))
    assert [(pair.place, *marked(pair)) for pair in compared(before, after) if not pair.is_same] == [
        ("第二条", "[二。]", ""),
        ("第二条之一", "", "[新的。]"),
    ]
    assert all(pair.is_same for pair in compared(before, before))


def test_every_passage_of_both_versions_is_shown_once() -> None:
    before = passages(("", "甲。"), ("第一条", "一。"), ("", "乙。"), ("第一条", "又一。"))
    after = passages(("第一条", "一一。"), ("", "乙乙。"), ("第二条", "二。"), ("", "丙。"))
    pairs = compared(before, after)
    texts = [["".join(piece.text for piece in side) for side in (pair.before, pair.after)] for pair in pairs]
    assert sorted(old for old, _ in texts if old) == sorted(one.text for one in before)
    assert [new for _, new in texts if new] == [one.text for one in after]


def test_the_kind_of_a_document_is_read_from_its_title() -> None:
    assert kind_of("云河市居住证管理办法（2023年修订）") == "办法"
    assert kind_of("关于印发《云河市高龄津贴发放办法》的通知") == "通知"
    assert kind_of("云河市最低生活保障办法实施细则") == "实施细则"
    assert kind_of("云河市政务服务") == OTHER_KIND
