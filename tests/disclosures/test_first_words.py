"""Which parts of a request the first message already gives."""

import pytest

from bot.catalogue.models import Department
from bot.disclosures.answers import Field
from bot.disclosures.first_words import first_words

DEPARTMENTS = [
    Department(code="ZJ", name="住房和城乡建设局", short_names=["住建局"], phone="1"),
    Department(code="JY", name="教育局", short_names=["市教育局"], phone="2"),
]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("我是记者，想申请公开2025年加装电梯的补贴名单", "2025年加装电梯的补贴名单"),
        ("请公开一下城北小学的学区划分依据。", "城北小学的学区划分依据"),
        ("我要依申请公开：云府发〔2026〕4号", "云府发〔2026〕4号"),
        ("我要申请信息公开，想申请公开2025年的危房名单", "2025年的危房名单"),
        ("要求政府公开关于垃圾焚烧厂的环评批复", "垃圾焚烧厂的环评批复"),
    ],
)
def test_what_is_wanted_is_taken_from_the_first_message(said: str, what: str) -> None:
    assert first_words(said, DEPARTMENTS)[Field.INFORMATION] == what


@pytest.mark.parametrize(
    "said", ["我要申请信息公开", "申请公开政府信息", "申请公开一份文件", "怎么申请公开", "接着填申请", "申请公开的文件"]
)
def test_a_wish_that_names_no_information_gives_nothing(said: str) -> None:
    assert first_words(said, DEPARTMENTS) == {}


def test_the_department_and_who_applies_are_taken_where_they_are_said() -> None:
    said = "本人向市住建局申请公开2025年危房鉴定结果"
    assert first_words(said, DEPARTMENTS) == {
        Field.INFORMATION: "2025年危房鉴定结果",
        Field.DEPARTMENT: "ZJ",
        Field.APPLICANT_KIND: "natural_person",
    }
