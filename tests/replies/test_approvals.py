"""How answers about items are worded, cut and continued."""

from __future__ import annotations

from datetime import date

import pytest

from bot.catalogue.models import Department, Item, LegalBasis, Material, Office, Situation, Step
from bot.catalogue.service import Offer
from bot.catalogue.situations import Variant
from bot.conversations.outcomes import Outcome
from bot.replies.approvals import item_answer, more_of
from bot.replies.paging import LONGEST_TEXT, first_page

CONTRACT = {"kind", "code", "name", "facet", "data"}


def option(title: str, fee: str = "", note: str = "", elsewhere: bool = False) -> Situation:
    return Situation(
        question_number=1,
        question="为什么要换？",
        title=title,
        keywords=[],
        conditions=[f"{title}才要"],
        fee=fee,
        steps=[f"{title}的走法"],
        is_elsewhere=elsewhere,
        note=note,
    )


def material(name: str, *situations: str) -> Material:
    return Material(
        name=name,
        form="原件",
        copies=1,
        issuer="公安机关",
        waiver="不免交",
        is_required=True,
        situations=list(situations),
        note="",
    )


@pytest.fixture
def card() -> Item:
    return Item(
        code="GA-002",
        name="身份证换领",
        kind="行政确认",
        department=Department(name="公安局"),
        applicant="自然人",
        summary="交旧证换新证",
        conditions=["旧证还在手里"],
        statutory_days=None,
        statutory_note="60 日内发证",
        promised_days=20,
        has_fee=True,
        fee="到期 20 元，损坏 40 元",
        fee_basis="通知",
        office=Office(name="派出所", address="一号路", hours="全天", phone="1", directions=""),
        window="1 号窗口",
        channel="线下",
        online_note="不能网办",
        visit_count=1,
        result="身份证",
        result_validity="10 年",
        delivery="邮寄",
        complaints_phone="1",
        recorded_on=date(2026, 7, 15),
        note="",
        materials=[material("旧证"), material("照片"), material("说明书", "损坏")],
        steps=[Step(name="申请", detail="到窗口", time="当天")],
        legal_bases=[LegalBasis(law="身份证法", article="第十一条", gist="换领")],
        situations=[
            option("到期", "20 元"),
            option("损坏", "40 元", "新证号码不变"),
            option("丢失", note="丢失的请办补领", elsewhere=True),
        ],
    )


@pytest.mark.parametrize("facet", ["overview", "materials", "fee", "process", "conditions"])
def test_an_open_question_is_asked_with_a_button_for_each_option_and_one_for_all(card: Item, facet: str) -> None:
    reply = item_answer(card, facet, question=Variant(card).questions[0])
    assert "为什么要换？回复序号就行：\n1. 到期\n2. 损坏\n3. 丢失\n4. 都给我看看" in reply.text
    assert [button.title for button in reply.buttons] == ["到期", "损坏", "丢失", "都给我看看"]
    assert reply.buttons[0].payload == '/choose_situation{"situation": "到期"}'
    assert reply.outcome is Outcome.ANSWERED_BY_RECORD
    assert reply.custom is not None
    assert reply.custom.keys() == CONTRACT
    assert reply.custom["facet"] == facet
    assert len(reply.custom["data"]["materials"]) == 3


def test_while_the_question_is_open_the_text_has_what_everybody_needs(card: Item) -> None:
    text = item_answer(card, "materials", question=Variant(card).questions[0]).text
    assert text.startswith("办理“身份证换领”都要带：\n1. 旧证（原件 1 份）\n2. 照片（原件 1 份）\n为什么")
    assert "说明书" not in text


def test_the_answer_of_a_case_has_nothing_of_the_others(card: Item) -> None:
    case = Variant(card, ("损坏",))
    assert "3. 说明书（原件 1 份）" in item_answer(card, "materials", case=case).text
    assert "收费：40 元。" in item_answer(card, "fee", case=case).text
    assert "损坏：损坏的走法。" in item_answer(card, "process", case=case).text
    overview = item_answer(card, "overview", case=case)
    assert all(word in overview.text for word in ("（损坏）", "损坏才要", "说明书", "40 元", "损坏的走法", "号码不变"))
    assert "到期" not in overview.text
    assert overview.custom is not None
    data = overview.custom["data"]
    assert (data["chosen"], data["fee"], data["conditions"]) == (["损坏"], "40 元", ["旧证还在手里", "损坏才要"])
    assert [
        one["name"] for one in item_answer(card, "fee", case=Variant(card, ("到期",))).custom["data"]["materials"]
    ] == [  # type: ignore[index]
        "旧证",
        "照片",
    ]


def test_where_the_item_is_not_the_way_only_the_right_way_is_told(card: Item) -> None:
    text = item_answer(card, "materials", case=Variant(card, ("丢失",))).text
    assert text.splitlines()[:2] == ["“身份证换领”（丢失）不按这一项办。", "丢失的请办补领。"]
    assert "旧证" not in text


def test_a_promise_that_counts_from_another_day_is_not_said_to_count_from_acceptance(card: Item) -> None:
    assert "承诺 20 个工作日办结，从受理算起。" in item_answer(card, "time_limit").text
    card.statutory_note = "自受理期限终止之日起 30 日内发证；承诺时限也从这一天算起"
    assert "从受理算起" not in item_answer(card, "time_limit").text


def test_related_offers_are_buttons_and_one_line(card: Item) -> None:
    related = [Offer("领证一件事", "YJS-001", True, "一次申请"), Offer("换证问答", "", False, "常见问题在这里")]
    reply = item_answer(card, "overview", related=related)
    assert "接着可能用到：领证一件事（一次申请）；《换证问答》（常见问题在这里）。" in reply.text
    assert [button.payload for button in reply.buttons[-2:]] == ['/ask_joint_service{"item": "YJS-001"}', "换证问答"]


def test_a_long_answer_is_cut_at_a_line_and_goes_on(card: Item) -> None:
    card.conditions = [f"第 {number} 个条件：{'很长' * 15}" for number in range(30)]
    reply = item_answer(card, "conditions", case=Variant(card, ("到期",)))
    said, pages = reply.text, 1
    while reply.rest:
        assert len(reply.text) <= LONGEST_TEXT
        assert reply.text.endswith(f"（还有 {len(reply.rest)} 条，回复“更多”接着看）")
        reply = more_of(card, "conditions", ["到期"], reply.rest)
        said, pages = said + reply.text, pages + 1
    assert pages > 2
    assert all(condition in said for condition in card.conditions)


def test_a_heading_is_not_left_behind_without_what_it_heads() -> None:
    text, rest = first_page(["字" * 350, "看情形还要：", "字" * 100], ["来源"])
    assert text.splitlines()[1] == "来源"
    assert rest == ("看情形还要：", "字" * 100)


def test_what_fits_is_not_cut() -> None:
    assert first_page(["一", "", "二"], ["来源"]) == ("一\n二\n来源", ())


def test_addresses_stand_in_the_answers_about_doing_it_online_and_about_the_place(card: Item) -> None:
    card.particulars = {"在线办理地址": "https://a.example/1", "预约地址": "https://a.example/2", "通办范围": "全省"}
    online, place = (item_answer(card, facet) for facet in ("online", "place"))
    assert "可以在线办理，网址：https://a.example/1\n可以网上预约取号，网址：https://a.example/2" in online.text
    assert "可以网上预约取号，网址：https://a.example/2" in place.text
    assert online.custom is not None
    data = online.custom["data"]
    assert (data["online_address"], data["booking_address"]) == ("https://a.example/1", "https://a.example/2")
    assert data["particulars"] == {"通办范围": "全省"}
