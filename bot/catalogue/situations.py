"""The cases of an item (智能导服): the questions that decide between them, and what applies in each case."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby

from bot.catalogue.districts import Places
from bot.catalogue.models import Item, Material, Situation
from bot.language.negation import affirmed
from bot.language.text import bare, normalise

# The choice of those who want to read about every case.
ALL = "全部"

# The facets that may differ between cases. They are not answered if the item does not cover the case (`is_elsewhere`).
CASE_FACETS = ("overview", "materials", "fee", "process", "conditions")

_SAYS_ALL = re.compile(
    r"(?:都|全部|全都|所有|每种|各种|通通)(?:的|情况|情形)*(?:都)?(?:给我|帮我|要|想)*(?:看|说|讲|列|发|介绍|了解|来)(?:一?[看说讲列]|一?下|看|说|给我|出来|吧|一遍)*"
    r"|我?(?:也)?(?:不知道|不清楚|不确定|说不好|说不清|搞不清|分不清|不晓得)(?:是?哪(?:一)?[种个]|自己)?(?:呢|啊|呀|了)?"
    r"|(?:我)?(?:全部|全都|所有(?:情况|情形)|都要|都看)(?:的|吧|呢)*"
)
# Words before or after the answer itself.
_AROUND = re.compile(r"^(?:我|是|属于|选|选择|就|就是|应该是|算|那)+|(?:的|吧|呢|啊|那种|那个|这种)+$")
_SHORTEST_PART = 2
# A word after one of these is denied: “没有贷款” does not say “有贷款”, “不是二手房” does not say “二手房”.
_DENIED = ("不", "没", "非", "未", "无", "不是", "没有", "不用")
# These ask; they deny nothing: “有没有简易的”.
_ASKED = ("有没有", "是不是", "要不要", "能不能", "会不会", "用不用")
# Most characters around the answer (“我是租房住的”). A longer message may be about something else.
_MOST_AROUND = 5


@dataclass(frozen=True)
class Question:
    number: int
    text: str
    options: tuple[Situation, ...]

    def matters_for(self, item: Item, facet: str) -> bool:
        """Whether the answer about this facet depends on this question."""
        if facet == "overview":
            return True
        if facet in ("process", "conditions", "materials") and any(option.is_elsewhere for option in self.options):
            return True
        if facet == "materials":
            titles = {option.title for option in self.options}
            return any(option.note for option in self.options) or any(
                titles & set(material.situations) for material in item.materials
            )
        values = {"fee": "fee", "process": "steps", "conditions": "conditions"}
        return facet in values and any(getattr(option, values[facet]) for option in self.options)


@dataclass(frozen=True)
class Variant:
    """An item as it applies to the options chosen; without any, all cases are included.

    A material that names options of a question is left out once another option is chosen. If it names options of two
    questions, both must fit. `places`: where it is done, if the city has districts.
    """

    item: Item
    chosen: tuple[str, ...] = ()
    places: Places | None = None

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        by_number = groupby(self.item.situations, key=lambda option: option.question_number)
        grouped = [(number, tuple(options)) for number, options in by_number]
        return tuple(Question(number, options[0].question, options) for number, options in grouped)

    @property
    def shows_all(self) -> bool:
        return ALL in self.chosen

    @cached_property
    def options(self) -> tuple[Situation, ...]:
        """The options chosen, in the order of their questions."""
        return tuple(option for option in self.item.situations if option.title in self.chosen)

    @cached_property
    def unsettled(self) -> tuple[Question, ...]:
        settled = {option.question_number for option in self.options}
        return tuple(question for question in self.questions if question.number not in settled)

    def open_question(self, facets: Iterable[str]) -> Question | None:
        """The first question that must still be asked before these facets can be answered; None if there is none."""
        if self.shows_all or self.is_elsewhere:
            return None
        asked = list(facets)
        return next((q for q in self.unsettled if any(q.matters_for(self.item, facet) for facet in asked)), None)

    def with_choice(self, title: str) -> Variant:
        """Chooses an option, instead of an earlier one of the same question, or `ALL`.

        `ALL` settles the questions still open. If none is open, it removes the options chosen before.
        """
        if title == ALL:
            return replace(self, chosen=(*(option.title for option in self.options if self.unsettled), ALL))
        number = next(option.question_number for option in self.item.situations if option.title == title)
        kept = [option.title for option in self.options if option.question_number != number]
        return replace(self, chosen=(*kept, title, *((ALL,) if self.shows_all else ())))

    def with_words(self, text: str) -> Variant:
        """Chooses the options that the message already names (“护照到期换新的”)."""
        case = self
        for question in self.questions:
            named = named_options(question.options, text)
            if len(named) == 1:
                case = case.with_choice(named[0].title)
        return case

    @cached_property
    def materials(self) -> tuple[Material, ...]:
        return tuple(material for material in self.item.materials if self._fits(material))

    @cached_property
    def common_materials(self) -> tuple[Material, ...]:
        """The materials that are needed whatever the answers to the open questions."""
        return tuple(material for material in self.materials if self.is_required(material))

    def is_required(self, material: Material) -> bool:
        """Whether the material is needed whatever the answers to the open questions."""
        return material.is_required and not any(
            option.title in material.situations for question in self.unsettled for option in question.options
        )

    def cases_of(self, material: Material) -> tuple[str, ...]:
        """The options of open questions that need the material."""
        return tuple(o.title for q in self.unsettled for o in q.options if o.title in material.situations)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of the item, of the options chosen, and of all options of open questions with their titles."""
        own = [condition for option in self.options for condition in option.conditions]
        others = [f"{o.title}：{'；'.join(o.conditions)}" for q in self.unsettled for o in q.options if o.conditions]
        return (*self.item.conditions, *own, *others)

    @property
    def fee(self) -> str:
        return next((option.fee for option in reversed(self.options) if option.fee), self.item.fee)

    @property
    def has_fee(self) -> bool:
        own = any(option.fee for option in self.options)
        return not self.fee.startswith(("不收", "免")) if own else self.item.has_fee

    @property
    def differences(self) -> tuple[tuple[str, str], ...]:
        """(title of the option, how the steps differ), for the options chosen and those of open questions."""
        options = (*self.options, *(option for question in self.unsettled for option in question.options))
        return tuple((option.title, step) for option in options for step in option.steps)

    @property
    def is_elsewhere(self) -> bool:
        return any(option.is_elsewhere for option in self.options)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(option.note for option in self.options if option.note)

    def _fits(self, material: Material) -> bool:
        for question in self.questions:
            named = {option.title for option in question.options} & set(material.situations)
            chosen = {option.title for option in self.options if option.question_number == question.number}
            if named and chosen and not named & chosen:
                return False
        return True


def answer_to(question: Question, text: str) -> str | None:
    """The title of the option that the message chooses, or `ALL`; None if it names none or several."""
    if _SAYS_ALL.fullmatch(bare(text)):
        return ALL
    named = named_options(question.options, text)
    if not named:
        # “外地” for “外地核发”: part of one title only.
        said = _AROUND.sub("", bare(text))
        named = [option for option in question.options if len(said) >= _SHORTEST_PART and said in bare(option.title)]
    return named[0].title if len(named) == 1 else None


def is_bare_answer(question: Question, text: str) -> bool:
    """Whether the message contains only an option, so that it cannot be about another item."""
    said = bare(text)
    return bool(_SAYS_ALL.fullmatch(said)) or any(
        word in said and len(said) - len(word) <= _MOST_AROUND for option in question.options for word in _words(option)
    )


def named_options(options: Sequence[Situation], text: str) -> list[Situation]:
    """The options whose title or keywords are in the message. A longer word hides a shorter one inside it.

    “未成年” does not name the option with the keyword “成年”. Words that the message denies do not count.
    """
    said = bare(affirmed(normalise(text)))
    spans = [(option, span) for option in options for span in _spans(_words(option), said)]
    named = {
        option.title
        for option, span in spans
        if not any(other is not option and _hides(longer, span) for other, longer in spans)
    }
    return [option for option in options if option.title in named]


def _words(option: Situation) -> list[str]:
    return [_bare_word(word) for word in (option.title, *option.keywords)]


@lru_cache(maxsize=4096)
def _bare_word(word: str) -> str:
    """`bare(word)`, cached because every message is compared with the same words of the catalogue."""
    return bare(word)


def _spans(words: Collection[str], text: str) -> Iterable[tuple[int, int]]:
    for word in words:
        for match in re.finditer(re.escape(word), text):
            before = text[: match.start()]
            if before.endswith(_ASKED) or not before.endswith(_DENIED):
                yield match.span()


def _hides(longer: tuple[int, int], span: tuple[int, int]) -> bool:
    return longer != span and longer[0] <= span[0] and span[1] <= longer[1]
