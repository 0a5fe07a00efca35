"""Writing a request answer by answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.models import Department
from bot.disclosures.answers import Field, is_personal
from bot.disclosures.draft import Advance, Draft, Said, advance
from bot.disclosures.terms import ApplicantKind

DEPARTMENTS = [
    Department(code="CG", name="城市管理局", short_names=["城管局"], phone="1"),
    Department(code="JY", name="教育局", short_names=["市教育局", "教委"], phone="2"),
]
PERSON = {
    Field.INFORMATION: "清江区2025年公共停车场建设计划",
    Field.DEPARTMENT: "CG",
    Field.APPLICANT_KIND: "natural_person",
    Field.NAME: "王小明",
    Field.IDENTITY: "11010519491231002X",
    Field.CONTACT: "13900138000",
    Field.FORM: "纸质",
    Field.DELIVERY: "邮寄",
    Field.ADDRESS: "清江区和园路8号3栋201室",
}


def at(field: Field, **others: str) -> Draft:
    """A draft in which everything before `field` is answered."""
    before = list(Field)[: list(Field).index(field)]
    answers = {each: PERSON[each] for each in before} | {Field(name): value for name, value in others.items()}
    return Draft(answers, field, offered=("CG", "JY"))


def whole() -> Draft:
    return Draft(PERSON, None)


def say(draft: Draft, *texts: str) -> Advance:
    taken = Advance(Said.ANSWERED, draft)
    for text in texts:
        taken = advance(taken.draft, text, DEPARTMENTS)
    return taken


def test_a_request_is_written_answer_by_answer() -> None:
    taken = say(
        Draft(),
        "清江区2025年公共停车场建设计划",
        "城管局",
        "我自己",
        "我叫王小明",
        "110105 19491231 002x",
        "139 0013 8000",
        "1",
        "寄给我",
        "清江区和园路8号3栋201室",
    )
    assert taken.draft.asked is None
    assert taken.draft.answers == PERSON
    assert say(taken.draft, "确认提交").said == Said.CONFIRMED


@pytest.mark.parametrize(
    ("field", "said", "kept"),
    [
        (Field.DEPARTMENT, "第二个", "JY"),
        (Field.DEPARTMENT, "应该是教委吧", "JY"),
        (Field.APPLICANT_KIND, "2", "company"),
        (Field.APPLICANT_KIND, "我是律师", "legal_service"),
        (Field.NAME, "姓名：欧阳小红", "欧阳小红"),
        (Field.NAME, "买买提·艾力", "买买提·艾力"),
        (Field.NAME, "John Smith", "John Smith"),
        (Field.IDENTITY, "护照 E12345678", "护照 E12345678"),
        (Field.IDENTITY, "我的身份证号是１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        (Field.CONTACT, "0990-8810590", "0990-8810590"),
        (Field.CONTACT, "邮箱 wang@example.com", "wang@example.com"),
        (Field.FORM, "要电子版", "电子"),
        (Field.DELIVERY, "我自己去取", "自取"),
        (Field.DELIVERY, "发邮件", "电子邮件"),
    ],
)
def test_an_answer_is_read_as_people_write_it(field: Field, said: str, kept: str) -> None:
    assert say(at(field), said).draft.answers[field] == kept


@pytest.mark.parametrize(
    ("field", "said", "problem"),
    [
        (Field.INFORMATION, "文件", "too_short"),
        (Field.INFORMATION, "长" * 501, "too_long"),
        (Field.DEPARTMENT, "海洋局", "no_department"),
        (Field.DEPARTMENT, "3", "no_department"),
        (Field.APPLICANT_KIND, "随便", "not_a_choice"),
        (Field.NAME, "能不能不写姓名", "no_name"),
        (Field.NAME, "匿名", "no_name"),
        (Field.IDENTITY, "110105194912310021", "wrong_identity_number"),
        (Field.IDENTITY, "不想给", "no_identity_number"),
        (Field.CONTACT, "打我电话", "no_contact"),
        (Field.CONTACT, "1390013800", "no_contact"),
        (Field.DELIVERY, "哪种快", "not_a_choice"),
        (Field.ADDRESS, "我家", "no_postal_address"),
    ],
)
def test_what_is_no_answer_is_asked_again_with_the_reason(field: Field, said: str, problem: str) -> None:
    taken = say(at(field), said)
    assert (taken.said, taken.problem, taken.draft.asked) == (Said.NOT_UNDERSTOOD, problem, field)


def test_where_no_department_stands_out_all_are_numbered() -> None:
    unsure = replace(at(Field.DEPARTMENT), offered=())
    assert say(unsure, "2").draft.answers[Field.DEPARTMENT] == "JY"
    assert say(unsure, "3").problem == "no_department"


def test_an_organisation_is_known_by_its_credit_code() -> None:
    taken = say(at(Field.NAME, applicant_kind="company"), "云河某某科技有限公司", "91110000802100433B")
    assert taken.draft.answers[Field.IDENTITY] == "91110000802100433B"
    assert say(at(Field.IDENTITY, applicant_kind="company"), "11010519491231002X").problem == "no_credit_code"


def test_an_address_is_asked_only_where_something_is_sent() -> None:
    assert say(at(Field.DELIVERY), "网上查看").draft.asked is None
    assert say(at(Field.DELIVERY), "电子邮件").draft.asked == Field.ADDRESS
    assert say(at(Field.ADDRESS, delivery="电子邮件"), "wang@example.com").draft.asked is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("改第4项", Field.NAME),
        ("改电话", Field.CONTACT),
        ("不对，电话填错了", Field.CONTACT),
        ("我要修改地址", Field.ADDRESS),
        ("申请内容写错了", Field.INFORMATION),
        ("上一步", Field.ADDRESS),
    ],
)
def test_whatever_was_answered_can_be_changed(said: str, field: Field) -> None:
    taken = say(whole(), said)
    assert (taken.said, taken.draft.asked) == (Said.CHANGING, field)


def test_after_a_change_the_rest_is_still_there() -> None:
    taken = say(whole(), "改电话", "13700137000")
    assert taken.draft.asked is None
    assert taken.draft.answers == {**PERSON, Field.CONTACT: "13700137000"}


def test_an_answer_that_hangs_on_a_changed_one_is_asked_again() -> None:
    taken = say(whole(), "改申请人类型", "公司")
    assert taken.draft.asked == Field.NAME
    assert Field.IDENTITY not in taken.draft.answers
    assert say(whole(), "改获取方式", "自取").draft.asked is None


@pytest.mark.parametrize(
    ("said", "effect"),
    [
        ("先不填了", Said.STOPPED),
        ("取消", Said.STOPPED),
        ("以后再填吧", Said.STOPPED),
        ("放弃申请", Said.DISCARDED),
        ("算了", Said.STOPPED),
        ("算了不填了", Said.STOPPED),
        ("算了，太麻烦了", Said.STOPPED),
        ("不弄了", Said.STOPPED),
        ("我不想填了", Said.STOPPED),
        ("还是不申请了吧", Said.DISCARDED),
        ("不用申请了", Said.DISCARDED),
        ("帮助", Said.ASKED_FOR_HELP),
        ("为什么要身份证号？", Said.ASKED_FOR_HELP),
        ("重新填", Said.RESTARTED),
    ],
)
@pytest.mark.parametrize("field", list(Field))
def test_at_every_step_one_can_stop_be_helped_and_begin_again(field: Field, said: str, effect: Said) -> None:
    assert say(at(field), said).said == effect


@pytest.mark.parametrize("said", ["取消公交线路的论证报告", "帮助残疾人就业的资金安排", "修改城市规划的会议纪要"])
def test_a_description_that_begins_like_a_command_is_a_description(said: str) -> None:
    assert say(Draft(), said).draft.answers[Field.INFORMATION] == said


@pytest.mark.parametrize(
    ("field", "answer"), [(Field.DEPARTMENT, "CG"), (Field.FORM, "电子"), (Field.DELIVERY, "网上查看")]
)
@pytest.mark.parametrize("said", ["随便", "都行", "我也不清楚", "跳过"])
def test_who_has_no_wish_gets_the_usual_answer_where_the_law_allows(field: Field, answer: str, said: str) -> None:
    taken = say(at(field), said)
    assert (taken.said, taken.draft.answers[field]) == (Said.SKIPPED, answer)


@pytest.mark.parametrize("field", [Field.NAME, Field.IDENTITY, Field.CONTACT])
def test_what_the_law_wants_cannot_be_skipped(field: Field) -> None:
    assert say(at(field), "跳过").said == Said.NOT_UNDERSTOOD


def test_answers_that_could_not_be_used_are_counted_until_one_can() -> None:
    twice = say(at(Field.IDENTITY), "不给", "就不给")
    assert twice.draft.failures == 2
    assert say(twice.draft, PERSON[Field.IDENTITY]).draft.failures == 0


def test_only_a_clear_yes_submits() -> None:
    assert say(whole(), "确认").said == Said.CONFIRMED
    assert say(whole(), "等一下我看看").said == Said.NOT_UNDERSTOOD
    assert say(whole(), "不确认").said == Said.NOT_UNDERSTOOD


def test_a_doubted_description_stands_if_the_applicant_insists() -> None:
    draft = Draft({}, Field.INFORMATION, doubted="城管局2024年信访件的统计")
    taken = say(draft, "仍按这个申请")
    assert taken.said == Said.INSISTED
    assert taken.draft.answers[Field.INFORMATION] == "城管局2024年信访件的统计"


@pytest.mark.parametrize(
    ("field", "said", "personal"),
    [
        ("name", "王小明", True),
        ("name", "为什么要写姓名？", False),
        ("identity", "110105 19491231 002x", True),
        ("contact", "打 13900138000", True),
        ("address", "清江区和园路8号3栋201室", True),
        ("form", "纸质", False),
        ("", "王小明", False),
    ],
)
def test_personal_answers_are_known_as_such(field: str, said: str, personal: bool) -> None:
    assert is_personal(field, said) == personal


texts = st.one_of(
    st.text(max_size=60), st.sampled_from(["确认提交", "上一步", "改第1项", "1", "公司", "王小明", "邮寄"])
)


@given(st.lists(texts, max_size=25))
def test_whatever_is_typed_the_draft_survives_and_asks_for_what_is_missing(said: list[str]) -> None:
    draft = Draft()
    for text in said:
        draft = advance(draft, text, DEPARTMENTS).draft
        assert Draft.from_json(draft.as_json()) == draft
        if draft.asked is None:
            assert draft.missing is None
            assert ApplicantKind(draft.answers[Field.APPLICANT_KIND])
