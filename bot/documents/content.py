"""A document read from a file of any format: its particulars (title, number, dates) and its blocks in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.links import WEB_ADDRESS

# A file with more is no document, and would fill the memory of whoever searches it.
MOST_BLOCKS = 100_000
IS_SCAN = "是扫描件，只有图片没有文字，请换成有文字的文件，或先做文字识别"
TOO_MANY_BLOCKS = f"超过 {MOST_BLOCKS} 段，请分开再导入"


class UnreadableDocument(Exception):
    """No document can be loaded from the file. `reason` is in Chinese because a clerk reads it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}：{reason}")
        self.path = path
        self.reason = reason


class ScannedDocument(UnreadableDocument):
    """The file has only pictures of its pages. `tried`: what came of recognising them, if that was tried."""

    def __init__(self, path: Path, tried: str = "") -> None:
        super().__init__(path, f"{IS_SCAN}（{tried}）" if tried else IS_SCAN)


class Particulars(BaseModel):
    """The particulars that a document states. `in_force` is None if the file does not say whether it is in force."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True, coerce_numbers_to_str=True)

    title: str | None = None
    number: str | None = None
    issuer: str | None = None
    published_on: date | None = None
    effective_on: date | None = None
    in_force: bool | None = None
    repealed_on: date | None = None
    repealed_by: str | None = None
    # Only http(s) links: a `javascript:` link would run on the citizen's page.
    url: str | None = Field(default=None, pattern=WEB_ADDRESS)

    def overridden_by(self, other: Particulars) -> Particulars:
        return self.model_copy(update=other.model_dump(exclude_none=True))

    @property
    def says_repealed(self) -> bool:
        return self.in_force is False or bool(self.repealed_on or self.repealed_by)


@dataclass(frozen=True)
class Heading:
    """`level` 1 is the highest of a document; 0 is the name of what it issues, 《……办法》."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """`is_heading` is False if it looks like a heading, but the layout says that it is none: “附件：……” above the
    signature. None leaves it open.
    """

    text: str
    is_heading: bool | None = None


Block = Heading | Paragraph


@dataclass(frozen=True)
class DocumentContent:
    particulars: Particulars
    blocks: list[Block] = field(default_factory=list)


def checked_particulars(path: Path, values: object) -> Particulars:
    """The particulars, checked.

    Raises:
        UnreadableDocument: names the fields that are wrong.
    """
    if not isinstance(values, dict):
        raise UnreadableDocument(path, "文件头不是“名称: 值”的列表")
    try:
        particulars = Particulars.model_validate({key: _blank_to_none(value) for key, value in values.items()})
    except ValidationError as error:
        fields = "、".join(str(detail["loc"][0]) for detail in error.errors())
        raise UnreadableDocument(
            path, f"文件头里这几项填得不对：{fields}（日期要写成 2026-03-01，是否有效写 true 或 false）"
        ) from None
    if particulars.in_force and (particulars.repealed_on or particulars.repealed_by):
        raise UnreadableDocument(path, "in_force 写着 true，却又写了废止日期或废止依据")
    return particulars


def table_paragraphs(rows: Sequence[Sequence[str]]) -> list[Paragraph]:
    """Makes each row below the header a sentence that can be quoted alone: 项目：居民用水；价格：2 元。

    A first row with one text, over all columns, is the name of the table. A table of one column only lays out lines.
    """
    filled = [list(dict.fromkeys(filter(None, row))) for row in rows]
    if all(len(cells) <= 1 for cells in filled):
        return [Paragraph(cell) for cells in filled for cell in cells]
    named = next(place for place, cells in enumerate(filled) if len(cells) > 1)
    captions = [Paragraph(cell) for cells in filled[:named] for cell in cells]
    rows = rows[named:]
    if len(rows) == 1:
        return [*captions, Paragraph("；".join(cell for cell in rows[0] if cell))]
    headings, *body = rows
    sentences = []
    for row in body:
        # Merged cells repeat heading and cell.
        pairs = dict.fromkeys(zip(headings, [*row, *[""] * len(headings)], strict=False))
        cells = [f"{heading}：{cell}" if heading and heading != cell else cell for heading, cell in pairs if cell]
        sentences.append("；".join(cells).rstrip("。；") + "。")
    return [*captions, *(Paragraph(sentence) for sentence in sentences if sentence != "。")]


def _blank_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value
