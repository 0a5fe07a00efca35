from dataclasses import replace
from datetime import date

import pytest

from bot.catalogue.models import Department
from bot.conversations.outcomes import Outcome
from bot.documents.models import Document, Passage
from bot.documents.service import FoundPassage
from bot.replies.policies import (
    LONGEST_QUOTE,
    Near,
    nothing_found,
    nothing_found_but_may_be_taken_down,
    policy_answer,
)


def found(
    text: str = "居住证每年签注一次。", article: str | None = "第十一条", heading: str = "第三章 签注"
) -> FoundPassage:
    document = Document(
        id=1,
        title="云河市居住证管理办法",
        number="云府规〔2016〕3号",
        published_on=date(2016, 6, 20),
        in_force=True,
        states_force=True,
        url="https://yunhe.example/a",
    )
    return FoundPassage(document, Passage(position=11, heading=heading, article=article, text=text), 0.8, [])


def repealed() -> FoundPassage:
    document = Document(
        id=2,
        title="云河市暂住证管理办法",
        published_on=date(2004, 3, 15),
        in_force=False,
        repealed_on=date(2016, 7, 1),
        repealed_by="云河市居住证管理办法",
    )
    return FoundPassage(document, Passage(position=6, heading="", article="第六条", text="申领暂住证。"), 0.5, [])


def test_the_passage_is_quoted_with_all_that_lets_a_reader_check_it() -> None:
    reply = policy_answer([found()])
    assert reply.text.splitlines() == [
        "《云河市居住证管理办法》（云府规〔2016〕3号，2016-06-20 公布，现行有效）第十一条：",
        "“居住证每年签注一次。”",
        "原文：https://yunhe.example/a",
    ]
    assert reply.outcome is Outcome.ANSWERED_BY_PASSAGE


def test_what_nobody_has_said_of_its_force_is_not_said() -> None:
    unknown = found()
    unknown.document.states_force = False
    reply = policy_answer([unknown])
    assert reply.text.startswith("《云河市居住证管理办法》（云府规〔2016〕3号，2016-06-20 公布）第十一条：")
    assert reply.custom is not None
    assert reply.custom["sources"][0]["in_force"] is None
    unknown.document.number = unknown.document.published_on = None
    assert policy_answer([unknown]).text.startswith("《云河市居住证管理办法》第十一条：")


def test_an_article_is_quoted_from_what_the_notice_issues_and_not_from_the_notice() -> None:
    issued = found(heading="《云河市居住证管理办法》 / 第三章 签注")
    issued.document.title = "关于印发《云河市居住证管理办法》的通知"
    reply = policy_answer([issued])
    assert reply.text.startswith("《云河市居住证管理办法》（云府规〔2016〕3号，2016-06-20 公布，现行有效）第十一条：")
    assert reply.custom is not None
    assert reply.custom["sources"][0]["document"] == "云河市居住证管理办法"
    whole = policy_answer([found(article=None, heading="《云河市居住证管理办法》")])
    assert whole.text.startswith("《云河市居住证管理办法》（云府规〔2016〕3号，2016-06-20 公布，现行有效）：")


def test_programs_get_every_source_best_first() -> None:
    custom = policy_answer([found(), repealed()]).custom
    assert custom is not None
    assert custom["kind"] == "policy_answer"
    assert custom["sources"] == [
        {
            "document": "云河市居住证管理办法",
            "number": "云府规〔2016〕3号",
            "article": "第十一条",
            "passage": "居住证每年签注一次。",
            "url": "https://yunhe.example/a",
            "published_on": "2016-06-20",
            "in_force": True,
            "page": "/documents/1#p11",
            "recognised": False,
        },
        {
            "document": "云河市暂住证管理办法",
            "number": None,
            "article": "第六条",
            "passage": "申领暂住证。",
            "url": None,
            "published_on": "2004-03-15",
            "in_force": False,
            "page": "/documents/2#p6",
            "recognised": False,
        },
    ]


def test_a_document_without_an_address_has_that_of_our_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example")
    custom = policy_answer([found(), repealed()]).custom
    assert custom is not None
    assert [source["url"] for source in custom["sources"]] == [
        "https://yunhe.example/a",
        "https://bot.example/documents/2#p6",
    ]


def test_the_other_sources_are_named_once_with_their_force() -> None:
    text = policy_answer([found(), repealed(), repealed()]).text
    assert "相关的还有：《云河市暂住证管理办法》第六条（已废止）。" in text


def test_a_repealed_document_is_marked_plainly() -> None:
    text = policy_answer([repealed()]).text
    assert text.startswith(
        "【已废止】《云河市暂住证管理办法》（2004-03-15 公布，2016-07-01 废止，依据《云河市居住证管理办法》）第六条"
    )
    assert "现在办事不能以它为准" in text


def test_a_section_is_named_by_its_nearest_heading() -> None:
    text = policy_answer([found(article=None, heading="签注 / 居住证丢了怎么补")]).text
    assert "现行有效）“居住证丢了怎么补”：" in text


def test_a_long_passage_is_quoted_in_whole_sentences_that_hold_the_answer() -> None:
    sentences = [f"第{number}句" + "话" * 90 + "。" for number in range(12)]
    long = found("".join(sentences))
    from_the_start = policy_answer([long]).text.splitlines()[1]
    assert from_the_start.startswith("“第0句")
    assert from_the_start.endswith("。……”")
    assert len(from_the_start) <= LONGEST_QUOTE + 6
    from_the_answer = policy_answer([replace(long, sentences=[sentences[9]])]).text.splitlines()[1]
    assert from_the_answer.startswith("“……第9句")
    assert policy_answer([long]).custom["sources"][0]["passage"] == long.passage.text  # type: ignore[index]


def test_when_nothing_is_found_the_nearest_are_offered_and_a_person() -> None:
    reply = nothing_found([Near("云河市居住证管理办法", is_document=True), Near("居住证申领")], "12345")
    assert reply.outcome is Outcome.NOTHING_FOUND
    assert reply.custom == {"kind": "fallback", "suggestions": ["云河市居住证管理办法", "居住证申领"]}
    assert [button.title for button in reply.buttons] == ["云河市居住证管理办法", "居住证申领", "转人工"]
    assert "12345" in reply.text
    assert "1. 《云河市居住证管理办法》\n2. 居住证申领" in reply.text


def test_when_only_matters_are_near_it_is_asked_which_is_meant() -> None:
    text = nothing_found([Near("居住证申领"), Near("居住证签注")], "12345").text
    assert text.startswith(
        "没有完全对得上的事项。您说的是不是下面哪一项？回复序号就行：\n1. 居住证申领\n2. 居住证签注\n"
    )
    assert "12345" in text


def test_when_nothing_is_near_only_a_person_is_offered() -> None:
    assert [button.title for button in nothing_found([], "12345").buttons] == ["转人工"]


def test_who_may_know_is_named_with_a_telephone_and_may_get_the_question() -> None:
    office = Department(code="JT", name="交通运输局", short_names=[], phone="0990-8810900")
    reply = nothing_found_but_may_be_taken_down([Near("道路运输站场备案")], "12345", office)
    first, *near = reply.text.splitlines()
    assert all(told in first for told in ("交通运输局", "0990-8810900", "记下来"))
    assert near == ["比较接近的有：", "1. 道路运输站场备案"]
    assert [button.title for button in reply.buttons] == ["道路运输站场备案", "记下来转办", "转人工"]
