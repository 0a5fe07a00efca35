"""The form in which a clerk says how a message should be understood: its fields, and the label made from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from multidict import MultiMapping
from sqlalchemy.orm import Session

from bot.answering.judging import outcome_of
from bot.answering.units import Sort, Unit, passages_and_routes
from bot.catalogue.service import aliases, lexicon, nearest_names
from bot.language.facets import FACET_TITLES
from bot.language.text import normalise
from bot.lessons.labels import (
    FACET_INTENTS,
    JOINT_SERVICE,
    MOST_ITEMS,
    OUT_OF_SCOPE,
    QUESTION_INTENTS,
    Label,
    LessonRefused,
    intents,
)
from bot.letters.acts import TAKEN_DOWN
from bot.web.console.act_words import INTENT_TITLES
from bot.web.console.unit_words import title_of

_QUESTIONS = (*QUESTION_INTENTS, "ask_disclosure_status")

_CODE_AT_THE_END = re.compile(r"（([^（）]+)）$")


class Meant(StrEnum):
    """How the words should have been answered."""

    ANSWER = "answer"
    UNIT = "unit"
    ABSENT = "absent"
    FOREIGN = "foreign"


MEANT_TITLES = {
    Meant.ANSWER: "该回答",
    Meant.UNIT: "该回答：用文件里的一段，或者一个去处",
    Meant.ABSENT: "不该回答：目录里没有这件事",
    Meant.FOREIGN: "不该回答：不属于政务服务",
}


@dataclass(frozen=True)
class Filled:
    """The fields of the form. `items`: as typed, a code or a name. `facets`: without the facet of the intent.

    `answer`: a passage or route, by its title or as a label writes it.
    """

    meant: str = Meant.ANSWER
    intent: str = ""
    items: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    absent_matter: str = ""
    answer: str = ""

    @property
    def item_fields(self) -> list[str]:
        return [*self.items, *[""] * (MOST_ITEMS - len(self.items))]


@dataclass(frozen=True)
class Catalogue:
    """`names`, `other_names`: code → name, code → aliases, of items and joint services.

    `answers`: passages and routes, as labels write them → title.
    """

    names: dict[str, str]
    other_names: dict[str, list[str]]
    answers: dict[str, str]

    def titled(self, code: str) -> str:
        """The name and code as the search box shows them; `_code` reads them back."""
        return f"{self.names.get(code, '已不在目录')}（{code}）"


def read_catalogue(session: Session) -> Catalogue:
    entries = [entry for entry in lexicon(session)["entries"] if entry["kind"] != "absent"]
    other_names: dict[str, list[str]] = {}
    for alias in aliases(session):
        other_names.setdefault(alias.code, []).append(alias.text)
    names = {str(entry["code"]): str(entry["name"]) for entry in entries}
    answers = {outcome_of(unit): title_of(unit) for unit in passages_and_routes(session)}
    return Catalogue(names, other_names, answers)


def grouped_intents() -> dict[str, dict[str, str]]:
    """Group → intent → title. Without `OUT_OF_SCOPE`: the form has its own choice for that, `Meant.FOREIGN`."""
    groups: dict[str, dict[str, str]] = {"提问": {}, "来信，要记下来": {}, "其他": {}}
    for intent in intents():
        if intent != OUT_OF_SCOPE:
            groups[_act(intent)][intent] = INTENT_TITLES.get(intent, intent)
    return groups


def _act(intent: str) -> str:
    if intent in TAKEN_DOWN:
        return "来信，要记下来"
    return "提问" if intent in _QUESTIONS else "其他"


def filled_with(label: Label, catalogue: Catalogue) -> Filled:
    own = label.intent.removeprefix("ask_")
    return Filled(
        meant=_meant(label),
        intent=label.intent,
        items=tuple(catalogue.titled(code) for code in label.items),
        facets=tuple(facet for facet in label.facets if facet != own),
        absent_matter=label.absent_matter or "",
        answer=catalogue.answers.get(label.answer, label.answer),
    )


def filled_for(unit: Unit, catalogue: Catalogue) -> Filled:
    """The form filled in with this unit as the right answer."""
    return filled_with(_label_for(unit), catalogue)


def _label_for(unit: Unit) -> Label:
    if unit.sort == Sort.ITEM:
        return Label(f"ask_{unit.facet}", (unit.key,), (unit.facet,))
    if unit.sort == Sort.JOINT:
        return Label(JOINT_SERVICE, (unit.key,))
    if unit.sort == Sort.ABSENT:
        return Label("ask_process", should_be_refused=True, absent_matter=unit.key)
    return Label("", answer=outcome_of(unit))


def filled_by(form: MultiMapping[object]) -> Filled:
    return Filled(
        meant=_first(form, "meant"),
        intent=_first(form, "intent"),
        items=tuple(values(form, "item")),
        facets=tuple(values(form, "facet")),
        absent_matter=_first(form, "absent_matter"),
        answer=_first(form, "answer"),
    )


def values(form: MultiMapping[object], name: str) -> list[str]:
    """The non-empty texts of all fields with this name."""
    texts = [value.strip() for value in form.getall(name, []) if isinstance(value, str)]
    return [text for text in texts if text]


def label_of(session: Session, filled: Filled, catalogue: Catalogue) -> Label:
    """The label that the form means. Fields that do not belong to the chosen `meant` are ignored: a suggestion may have
    filled them in.

    Raises:
        LessonRefused
    """
    if filled.meant == Meant.FOREIGN:
        return Label(OUT_OF_SCOPE, should_be_refused=True)
    if filled.meant == Meant.UNIT:
        return Label("", answer=_answer(filled.answer, catalogue))
    if not filled.intent:
        raise LessonRefused("请选意图")
    if filled.meant == Meant.ABSENT:
        return Label(filled.intent, should_be_refused=True, absent_matter=filled.absent_matter or None)
    if filled.meant != Meant.ANSWER:
        raise LessonRefused("请选该不该回答")
    codes = tuple(_code(session, typed, catalogue) for typed in filled.items)
    return Label(filled.intent, codes, filled.facets)


def in_words(label: Label, catalogue: Catalogue) -> str:
    title = INTENT_TITLES.get(label.intent, label.intent)
    if label.answer:
        return f"答案：{catalogue.answers.get(label.answer) or f'{label.answer}（已经不在）'}"
    if label.absent_matter:
        return f"不该回答：目录里没有“{label.absent_matter}”，{title}"
    if label.should_be_refused:
        return MEANT_TITLES[Meant.FOREIGN]
    own = label.intent.removeprefix("ask_") if label.intent in FACET_INTENTS else ""
    others = "、".join(FACET_TITLES.get(facet, facet) for facet in label.facets if facet != own)
    items = "、".join(catalogue.titled(code) for code in label.items)
    return "；".join(part for part in (title, items, f"或者答{others}" if others else "") if part)


def _meant(label: Label) -> Meant:
    if label.answer:
        return Meant.UNIT
    if label.absent_matter:
        return Meant.ABSENT
    return Meant.FOREIGN if label.should_be_refused else Meant.ANSWER


def _first(form: MultiMapping[object], name: str) -> str:
    return next(iter(values(form, name)), "")


def _answer(typed: str, catalogue: Catalogue) -> str:
    """The passage or route, as a label writes it. `typed`: the same, or its title. Raises LessonRefused."""
    if typed in catalogue.answers:
        return typed
    fitting = [answer for answer, title in catalogue.answers.items() if title == typed]
    if not fitting:
        raise LessonRefused(f"没有叫“{typed}”的段落或者去处，请从列出的里面选" if typed else "请选是哪一段或者哪个去处")
    return fitting[0]


def _code(session: Session, typed: str, catalogue: Catalogue) -> str:
    """The code of an item. `typed`: its code, one of its names, or `Catalogue.titled`. Raises LessonRefused."""
    found = _CODE_AT_THE_END.search(typed)
    for code in (found[1] if found else "", typed.upper()):
        if code in catalogue.names:
            return code
    wanted = normalise(typed)
    fitting = [code for code, names in _all_names(catalogue) if wanted in map(normalise, names)]
    if fitting:
        return fitting[0]
    nearest = "、".join(map(catalogue.titled, nearest_names(session, typed)))
    raise LessonRefused(f"目录里没有叫“{typed}”的事项" + (f"，最接近的：{nearest}" if nearest else ""))


def _all_names(catalogue: Catalogue) -> Sequence[tuple[str, list[str]]]:
    return [(code, [name, *catalogue.other_names.get(code, [])]) for code, name in catalogue.names.items()]
