"""What only the organ itself knows of its yearly report: the figures of part two, and the texts (条例 art. 50)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_TEXT_CHARACTERS = 5000
_COUNT = re.compile(r"[0-9]{1,9}")
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


class Text(StrEnum):
    OVERVIEW = "overview"
    PROBLEMS = "problems"
    EVALUATION = "evaluation"
    OTHER = "other"


class Figure(StrEnum):
    """A figure of part two; the items are those of 条例 art. 20."""

    RULES_MADE = "rules_made"
    RULES_REPEALED = "rules_repealed"
    RULES_IN_FORCE = "rules_in_force"
    NORMS_MADE = "norms_made"
    NORMS_REPEALED = "norms_repealed"
    NORMS_IN_FORCE = "norms_in_force"
    LICENCES = "licences"
    PENALTIES = "penalties"
    COERCION = "coercion"
    CHARGES = "charges"


TEXT_TITLES = {
    Text.OVERVIEW: "一、总体情况",
    Text.PROBLEMS: "五、存在的主要问题及改进情况",
    Text.EVALUATION: "工作考核、社会评议和责任追究结果情况",
    Text.OTHER: "六、其他需要报告的事项",
}
FIGURE_TITLES = {
    Figure.RULES_MADE: "规章：本年制发件数",
    Figure.RULES_REPEALED: "规章：本年废止件数",
    Figure.RULES_IN_FORCE: "规章：现行有效件数",
    Figure.NORMS_MADE: "行政规范性文件：本年制发件数",
    Figure.NORMS_REPEALED: "行政规范性文件：本年废止件数",
    Figure.NORMS_IN_FORCE: "行政规范性文件：现行有效件数",
    Figure.LICENCES: "行政许可：本年处理决定数量",
    Figure.PENALTIES: "行政处罚：本年处理决定数量",
    Figure.COERCION: "行政强制：本年处理决定数量",
    Figure.CHARGES: "行政事业性收费：本年收费金额（万元）",
}


class TypedRefused(ValueError):
    """A field cannot be read; the message, in Chinese, names it."""


@dataclass(frozen=True)
class Typed:
    """`figures`: as written, such as 12 or 3.5; empty if not known yet."""

    texts: Mapping[Text, str]
    figures: Mapping[Figure, str]

    def as_dict(self) -> dict[str, Any]:
        return {
            "texts": {name.value: text for name, text in self.texts.items()},
            "figures": {name.value: figure for name, figure in self.figures.items()},
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Typed:
        texts, figures = content.get("texts", {}), content.get("figures", {})
        return cls({name: texts.get(name, "") for name in Text}, {name: figures.get(name, "") for name in Figure})

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Typed:
        """Empty fields are allowed: a draft is saved as far as it is known.

        Raises:
            TypedRefused
        """
        texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in Text}
        figures = {name: form.get(name, "").strip() for name in Figure}
        for name, text in texts.items():
            if len(text) > MOST_TEXT_CHARACTERS:
                raise TypedRefused(f"“{TEXT_TITLES[name]}”最多 {MOST_TEXT_CHARACTERS} 个字，现在 {len(text)} 个")
        for figure, written in figures.items():
            allowed = _MONEY if figure == Figure.CHARGES else _COUNT
            if written and not allowed.fullmatch(written):
                what = "数，单位万元，小数最多六位" if figure == Figure.CHARGES else "整数"
                raise TypedRefused(f"“{FIGURE_TITLES[figure]}”要填{what}，不是“{written[:20]}”")
        return cls(texts, figures)


NOTHING_TYPED = Typed.from_dict({})
