"""The templates of notices: plain text files that a city can change.

```
# A line that begins with # is a remark.
标题：政府信息不予公开告知书
字号：告
---
{称呼}申请公开“{申请内容}”。经审查，该信息{理由}，根据{依据}，决定不予公开。
{说明}
{救济}
```

Each line under `---` is a paragraph. A field in braces is replaced; a paragraph with an empty field is left out.
A city's folder needs only the files that it changes; the others are those of `bot/samples/notices`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.disclosures.reasons import ALLOWED
from bot.disclosures.rules import GROUNDS
from bot.disclosures.terms import Reason
from bot.disclosures.vocabulary import REASONS, in_chinese, listed
from bot.notices.kinds import WITH_GROUND, NoticeKind
from bot.places import SAMPLES

BUILT_IN = SAMPLES / "notices"
SUFFIX = ".txt"
# Parts of notices: remedies against three kinds of answers, the first paragraph of a correction, grounds of refusals.
REVIEW_FIRST, REVIEW_OR_COURT, REVIEW_RATHER = (
    "remedies_review_first",
    "remedies_review_or_court",
    "remedies_review_rather",
)
CORRECTION, GROUND_WORDS = "correction", "grounds"

_FIELD = re.compile(r"\{([^{}]*)\}")
_HEADINGS = ("标题", "字号")
_LONGEST_LINE = 2000
_OF_REQUEST = frozenset({"机关", "机关电话", "称呼", "回执号", "收到日期", "提交方式", "申请内容", "依据", "说明"})
_OF_ANSWER = _OF_REQUEST | {"获取要求", "救济"}
_OF_REMEDIES = frozenset({"机关", "复议机关", "复议材料", "复议网址", "法院", "救济依据"})
# A third party or another agency is not told what was asked in the applicant's words, nor by whom.
_OF_OTHERS = frozenset({"机关", "机关电话", "依据", "说明"})
# Which fields each file may use.
_ALLOWED: dict[str, frozenset[str]] = {
    NoticeKind.RECEIPT: _OF_REQUEST | {"获取要求", "答复期限"},
    NoticeKind.SUPPLEMENT: _OF_REQUEST | {"补正期限"},
    NoticeKind.EXTENSION: _OF_REQUEST | {"延长天数", "原期限", "答复期限"},
    NoticeKind.CONSULTATION: _OF_OTHERS,
    NoticeKind.AGENCY_CONSULTATION: _OF_OTHERS,
    NoticeKind.THIRD_PARTY_DECISION: _OF_OTHERS | {"决定日期", "救济"},
    NoticeKind.FEE: _OF_REQUEST | {"金额", "缴费期限"},
    NoticeKind.POSTPONEMENT: _OF_REQUEST | {"原期限", "答复期限"},
    **{kind.value: _OF_ANSWER | ({"理由"} if kind in WITH_GROUND else set()) for kind in NoticeKind if kind.outcome},
    REVIEW_FIRST: _OF_REMEDIES,
    REVIEW_OR_COURT: _OF_REMEDIES,
    REVIEW_RATHER: _OF_REMEDIES,
    CORRECTION: frozenset({"标题", "原日期", "原标题", "原文号", "更正原因"}),
}
# Fields that each file must use, because the law requires their content in the notice.
_NEEDED: dict[str, frozenset[str]] = {
    NoticeKind.RECEIPT: frozenset({"依据", "回执号", "答复期限"}),
    NoticeKind.SUPPLEMENT: frozenset({"依据", "说明", "补正期限"}),
    NoticeKind.EXTENSION: frozenset({"依据", "说明", "答复期限"}),
    NoticeKind.CONSULTATION: frozenset({"依据", "说明"}),
    NoticeKind.AGENCY_CONSULTATION: frozenset({"依据", "说明"}),
    NoticeKind.THIRD_PARTY_DECISION: frozenset({"依据", "说明", "救济"}),
    NoticeKind.FEE: frozenset({"依据", "说明", "金额", "缴费期限"}),
    NoticeKind.POSTPONEMENT: frozenset({"依据", "说明", "答复期限"}),
    **{
        kind.value: frozenset({"依据", "说明", "救济", "申请内容"}) | ({"理由"} if kind in WITH_GROUND else set())
        for kind in NoticeKind
        if kind.outcome
    },
    REVIEW_FIRST: frozenset({"复议机关", "救济依据"}),
    REVIEW_OR_COURT: frozenset({"复议机关", "法院", "救济依据"}),
    REVIEW_RATHER: frozenset({"复议机关", "法院", "救济依据"}),
    CORRECTION: frozenset({"原标题", "原文号", "更正原因"}),
}


class TemplateError(ValueError):
    """Templates are wrong. The message, in Chinese, has a line for each flaw, with file and line."""


@dataclass(frozen=True)
class Template:
    """`series`: what a number has before its year (种类代字). Parts of notices have neither title nor series."""

    title: str
    series: str
    lines: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> list[str]:
        """The paragraphs. A value of several lines makes several paragraphs."""
        filled = (_filled(line, values) for line in self.lines)
        return [line.strip() for text in filled for line in text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Templates:
    """All templates. `grounds`: why information is not disclosed, as a part of a sentence (“属于国家秘密”)."""

    by_name: Mapping[str, Template]
    grounds: Mapping[Reason, str]

    def of(self, kind: NoticeKind, reason: Reason | None = None) -> Template:
        """The template of the kind; one made for that reason, such as `not_handled-fee_not_paid`, comes first."""
        own = self.by_name.get(f"{kind}-{reason}") if reason else None
        return own or self.by_name[kind]


def load(folder: Path | None = None) -> Templates:
    """The built-in templates, and in place of some the city's own.

    Raises:
        TemplateError: files are wrong; all flaws are told.
    """
    flaws: list[str] = []
    texts: dict[str, tuple[str, str]] = {}
    for each in (BUILT_IN, *((folder,) if folder else ())):
        for path in sorted(each.glob(f"*{SUFFIX}")):
            if path.stem not in _names():
                flaws.append(f"{path.name}：没有叫这个名字的模板，可以有：{listed(sorted(_names()))}")
                continue
            try:
                texts[path.stem] = (path.name, path.read_text(encoding="utf-8-sig"))
            except (OSError, UnicodeDecodeError):
                flaws.append(f"{path.name}：读不了，要存成 UTF-8 编码的文本")
    found = {name: _template(name, file, text, flaws) for name, (file, text) in texts.items() if name != GROUND_WORDS}
    grounds = _grounds(*texts[GROUND_WORDS], flaws) if GROUND_WORDS in texts else {}
    if flaws:
        raise TemplateError("\n".join(flaws))
    return Templates(found, grounds)


def _filled(line: str, values: Mapping[str, str]) -> str:
    """Replaced in one pass: braces in a value are text, not fields."""
    if not all(values.get(name) for name in _FIELD.findall(line)):
        return ""
    return _FIELD.sub(lambda field: values[field[1]], line)


def _names() -> frozenset[str]:
    with_reason = (
        f"{kind}-{reason}" for kind in NoticeKind if kind.outcome is not None for reason in ALLOWED[kind.outcome]
    )
    return frozenset((*_ALLOWED, *with_reason, GROUND_WORDS))


def _template(name: str, file: str, text: str, flaws: list[str]) -> Template:
    head, body = _parted(text)
    kind = name.partition("-")[0]
    headings = _headings(file, head, flaws, _HEADINGS if kind in list(NoticeKind) else ())
    used: set[str] = set()
    for number, line in body:
        fields = _FIELD.findall(line)
        used.update(fields)
        flaws += [f"{file} 第 {number} 行：{flaw}" for flaw in _flaws_in(line, fields, _ALLOWED[kind])]
    missing = sorted(_NEEDED[kind] - used)
    if missing:
        flaws.append(f"{file}：缺少字段{_in_braces(missing)}")
    return Template(headings.get("标题", ""), headings.get("字号", ""), tuple(line for _, line in body))


def _parted(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The lines before and after `---`, each with its number; remarks are left out. Without `---` all is body."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    rule = next((place for place, (_, line) in enumerate(lines) if set(line) == {"-"} and len(line) >= 3), None)
    return ([], lines) if rule is None else (lines[:rule], lines[rule + 1 :])


def _headings(file: str, head: Sequence[tuple[int, str]], flaws: list[str], needed: Iterable[str]) -> dict[str, str]:
    """The values of lines like “标题：…”, which the file must have all and no others."""
    found: dict[str, str] = {}
    for number, line in head:
        name, colon, value = line.replace(":", "：", 1).partition("：")
        if not colon or name.strip() not in needed or not value.strip():
            flaws.append(f"{file} 第 {number} 行：这里要写成“名称：内容”，名称只能是{listed(needed) or '（没有）'}")
        else:
            found[name.strip()] = value.strip()
    missing = [name for name in needed if name not in found]
    if missing and not any(flaw.startswith(f"{file} 第") for flaw in flaws):
        flaws.append(f"{file}：开头缺少{listed(missing)}，写好后用一行 --- 和正文隔开")
    return found


def _flaws_in(line: str, fields: Sequence[str], allowed: frozenset[str]) -> Iterable[str]:
    if len(line) > _LONGEST_LINE:
        yield f"太长，一段最多 {_LONGEST_LINE} 个字"
    if re.search(r"[{}]", _FIELD.sub("", line)):
        yield "花括号没有成对"
    for field in fields:
        if field not in allowed:
            yield f"没有“{field}”这个字段，这份模板可以用：{_in_braces(sorted(allowed))}"


def _grounds(file: str, text: str, flaws: list[str]) -> dict[Reason, str]:
    words = [in_chinese(REASONS, reason) for reason in GROUNDS]
    _, lines = _parted(text)
    found = _headings(file, lines, flaws, words)
    return {REASONS[word]: said for word, said in found.items()}


def _in_braces(fields: Iterable[str]) -> str:
    return listed(f"{{{field}}}" for field in fields)
