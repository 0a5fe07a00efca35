"""Reads the label table that portals show above a text: 发文机关, 成文日期, 标题, 发文字号, 发布日期, 有效性."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bs4 import BeautifulSoup, Tag

from bot.documents.content import Particulars
from bot.documents.days import first_day
from bot.documents.numbers import labelled_number

_FIELDS = {
    "title": ("标题", "名称", "信息名称", "文件名称", "文件标题"),
    "number": ("发文字号", "文号", "发文文号", "文件编号", "公文文号", "文件号", "文件字号"),
    "issuer": (
        "发文机关",
        "发布机构",
        "发文单位",
        "发布机关",
        "制发机关",
        "发文机构",
        "制定机关",
        "公开主体",
        "信息来源",
    ),
    "signed_on": ("成文日期", "发文日期", "制发日期", "签发日期", "生成日期"),
    "shown_on": ("发布日期", "公开日期", "公布日期", "发布时间", "公开时间"),
    "effective_on": ("施行日期", "生效日期", "实施日期"),
    "repealed_on": ("废止日期", "失效日期", "失效时间"),
    "force": ("有效性", "时效性", "效力状态", "是否有效", "文件有效性", "文件状态", "效力"),
}
_OTHER = (
    "索引号 主题分类 主题词 公文种类 体裁分类 服务对象 信息分类 公开方式 公开范围 关键词 分类 主题 体裁 来源 组配分类"
)
_FIELD_OF = {label: name for name, labels in _FIELDS.items() for label in labels}
_LABELS = frozenset(_FIELD_OF) | frozenset(_OTHER.split())
_FORCE = {
    **dict.fromkeys(("有效", "现行有效", "继续有效", "是", "全文有效"), True),
    **dict.fromkeys(("废止", "失效", "已废止", "已失效", "宣布失效", "无效", "否", "全文废止", "全文失效"), False),
}
_LONGEST_LABEL, _LONGEST_VALUE = 12, 300
# Two labels make a table of them; one might be the heading of a column.
_LEAST_LABELS = 2


def take_labelled(page: BeautifulSoup) -> tuple[Particulars, bool]:
    """The particulars of the label tables, which are taken out of the page. The flag: a day of signing is among them.

    Of two values of one label the first counts. A force in words that are neither (已修改, 部分失效) is left unknown.
    """
    values: dict[str, str] = {}
    for table in page.find_all("table"):
        # Pages are laid out by tables in tables: only the innermost holds labels and no text.
        if table.find("table") is not None:
            continue
        pairs = list(_pairs_of_table(table))
        if len(pairs) >= _LEAST_LABELS:
            for label, value in pairs:
                values.setdefault(label, value)
            table.decompose()
    for parent in page.find_all(("ul", "ol", "dl", "div", "section")):
        pairs = list(_pairs_of_lines(parent))
        if len(pairs) >= _LEAST_LABELS:
            for label, value in pairs:
                values.setdefault(label, value)
            if all(_is_short(child) for child in parent.find_all(True)):
                _take_out(parent)
    given = _given(values)
    return _particulars(given), first_day(given.get("signed_on", "")) is not None


@dataclass(frozen=True)
class LabelsAbove:
    """Of the lines from `start` to `end`. `particulars` holds the day of signing only; `shown_on`: of publishing."""

    particulars: Particulars
    shown_on: date | None = None
    start: int = 0
    end: int = 0


def labels_above(lines: Sequence[str]) -> LabelsAbove:
    """The labels that stand above a text, one a line, as a page that was copied to a file has them."""
    found = [next(_pairs([line]), None) for line in lines]
    start = next((place for place, pair in enumerate(found) if pair), 0)
    end = next((place for place in range(start, len(found)) if found[place] is None), len(found))
    values: dict[str, str] = {}
    for label, value in filter(None, found[start:end]):
        values.setdefault(label, value)
    given = _given(values)
    if len(values) < _LEAST_LABELS or not given:
        return LabelsAbove(Particulars())
    shown_on = first_day(given.pop("shown_on", ""))
    return LabelsAbove(_particulars(given), shown_on, start, end)


def _given(values: dict[str, str]) -> dict[str, str]:
    """The values by field; of two labels of one field the first counts."""
    return {_FIELD_OF[label]: value for label, value in reversed(values.items()) if label in _FIELD_OF}


def _pairs_of_table(table: Tag) -> Iterator[tuple[str, str]]:
    for row in table.find_all("tr"):
        yield from _pairs([" ".join(cell.get_text().split()) for cell in row.find_all(("td", "th"))])


def _pairs_of_lines(parent: Tag) -> Iterator[tuple[str, str]]:
    """Pairs of direct children: 发文机关：云河市人民政府 in one, or label and value in two neighbours."""
    texts = [" ".join(child.get_text().split()) for child in parent.find_all(True, recursive=False)]
    if len(texts) <= 200 and sum(map(len, texts)) <= 20_000:
        yield from _pairs(texts)


def _take_out(parent: Tag) -> None:
    """Takes out the labels. Paragraphs of the text may be their neighbours, so only a list without them is emptied."""
    labels = [child for child in parent.find_all(True, recursive=False) if any(_pairs([child.get_text().strip()]))]
    for label in labels:
        label.decompose()
    if not labels:
        parent.clear()


def _pairs(texts: list[str]) -> Iterator[tuple[str, str]]:
    for place, text in enumerate(texts):
        label, colon, value = text.replace("：", ":").partition(":")
        name = re.sub(r"[\s　【】\[\]]+", "", label)
        if len(name) > _LONGEST_LABEL or name not in _LABELS:
            continue
        following = texts[place + 1] if place + 1 < len(texts) else ""
        found = text[len(label) + 1 :].strip() if colon and value.strip() else following.strip()
        if found and len(found) <= _LONGEST_VALUE and re.sub(r"[\s　：:]+", "", found) not in _LABELS:
            yield name, found


def _is_short(child: Tag) -> bool:
    return len(child.get_text()) <= _LONGEST_VALUE


def _particulars(given: dict[str, str]) -> Particulars:
    in_force = _FORCE.get(re.sub(r"[\s　（）()]+", "", given.get("force", "")))
    return Particulars(
        title=given.get("title"),
        number=labelled_number(given.get("number", "")),
        issuer=_organs(given.get("issuer")),
        published_on=first_day(given.get("signed_on", "")) or first_day(given.get("shown_on", "")),
        effective_on=first_day(given.get("effective_on", "")),
        in_force=in_force,
        repealed_on=_past(given.get("repealed_on", ""), in_force),
    )


def _organs(text: str | None) -> str | None:
    return "、".join(part for part in re.split(r"[\s　;；,，、]+", text or "") if part) or None


def _past(text: str, in_force: bool | None) -> date | None:
    """The day of the repeal. A page that calls the document in force gives the day until which it is."""
    return None if in_force else first_day(text)
