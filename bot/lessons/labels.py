"""Labels: what a text can be taught to mean, and whether a label makes sense."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import yaml
from sqlalchemy.orm import Session

from bot.catalogue.service import names_of
from bot.language.facets import FACET_TITLES
from bot.places import ROOT

OUT_OF_SCOPE = "out_of_scope"
JOINT_SERVICE = "ask_joint_service"
FACET_INTENTS = tuple(f"ask_{facet}" for facet in FACET_TITLES)
# Intents of questions that the search answers, by a record, a passage or a route.
QUESTION_INTENTS = (*FACET_INTENTS, JOINT_SERVICE, "ask_policy", "ask_route")
# Intents whose examples may name an item.
INTENTS_WITH_ITEMS = (*FACET_INTENTS, JOINT_SERVICE, "choose")
MOST_ITEMS = 4
MOST_NAME_CHARACTERS = 40
MOST_ANSWER_CHARACTERS = 300
# Sort of answer → the intent that follows from it.
_INTENT_OF_ANSWER = {"doc": "ask_policy", "route": "ask_route"}
# The engine's own fallback, which no text can mean.
_NOT_TAUGHT = frozenset({"nlu_fallback"})


class LessonState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATE_TITLES = {
    LessonState.PROPOSED: "待复核",
    LessonState.APPROVED: "已采用",
    LessonState.REJECTED: "未采用",
    LessonState.WITHDRAWN: "已撤回",
}


class LessonRefused(ValueError):
    """The lesson cannot be taught or reviewed like this; the message, in Chinese, says what to change."""


@dataclass(frozen=True)
class Label:
    """`facets`: the answer must give one of them. `absent_matter`: a matter that the catalogue does not hold.

    `answer`: the passage or route that answers, `doc:FILE-STEM#heading or article` or `route:LX-…` as
    `bot.answering.judging` writes them. It stays valid for a new version of the document. Empty if items, absent
    matter or intent say what is meant.
    """

    intent: str
    items: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    should_be_refused: bool = False
    absent_matter: str | None = None
    answer: str = ""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The answers that would be right, as `bot.answering.judging` writes them; none if only an act is
        meant, or a facet of the previous matter."""
        if self.answer:
            return (self.answer,)
        if self.absent_matter:
            return (f"absent:{self.absent_matter}",)
        facets = "+".join(self.facets)
        return tuple(f"item:{code}:{facets}" if facets else f"item:{code}" for code in self.items)


@cache
def intents() -> tuple[str, ...]:
    """The intents of the domain that a text can be taught to mean."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return tuple(intent for intent in domain["intents"] if intent not in _NOT_TAUGHT)


def checked(session: Session, label: Label) -> Label:
    """The label as it is stored: the facet of its intent is among its facets.

    Raises:
        LessonRefused
    """
    if label.answer:
        return _checked_answer(label)
    if label.intent not in intents():
        raise LessonRefused(f"没有“{label.intent}”这个意图")
    items = tuple(dict.fromkeys(label.items))
    missing = [code for code in items if code not in names_of(session, items)]
    if missing:
        raise LessonRefused(f"目录里没有事项：{'、'.join(missing)}")
    if len(items) > MOST_ITEMS:
        raise LessonRefused(f"最多选 {MOST_ITEMS} 个事项")
    if items and label.intent not in INTENTS_WITH_ITEMS:
        raise LessonRefused(f"意图“{label.intent}”不针对事项，请去掉事项或改选意图")
    if label.intent == JOINT_SERVICE and not items:
        raise LessonRefused("请选是哪个“一件事”")
    unknown = [facet for facet in label.facets if facet not in FACET_TITLES]
    if unknown:
        raise LessonRefused(f"没有“{'、'.join(unknown)}”这个要素")
    name = (label.absent_matter or "").strip() or None
    _check_refusal(label, items, name)
    own = (label.intent.removeprefix("ask_"),) if label.intent in FACET_INTENTS and name is None else ()
    facets = tuple(dict.fromkeys([*own, *label.facets]))
    return Label(label.intent, items, facets, label.should_be_refused, name)


def _checked_answer(label: Label) -> Label:
    """The intent follows from the answer, whatever intent was chosen."""
    intent = _INTENT_OF_ANSWER.get(label.answer.partition(":")[0])
    if intent is None or len(label.answer) > MOST_ANSWER_CHARACTERS:
        raise LessonRefused("请从列出的文件段落和去处里选答案")
    if label.items or label.facets or label.should_be_refused or label.absent_matter:
        raise LessonRefused("选了答案的，不要再选事项和要素")
    return Label(intent, answer=label.answer)


def _check_refusal(label: Label, items: tuple[str, ...], name: str | None) -> None:
    if not label.should_be_refused:
        if name:
            raise LessonRefused("目录以外的事项应选“不该回答”")
        if label.intent == OUT_OF_SCOPE:
            raise LessonRefused("“不属于政务服务”应选“不该回答”")
        return
    if items or label.facets:
        raise LessonRefused("不该回答的，不要选事项和要素")
    if name is None and label.intent != OUT_OF_SCOPE:
        raise LessonRefused("不该回答的，请写出目录里没有的事项名称，或选“不属于政务服务”")
    if name and label.intent not in FACET_INTENTS:
        raise LessonRefused("目录以外的事项，意图要选群众问的是哪一项要素")
    if name and len(name) > MOST_NAME_CHARACTERS:
        raise LessonRefused(f"事项名称最多 {MOST_NAME_CHARACTERS} 个字")
