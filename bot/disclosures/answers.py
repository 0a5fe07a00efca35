"""The fields of a request (条例 art. 29), and how a citizen's answer to each question is read.

    read(Field.CONTACT, "我的手机是 138 0013 8000", {})  # "13800138000"

Personal answers (`PERSONAL`) are stored sealed and shown masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from bot.disclosures.terms import ApplicantKind
from bot.language.numbers import is_credit_code, is_identity_number
from bot.language.ordinals import ordinal
from bot.language.text import normalise


class Field(StrEnum):
    """The fields in the order of the questions; `ADDRESS` is asked only if something is sent."""

    INFORMATION = "information"
    DEPARTMENT = "department"
    APPLICANT_KIND = "applicant_kind"
    NAME = "name"
    IDENTITY = "identity"
    CONTACT = "contact"
    FORM = "form"
    DELIVERY = "delivery"
    ADDRESS = "address"


PERSONAL = frozenset({Field.NAME, Field.IDENTITY, Field.CONTACT, Field.ADDRESS})

FORMS = {
    "纸质": ("纸", "复印", "打印", "书面"),
    "电子": ("电子", "扫描", "pdf", "word"),
    "查阅": ("查阅", "现场", "抄录"),
}
POST, MAIL, COUNTER, PORTAL = "邮寄", "电子邮件", "自取", "网上查看"
DELIVERIES = {
    POST: ("邮寄", "寄", "快递", "ems"),
    MAIL: ("邮件", "邮箱", "email", "e-mail"),
    COUNTER: ("自取", "自己取", "自己去", "去取", "当面", "窗口", "上门"),
    PORTAL: ("网上", "网站", "门户", "在线", "手机上"),
}
KINDS = {
    ApplicantKind.NATURAL_PERSON: ("个人", "自然人", "本人", "我自己", "自己", "公民", "老百姓"),
    ApplicantKind.COMPANY: ("公司", "企业", "商业", "厂", "店"),
    ApplicantKind.RESEARCH: ("科研", "研究", "高校", "大学"),
    ApplicantKind.SOCIAL: ("公益", "社会组织", "协会", "基金会", "社团"),
    ApplicantKind.LEGAL_SERVICE: ("律师", "律所", "法律服务"),
    ApplicantKind.OTHER: ("其他", "其它", "别的"),
}
SHORTEST_INFORMATION, LONGEST_INFORMATION = 4, 500

_MOBILE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?\d{7,8})(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NAME_LEAD = re.compile(
    r"^(?:我的?(?:名字|姓名)?(?:叫做?|是)|(?:姓名|名字|名称|申请人)(?:叫|是|为)?[:：]?|我们?是|叫)\s*"
)
_PERSON = re.compile(r"[一-龥㐀-䶿]{1,12}(?:[·•][一-龥㐀-䶿]{1,12}){0,3}|[A-Za-z][A-Za-z .'\-]{1,48}[A-Za-z]")
_ORGANISATION = re.compile(r"[一-龥㐀-䶿A-Za-z0-9()（）·\-&. ]{4,60}")
_NO_NAME = re.compile(
    r"(?:跳过|随便|无所谓|什么|怎么|为何|为什么|吗$|多少|能不能|可不可以|不想|不能|不告诉|匿名|保密|[?？])"
)
_OTHER_PAPER = re.compile(r"(护照|通行证|居住证|居留|台胞证|回乡证|军官证|永居)[^A-Z\d]{0,6}([A-Z]{0,3}\d{6,12}[A-Z]?)")
_POSTAL = re.compile(r"[一-龥].*(?:\d|[号室村组栋楼路街巷弄])")


class NotAnAnswer(ValueError):
    """The text does not answer the question; `problem` is a key of the wording."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def read(field: Field, text: str, others: Mapping[Field, str]) -> str:
    """Reads an answer into the form in which it is kept; `others` are the earlier answers.

    `Field.DEPARTMENT` is not read here but in `bot.disclosures.draft`, because it needs the list of departments.

    Raises:
        NotAnAnswer
    """
    readers = {
        Field.INFORMATION: _information,
        Field.APPLICANT_KIND: lambda said: _choice(said, {kind.value: words for kind, words in KINDS.items()}),
        Field.NAME: lambda said: _name(said, others),
        Field.IDENTITY: lambda said: _identity(said, others),
        Field.CONTACT: _contact,
        Field.FORM: lambda said: _choice(said, FORMS),
        Field.DELIVERY: lambda said: _choice(said, DELIVERIES),
        Field.ADDRESS: lambda said: _address(said, others),
    }
    return readers[field](text.strip())


def is_personal(field_name: str, text: str) -> bool:
    """Whether `text` answers the personal question of that name, for a person or a company. Such text is not kept."""
    if field_name not in PERSONAL:
        return False
    kinds = (ApplicantKind.NATURAL_PERSON, ApplicantKind.COMPANY)
    contexts = [{Field.APPLICANT_KIND: kind.value, Field.DELIVERY: way} for kind in kinds for way in (POST, MAIL)]
    return any(_reads(Field(field_name), text, others) for others in contexts)


def _reads(field: Field, text: str, others: Mapping[Field, str]) -> bool:
    try:
        return bool(read(field, text, others))
    except NotAnAnswer:
        return False


def is_person(others: Mapping[Field, str]) -> bool:
    return others.get(Field.APPLICANT_KIND) == ApplicantKind.NATURAL_PERSON.value


def chosen_number(text: str) -> int | None:
    """The number in a text such as “2”, “第二个” or “选3”; None if there is none."""
    said = ordinal(normalise(text))
    if said and said.isdigit():
        return int(said)
    digits = re.fullmatch(r"(?:选|第|是)?\s*(\d{1,2})\s*(?:个|项|号)?[.。]?", normalise(text))
    return int(digits[1]) if digits else None


def _information(text: str) -> str:
    if len(text) < SHORTEST_INFORMATION:
        raise NotAnAnswer("too_short")
    if len(text) > LONGEST_INFORMATION:
        raise NotAnAnswer("too_long")
    return text


def _choice(text: str, options: Mapping[str, tuple[str, ...]]) -> str:
    number = chosen_number(text)
    if number is not None and 1 <= number <= len(options):
        return list(options)[number - 1]
    plain = normalise(text)
    meant = [value for value, words in options.items() if value == text or any(word in plain for word in words)]
    if len(meant) != 1:
        raise NotAnAnswer("not_a_choice")
    return meant[0]


def _name(text: str, others: Mapping[Field, str]) -> str:
    name = re.sub(r"[，,。.!！]+$", "", _NAME_LEAD.sub("", text)).strip()
    if _NO_NAME.search(name):
        raise NotAnAnswer("no_name")
    if is_person(others):
        if len(name) < 2 or not _PERSON.fullmatch(name) or (name.isalpha() and not name.isascii() and len(name) > 6):
            raise NotAnAnswer("no_name")
    elif not _ORGANISATION.fullmatch(name):
        raise NotAnAnswer("no_organisation")
    return name


def _identity(text: str, others: Mapping[Field, str]) -> str:
    """A person's identity card number or other document (such as a passport), or the code of an organisation."""
    half_width = re.sub(r"[\s\-—_]", "", normalise(text)).upper()
    if not is_person(others):
        code = re.search(r"(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])", half_width)
        if code is None or not is_credit_code(code[0]):
            raise NotAnAnswer("no_credit_code")
        return code[0]
    paper = _OTHER_PAPER.search(half_width)
    if paper:
        return f"{paper[1]} {paper[2]}"
    number = re.search(r"(?<![0-9A-Z])\d{17}[\dX](?![0-9A-Z])", half_width)
    if number is None:
        raise NotAnAnswer("no_identity_number")
    if not is_identity_number(number[0]):
        raise NotAnAnswer("wrong_identity_number")
    return number[0]


def _contact(text: str) -> str:
    joined = re.sub(r"(?<=\d)[\s\-—]+(?=\d)", "", normalise(text))
    for pattern, within in ((_MOBILE, joined), (_LANDLINE, normalise(text)), (_EMAIL, text)):
        match = pattern.search(within)
        if match:
            return match[match.lastindex or 0]
    raise NotAnAnswer("no_contact")


def _address(text: str, others: Mapping[Field, str]) -> str:
    if others.get(Field.DELIVERY) == MAIL:
        mail = _EMAIL.search(text)
        if mail is None:
            raise NotAnAnswer("no_mail_address")
        return mail[0]
    if not 6 <= len(text) <= 120 or not _POSTAL.search(text) or re.search(r"[?？]|吗$", text):
        raise NotAnAnswer("no_postal_address")
    return text
