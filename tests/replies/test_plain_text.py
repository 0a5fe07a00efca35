"""How replies read on a telephone: pages, choices by number, sources, links; and every reply of the sample city."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.catalogue import service as catalogue
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import AbsentMatter, Item, JointService
from bot.catalogue.situations import Variant
from bot.db import Database
from bot.disclosures.answers import Field
from bot.disclosures.draft import Draft
from bot.disclosures.importer import import_requests
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.documents.importer import import_documents
from bot.documents.models import Document, Passage
from bot.documents.service import FoundPassage, passages_of
from bot.language.facets import FACET_TITLES
from bot.language.masking import for_sending
from bot.places import SAMPLES
from bot.referrals.importer import import_routes
from bot.referrals.models import Route
from bot.replies import approvals, disclosures, filing, handoff, joint_services, policies, routes, smalltalk
from bot.replies.buttons import Buttons
from bot.replies.plain_text import MORE_LINE, SMS_LONGEST, WECHAT_LONGEST, Screen, Style, TextChoice, pages, screen
from bot.replies.policies import Near
from bot.replies.reply import PERSON, Reply
from bot.sealing import Sealer
from tests.databases import set_up

SEALER = Sealer(Fernet.generate_key())
SMS, WECHAT = Style(SMS_LONGEST), Style(WECHAT_LONGEST)
RECEIPT, CITATION = "XXGK-2026-000001", "第三十三条第一款"
# Words that look like a mistake on a telephone without buttons.
FOR_A_SCREEN = re.compile(r"点开|点击|见按钮|https?://|www\.|\*\*第|^#|</|现行有效|\n\n|（）|[；，、。]{2}|\)  ", re.M)


def message(text: str, *buttons: tuple[str, str], **custom: Any) -> dict[str, Any]:
    shown = [{"title": title, "id": button} for title, button in buttons]
    return {"text": text, "buttons": shown, "custom": custom or None}


def as_sent(reply: Reply) -> dict[str, Any]:
    return Buttons(SEALER).offered("c1", [reply.as_message()])[0]


def whole(shown: Screen) -> str:
    return "\n".join(page.removesuffix(f"\n{MORE_LINE}") for page in shown.pages)


def said(*messages: dict[str, Any], style: Style = WECHAT) -> str:
    return whole(screen(messages, style))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def without_spaces(text: str) -> str:
    return "".join(text.split())


# Pages


@given(st.text(max_size=800), st.integers(20, 300))
def test_pages_hold_all_of_a_text_and_none_is_blank_or_too_long(text: str, longest: int) -> None:
    cut = pages(text, longest)
    assert all(page.strip() and units(page) <= longest for page in cut)
    assert all(page.endswith(f"\n{MORE_LINE}") for page in cut[:-1])
    kept = [page.removesuffix(f"\n{MORE_LINE}") for page in cut[:-1]] + list(cut[-1:])
    assert without_spaces("".join(kept)) == without_spaces(for_sending(text))


@given(st.lists(st.sampled_from([RECEIPT, CITATION, "2026年12月8日", "0990-8810130", "第七条", "1500"]), max_size=30),
       st.text("办事公开申请", min_size=1, max_size=40), st.integers(70, 300))  # fmt: skip
def test_no_receipt_date_number_or_citation_is_torn_apart(tokens: list[str], between: str, longest: int) -> None:
    cut = pages(between.join(tokens), longest)
    for token in set(tokens):
        assert sum(page.count(token) for page in cut) == between.join(tokens).count(token)


@given(st.text("😀𠮷办", max_size=300))
def test_a_character_of_two_units_counts_twice_and_stays_whole(text: str) -> None:
    cut = pages(text, 67)
    assert all(units(page) <= 67 for page in cut)
    assert "".join(page.removesuffix(f"\n{MORE_LINE}") for page in cut) == text


def test_what_fits_is_one_page_with_nothing_added() -> None:
    assert pages("字" * 67, 67) == ("字" * 67,)
    assert pages(" \n", 67) == ()


def test_a_page_ends_with_a_line_if_it_can_and_with_no_heading() -> None:
    first, second = pages(f"{'字' * 40}。\n要带：\n{'字' * 30}", 67)
    assert first == f"{'字' * 40}。\n{MORE_LINE}"
    assert second == f"要带：\n{'字' * 30}"


def test_else_it_ends_with_a_sentence_and_else_with_a_clause() -> None:
    assert pages(f"“{'字' * 46}。”{'字' * 40}", 67)[0] == f"“{'字' * 46}。”\n{MORE_LINE}"
    assert pages(f"{'字' * 46}，{'字' * 40}", 67)[0] == f"{'字' * 46}，\n{MORE_LINE}"


def test_an_identity_number_is_out_before_the_text_is_cut() -> None:
    cut = pages(f"{'字' * 50}110105 19491231 002X{'字' * 50}", 67)
    assert "[身份证号]" in "".join(cut)
    assert "110105" not in "".join(cut)


# Choices


def test_buttons_become_one_line_of_numbers_with_the_person_as_0() -> None:
    shown = screen([message("不收费。", ("怎么办", "/a"), ("转人工", "/handoff"), ("去哪办", "/b"))], SMS)
    assert shown.pages == ("不收费。\n回复 1 怎么办，2 去哪办，0 人工",)
    assert shown.choices == (TextChoice("怎么办", "/a"), TextChoice("去哪办", "/b"))


def test_a_person_alone_is_offered_alone_and_where_nothing_is_offered_nothing_is_added() -> None:
    assert screen([message("没有查到。", ("转人工", "/handoff"))], SMS) == Screen(("没有查到。\n回复 0 人工",), ())
    assert screen([message("请打 119。")], SMS) == Screen(("请打 119。",), ())


def test_a_list_of_the_buttons_is_the_choices_and_is_not_repeated() -> None:
    text = "要带：\n1. 旧证\n2. 照片\n给谁换？回复序号就行：\n1. 大人\n2. 小孩\n来源：目录"
    assert said(message(text, ("大人", "/x"), ("小孩", "/y"))).splitlines() == [
        "要带：",
        "(1) 旧证",
        "(2) 照片",
        "给谁换？回复序号就行：",
        "1. 大人",
        "2. 小孩",
        "来源：目录",
        "回复 0 人工",
    ]


def test_the_heading_of_a_list_says_that_a_number_will_do() -> None:
    assert said(message("谁来申请？\n1. 个人\n2. 公司", ("个人", "个人"), ("公司", "公司"))).startswith(
        "谁来申请？（回复序号）\n1. 个人"
    )
    assert said(message("接近的有：\n1. 《甲》", ("甲", "甲"))).startswith("接近的有（回复序号）：\n1. 甲\n")
    assert said(message("1. 甲\n2. 乙", ("甲", "甲"), ("乙", "乙"))).startswith("回复序号：\n1. 甲\n2. 乙\n")


def test_a_list_of_more_or_of_something_else_is_no_list_of_choices() -> None:
    text = said(message("步骤：\n1. 甲\n2. 乙\n3. 丙", ("甲", "/a"), ("乙", "/b")))
    assert text == "步骤：\n(1) 甲\n(2) 乙\n(3) 丙\n回复 1 甲，2 乙，0 人工"


def test_an_enumeration_of_buttons_gets_their_numbers_where_it_stands() -> None:
    related = "接着可能用到：甲（顺便）；《乙》（规定在这里）。"
    text = said(message(related, ("怎么办", "/how"), ("甲", "/a"), ("乙", "乙")))
    assert text == "接着可能用到（回复序号）：2 甲（顺便）；3 《乙》（规定在这里）。\n回复 1 怎么办，0 人工"


def test_numbers_go_on_from_one_message_to_the_next() -> None:
    shown = screen(
        [
            message("甲组：\n1. 一\n2. 二", ("一", "/1"), ("二", "/2")),
            message("乙组：\n1. 三\n2. 二", ("三", "/3"), ("二", "/2")),
            message("好。", ("怎么办", "/how"), ("一", "/1")),
        ],
        SMS,
    )
    assert whole(shown).splitlines() == [
        "甲组（回复序号）：",
        "1. 一",
        "2. 二",
        "乙组（回复序号）：",
        "3. 三",
        "2. 二",
        "好。",
        "回复 4 怎么办，0 人工",
    ]
    assert [choice.says for choice in shown.choices] == ["/1", "/2", "/3", "/how"]


@given(st.lists(st.lists(st.tuples(st.sampled_from("甲乙丙丁戊"), st.booleans()), max_size=4), max_size=4))
def test_whatever_is_offered_each_number_stands_for_one_choice(offers: list[list[tuple[str, bool]]]) -> None:
    messages = []
    for offered in offers:
        titles = list(dict.fromkeys(title for title, _ in offered))
        lines = [f"{number}. {title}" for number, title in enumerate(titles, start=1)]
        is_list = bool(offered) and offered[0][1]
        messages.append(message("\n".join(["有：", *lines * is_list]), *((title, f"/{title}") for title in titles)))
    shown = screen(messages, SMS)
    numbered = re.findall(r"(?:^|回复 |，)(\d+)\.? ([甲乙丙丁戊])", whole(shown), re.M)
    assert {(int(number), title) for number, title in numbered} == {
        (number, choice.title) for number, choice in enumerate(shown.choices, start=1)
    }


# Sources, links, markup


def found(in_force: bool = True, **known: Any) -> FoundPassage:
    document = Document(
        title="云河市居住证管理办法（试行）",
        number="云府规〔2016〕3号",
        published_on=date(2016, 6, 20),
        in_force=in_force,
        states_force=True,
        url="https://yunhe.example/documents/residence-permit",
        **known,
    )
    return FoundPassage(document, Passage(heading="", article="第十一条", text="居住证每年签注一次。"), 0.8, [])


def test_a_document_is_named_by_title_and_article_and_quoted() -> None:
    assert said(as_sent(policies.policy_answer([found()]))) == (
        "《云河市居住证管理办法（试行）》第十一条：\n“居住证每年签注一次。”"
    )


def test_a_repealed_document_says_so_and_what_took_its_place() -> None:
    gone = found(in_force=False, repealed_on=date(2020, 1, 1), repealed_by="云河市新办法（修订）")
    assert said(as_sent(policies.policy_answer([gone]))).splitlines() == [
        "【已废止】《云河市居住证管理办法（试行）》（2020-01-01 废止，依据《云河市新办法（修订）》）第十一条：",
        "“居住证每年签注一次。”",
        "注意：这份文件已经废止，只能用来了解过去的规定，现在办事不能以它为准。",
    ]
    assert "【已废止】" in said(as_sent(policies.policy_answer([found(in_force=False)])))


def test_sources_are_short_and_said_once() -> None:
    source = "来源：本市政务服务事项目录 GA-002（2026-07-15 更新）；《中华人民共和国居民身份证法》第十一条"
    assert said(message(f"不收费。\n{source}"), message(f"当场办。\n{source}")) == (
        "不收费。\n当场办。\n来源：事项目录 GA-002，《居民身份证法》第十一条"
    )


def test_a_link_goes_with_what_led_to_it_and_is_named_once_in_short() -> None:
    text = "在政务网（https://yunhe.example/a）办。\n网址：http://x.cn/1；依据：《某法》\n原文：https://yunhe.example/b"
    assert said(message(text)) == "在政务网办。\n依据：《某法》"
    style = replace(WECHAT, short_link="https://yh.cn/s")
    assert said(message(text), style=style) == "在政务网办。\n依据：《某法》\n详见 https://yh.cn/s"


def test_only_the_short_link_stands_and_nothing_that_begins_alike() -> None:
    style = replace(WECHAT, short_link="https://yh.cn")
    assert said(message("看 https://yh.cn/a1。"), style=style) == "看 https://yh.cn/a1。"
    for other in ("https://yh.cn.evil.com", f"https://yh.cn/{'a' * 40}"):
        assert said(message(f"看看 {other} 这里。"), style=style) == "看看 这里。\n详见 https://yh.cn"


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("## 办法 😀", "办法"),
        ("**第一条**　用 `护照` 或者<b>通行证</b>☎️", "第一条　用 护照 或者通行证"),
        ("见[指南](https://x.cn/1)。", "见指南。"),
        ("5*3=15，<18 周岁，a_b_c", "5*3=15，<18 周岁，a_b_c"),
        ("王**、李**，139****8000、138****8001", "王**、李**，139****8000、138****8001"),
    ],
)
def test_markup_and_pictures_are_left_out_and_their_words_stay(marked: str, plain: str) -> None:
    assert said(message(marked)) == plain


def test_there_is_a_page_even_where_a_reply_has_no_words() -> None:
    assert screen([{"text": "😀"}], SMS).pages == screen([], SMS).pages == ("这条答复没有文字。",)


# The sample city


@pytest.fixture(scope="module")
def sample() -> Iterator[Database]:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")
        import_routes(session, SAMPLES / "routes" / "routes.csv")
        import_requests(session, SAMPLES / "disclosures")
    yield database
    database.close()


def check(*replies: Reply) -> Screen:
    """What must be true of every screen; the one in SMS style is given back."""
    for style in (SMS, WECHAT, replace(SMS, short_link="https://yh.cn/s")):
        shown = screen([as_sent(reply) for reply in replies], style)
        text = whole(shown)
        assert all(page.strip() and units(page) <= style.longest for page in shown.pages)
        assert for_sending(text) == text
        assert not FOR_A_SCREEN.search(text.replace("https://yh.cn/s", "")), text
        numbers = {int(one) for one in re.findall(r"(?:^|[：；、，]|回复 )(\d+)\.? (?=\D)", text, re.M)} - {0}
        assert numbers >= set(range(1, len(shown.choices) + 1)), text
        assert not re.findall(r"^(\d+)\. ", text, re.M)[len(shown.choices) :], text
        buttons = [button for reply in replies for button in reply.buttons]
        assert text.endswith("0 人工") is bool(buttons)
    return screen([as_sent(reply) for reply in replies], SMS)


def test_every_answer_about_an_item_reads_well(sample: Database) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            related = catalogue.related_to(session, item.code)
            for facet in FACET_TITLES:
                case = Variant(item)
                question = case.open_question([facet])
                offers = () if question else related
                shown = check(approvals.item_answer(item, facet, case=case, question=question, related=offers))
                assert f"来源：事项目录 {item.code}，《" in whole(shown)
                assert "更新" not in whole(shown).split("来源：")[1]


def test_every_joint_service_lists_its_items_as_choices(sample: Database) -> None:
    with sample.transaction() as session:
        for joint in session.scalars(select(JointService)):
            names = catalogue.names_of(session, joint.item_codes)
            shown = check(joint_services.joint_service_answer(joint, names))
            assert [choice.title for choice in shown.choices] == list(names.values())
            assert f"一次申请，一起办这些（回复序号）：\n1. {shown.choices[0].title}\n" in whole(shown)


def test_every_document_is_quoted_as_it_is(sample: Database) -> None:
    with sample.transaction() as session:
        for document in session.scalars(select(Document)):
            for passage in passages_of(session, document):
                reply = policies.policy_answer([FoundPassage(document, passage, 0.8, [])])
                shown = whole(check(reply))
                assert shown.startswith(f"{'' if document.in_force else '【已废止】'}《{document.title}》")
                quoted = re.sub(r"（https?://[!-~]+）|：?https?://[!-~]+", "", reply.text.splitlines()[1])
                assert without_spaces(quoted) in without_spaces(shown)


def test_every_route_and_request_reads_well(sample: Database) -> None:
    with sample.transaction() as session:
        for route in session.scalars(select(Route)):
            assert route.answer[:20] in whole(check(routes.route_answer(route)))
        for request in session.scalars(select(Request)):
            for today in (request.received_on, date(2027, 1, 20)):
                shown = check(disclosures.disclosure_status(request, assess(request, today), today))
                assert f"申请 {request.receipt}：" in shown.pages[0]


def test_what_the_bot_asks_and_says_otherwise_reads_well(sample: Database) -> None:
    with sample.transaction() as session:
        names = catalogue.names_of(session, ["GA-002", "GA-003"])
        departments = {}
        for asked in (Field.INFORMATION, Field.DEPARTMENT, Field.APPLICANT_KIND, Field.FORM, Field.DELIVERY):
            check(filing.ask(Draft({Field.INFORMATION: "停车场计划"}, asked), departments))
        dog = AbsentMatter(name="养犬证", aliases=[], in_charge="公安机关", note="")
        absent = check(approvals.not_in_catalogue(dog, "12345", may_be_taken_down=True))
        assert "回复“记下来”" in whole(absent)
        check(approvals.item_choices(names))
        nearest = check(policies.nothing_found([Near("居住证办法"), Near("户口指南", is_document=True)], "12345"))
        assert "比较接近的有（回复序号）：\n1. 居住证办法\n2. 户口指南\n回复 0 人工" in whole(nearest)
        for intent in ("greet", "thank", "goodbye", "who_are_you"):
            check(smalltalk.smalltalk(intent, "云河市"))
        check(smalltalk.out_of_scope("12345"))
        check(handoff.handed_over("AJ-000001", False, "工作日 09:00—17:30", "12345", is_by_text=True))
        check(disclosures.ask_query_code(RECEIPT, 4))


def test_the_summary_of_a_request_shows_nobody_who_applies() -> None:
    personal = {
        Field.INFORMATION: "停车场建设计划，我的身份证11010519491231002X",
        Field.APPLICANT_KIND: "natural_person",
        Field.NAME: "王小明",
        Field.IDENTITY: "11010519491231002X",
        Field.CONTACT: "13900138000",
        Field.ADDRESS: "清江区和园路8号3栋201室",
    }
    shown = whole(check(filing.ask(Draft(personal, None), {})))
    assert "(3) 姓名：王**\n(4) 证件号码：110****002X\n(5) 联系方式：139****8000" in shown
    assert not [value for value in ("王小明", "11010519491231002X", "13900138000", "和园路") if value in shown]


def test_a_form_that_waits_is_offered_under_its_own_name() -> None:
    start = policies.policy_answer([found()], (filing.START,))
    shown = check(start, filing.waiting_draft())
    assert [choice.title for choice in shown.choices] == ["接着填申请"]
    assert PERSON.title not in [choice.title for choice in shown.choices]
