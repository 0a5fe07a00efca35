"""Reads answers from the first message, so that nobody is asked for what they have already written.

first_words("本人想向住建局申请公开2025年老旧小区加装电梯补贴名单", departments)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.catalogue.departments import department_named
from bot.catalogue.models import Department
from bot.disclosures.answers import Field, NotAnAnswer, read
from bot.disclosures.terms import ApplicantKind
from bot.language.text import normalise

_WANTED = re.compile(
    r"(?:申请|要求|请求|请|希望|麻烦)(?:你们|贵局|政府|依法|依申请)?(?:信息|政府信息|政务)?"
    r"(?:公开|获取|查阅|索取)(?:一下|一份|关于|有关)?[:：,， ]*(?P<what>.+)",
    re.S,
)
_ASKED_OF = re.compile(r"向(?P<whom>.{2,15}?)(?:申请|要求|提出|请求)")
# Words that occur in every request and say nothing about what is wanted.
_TELLS_NOTHING = re.compile(
    r"政府|政务|信息|公开|文件|资料|材料|数据|内容|东西|申请|一[份下些个]|[的吧吗呢了啊，。,.!！]"
)
_LEAST_TOLD = 4
_KINDS = (
    (ApplicantKind.COMPANY, re.compile(r"(?:我们?|本)公司|我司|我们?企业")),
    (ApplicantKind.NATURAL_PERSON, re.compile(r"本人|我个人|以个人名义")),
)


def first_words(text: str, departments: Sequence[Department]) -> Mapping[Field, str]:
    """The answers that `text` gives; none if it does not say which information is wanted."""
    match = _WANTED.search(text)
    if match is None:
        return {}
    while nested := _WANTED.search(match["what"]):  # “我要申请信息公开，想申请公开…”
        match = nested
    what = match["what"].strip(" 。.!！")
    lead = text[: text.rindex(match["what"])]
    if len(_TELLS_NOTHING.sub("", normalise(what))) < _LEAST_TOLD:
        return {}
    try:
        answers = {Field.INFORMATION: read(Field.INFORMATION, what, {})}
    except NotAnAnswer:
        return {}
    asked_of = _ASKED_OF.search(lead)
    department = department_named(departments, asked_of["whom"]) if asked_of else None
    if department:
        answers[Field.DEPARTMENT] = department.code
    kind = next((kind for kind, words in _KINDS if words.search(lead)), None)
    if kind:
        answers[Field.APPLICANT_KIND] = kind.value
    return answers
