"""The draft of a request that a citizen fills in during a conversation, one answer at a time. Pure.

advance(Draft(), "2025年清江区停车位规划", departments).draft.asked  # Field.DEPARTMENT
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from bot.catalogue.departments import department_named
from bot.catalogue.models import Department
from bot.disclosures.answers import MAIL, PORTAL, POST, Field, NotAnAnswer, chosen_number, is_person, read
from bot.language.text import normalise


class Said(StrEnum):
    """What a message did to the draft."""

    ANSWERED = "answered"
    NOT_UNDERSTOOD = "not_understood"
    ASKED_FOR_HELP = "asked_for_help"
    CHANGING = "changing"
    STOPPED = "stopped"
    DISCARDED = "discarded"
    RESTARTED = "restarted"
    INSISTED = "insisted"
    SKIPPED = "skipped"
    INTERRUPTED = "interrupted"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Draft:
    """`asked` is the field that was asked last; None if all fields are answered and only the confirmation is missing.

    `offered`: the department codes in the order of the numbered choices; empty: all departments were offered.
    `doubted`: a description that reads like a complaint. `failures`: answers to `asked` in a row that were not
    understood.
    """

    answers: Mapping[Field, str] = field(default_factory=dict)
    asked: Field | None = Field.INFORMATION
    offered: Sequence[str] = ()
    doubted: str = ""
    failures: int = 0

    @property
    def missing(self) -> Field | None:
        """The first needed field without an answer."""
        return next((each for each in Field if each not in self.answers and self._needs(each)), None)

    def with_answer(self, to: Field, answer: str) -> Draft:
        """The draft with this answer, without other answers that depend on it and must be asked again."""
        changed = {**self.answers, to: answer}
        if to == Field.APPLICANT_KIND and is_person(changed) != is_person(self.answers):
            changed.pop(Field.NAME, None)
            changed.pop(Field.IDENTITY, None)
        if to == Field.DELIVERY and answer != self.answers.get(Field.DELIVERY):
            changed.pop(Field.ADDRESS, None)
        draft = replace(self, answers=changed, doubted="", failures=0)
        return replace(draft, asked=draft.missing)

    def asking(self, again: Field) -> Draft:
        return replace(self, asked=again, failures=0)

    @property
    def place(self) -> tuple[int, int]:
        """The number of the current step and of all steps; the last step is the confirmation."""
        steps = [*(each for each in Field if self._needs(each)), None]
        return steps.index(self.asked) + 1, len(steps)

    @property
    def usual_answer(self) -> str | None:
        """The default answer for an applicant without a wish; None if only the applicant can answer (art. 29)."""
        if self.asked == Field.DEPARTMENT:
            return self.offered[0] if self.offered else None
        return _USUAL.get(self.asked) if self.asked else None

    def _needs(self, each: Field) -> bool:
        return each != Field.ADDRESS or self.answers.get(Field.DELIVERY) in (POST, MAIL)

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Draft:
        kept = json.loads(text)
        answers = {Field(name): answer for name, answer in kept["answers"].items()}
        asked = Field(kept["asked"]) if kept["asked"] else None
        return cls(answers, asked, tuple(kept["offered"]), kept["doubted"], kept.get("failures", 0))


@dataclass(frozen=True)
class Advance:
    """The result of a message. `problem`: a key of the wording, if the answer was not understood.

    `skipped`: the field that got its default answer.
    """

    said: Said
    draft: Draft
    problem: str = ""
    skipped: Field | None = None


_END = r"(?:吧|了|啊|呀|吗|呢|一下|一遍|[。.!！?？~])*"
_LEAD = r"(?:(?:算|还是|我|先)了?[,，。 ]*)*"
_COMMANDS = {
    Said.STOPPED: rf"{_LEAD}(?:算|先?不想?填|停一?下?|停下|暂停|取消|退出|不想?[弄搞办]|没事|太麻烦"
    r"|(?:等会儿?|下次|以后|回头)再[填说弄])",
    Said.DISCARDED: rf"{_LEAD}(?:放弃(?:申请|填写)?|作废|删掉?(?:申请|草稿)?|不用?申请|不想申请|不申请)",
    Said.ASKED_FOR_HELP: r"(?:帮助|这?怎么[填写]|[填写]什么|什么意思|不[懂明]白?|举个?例子?|为什么要.{0,8}|help|[?])",
    Said.RESTARTED: r"(?:重新填|重新开始|重新来|重填|从头来?填?)",
}
_COMMAND = {said: re.compile(pattern + _END) for said, pattern in _COMMANDS.items()}
_SKIP = re.compile(r"(?:我?也?(?:随便|随意|都行|都可以|无所谓|跳过|默认)|我?也?不(?:知道|清楚|确定)|你们?定)" + _END)
_USUAL = {Field.FORM: "电子", Field.DELIVERY: PORTAL}
_BACK = re.compile(r"(?:上一步|返回上一步|返回|上一个|退回|回上一步)" + _END)
_INSIST = re.compile(r"(?:仍|还是|就|坚持)(?:要)?(?:按|照)?(?:这个|这样)?(?:申请|提交)(?:公开)?" + _END)
_YES = re.compile(
    r"(?:我?(?:确认|确定)(?:提交|无误|没问题)?|提交|对的?|是的?|没错|正确|好的?|可以|没问题|ok|yes|行)" + _END
)
_CHANGE = re.compile(
    r"(?:不对|不是|错了)?[,，。 ]*(?:(?:我?要|我?想|请|帮我)?(?:改|修改|更正|换|重填)(?:一下|个)?"
    r"(?:第?(?P<number>\d{1,2}|[一二三四五六七八九])[项条个]?)?(?P<name>.{0,8})"
    r"|(?:我的?)?(?P<wrong>.{2,8}?)(?:填|写|说|打|选)?(?:错|得不对|不对)了?)"
)
_DIGITS = {character: number for number, character in enumerate("一二三四五六七八九", start=1)}
_CALLED = {
    Field.INFORMATION: ("申请内容", "内容", "信息", "描述", "申请的内容", "要的信息"),
    Field.DEPARTMENT: ("机关", "部门", "单位", "受理机关", "办理机关"),
    Field.APPLICANT_KIND: ("申请人类型", "类型", "申请人类别"),
    Field.NAME: ("姓名", "名字", "名称", "申请人", "单位名称", "申请人姓名", "申请人名称"),
    Field.IDENTITY: ("证件", "身份证", "身份证号", "身份证号码", "证件号", "证件号码", "信用代码", "身份证明"),
    Field.CONTACT: ("联系方式", "电话", "手机", "手机号", "电话号码", "联系电话"),
    Field.FORM: ("形式", "获取形式", "信息形式", "纸质", "电子"),
    Field.DELIVERY: ("方式", "获取方式", "途径", "送达方式", "领取方式"),
    Field.ADDRESS: ("地址", "邮寄地址", "收件地址", "邮箱", "收件邮箱"),
}


def advance(draft: Draft, text: str, departments: Sequence[Department]) -> Advance:
    """Reads a message as an answer to the question, or as a command to stop, go back, change an answer or get help."""
    plain = normalise(text)
    for said, command in _COMMAND.items():
        if command.fullmatch(plain):
            return Advance(said, Draft() if said == Said.RESTARTED else draft)
    if draft.doubted and _INSIST.fullmatch(plain):
        return Advance(Said.INSISTED, draft.with_answer(Field.INFORMATION, draft.doubted))
    changing = _field_before(draft) if _BACK.fullmatch(plain) else _field_named(plain, draft)
    if changing:
        return Advance(Said.CHANGING, draft.asking(changing))
    if draft.asked is None:
        confirmed = _YES.fullmatch(plain) is not None
        return Advance(Said.CONFIRMED, draft) if confirmed else Advance(Said.NOT_UNDERSTOOD, draft, "not_confirmed")
    if draft.usual_answer and _SKIP.fullmatch(plain):
        return Advance(Said.SKIPPED, draft.with_answer(draft.asked, draft.usual_answer), skipped=draft.asked)
    try:
        if draft.asked == Field.DEPARTMENT:
            answer = _department(text, draft, departments)
        else:
            answer = read(draft.asked, text, draft.answers)
    except NotAnAnswer as error:
        return Advance(Said.NOT_UNDERSTOOD, replace(draft, failures=draft.failures + 1), error.problem)
    return Advance(Said.ANSWERED, draft.with_answer(draft.asked, answer))


def _department(text: str, draft: Draft, departments: Sequence[Department]) -> str:
    number = chosen_number(text)
    numbered = draft.offered or [department.code for department in departments]
    if number is not None and 1 <= number <= len(numbered):
        return numbered[number - 1]
    named = department_named(departments, text)
    if named is None:
        raise NotAnAnswer("no_department")
    return named.code


def _field_before(draft: Draft) -> Field | None:
    """The last answered field before the field that is asked."""
    answered = [each for each in Field if each in draft.answers]
    if draft.asked is None:
        return answered[-1] if answered else None
    before = [each for each in answered if list(Field).index(each) < list(Field).index(draft.asked)]
    return before[-1] if before else None


def _field_named(plain: str, draft: Draft) -> Field | None:
    match = _CHANGE.fullmatch(plain)
    if match is None:
        return None
    answered = [each for each in Field if each in draft.answers]
    number = match["number"]
    if number:
        place = int(number) if number.isdecimal() else _DIGITS[number]
        return answered[place - 1] if 1 <= place <= len(answered) else None
    called = re.sub(r"^(?:的|一下|成)|(?:吧|了|的)$", "", match["name"] or match["wrong"] or "").strip()
    return next((each for each in answered if called in _CALLED[each]), None)
