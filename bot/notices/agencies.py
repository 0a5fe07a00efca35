"""What the letterhead of each agency needs: its full name, and the first part of its numbers (发文代字)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.notices.templates import BUILT_IN, TemplateError

FILE = "agencies.yml"
# The entry for all agencies that have none of their own; an own entry needs only what differs.
OTHERS = "其他"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)

    full_name: str = Field("", alias="全称")
    mark: str = Field(alias="代字", min_length=1, max_length=10)


@dataclass(frozen=True)
class Agency:
    """`mark`: the first part of its numbers (发文代字), such as 云水."""

    name: str
    mark: str

    def number(self, series: str, year: int, serial: int) -> str:
        """云水信公告〔2026〕12号"""
        return f"{self.series_of(series, year)}{serial}号"

    def series_of(self, series: str, year: int) -> str:
        """The number without its serial: each such series is counted by itself."""
        return f"{self.mark}信公{series}〔{year}〕"


def load_agency(folder: Path | None, department: str, city: str) -> Agency:
    """The agency of that department, from the city's `agencies.yml` or else the built-in one.

    Raises:
        TemplateError: the file cannot be read or an entry is wrong.
    """
    own = folder / FILE if folder else None
    path = own if own and own.exists() else BUILT_IN / FILE
    entries = _read(path)
    if OTHERS not in entries:
        raise TemplateError(f"{FILE}：缺少“{OTHERS}”一项，没有单列的机关用它")
    found = {name: _entry(path, name, {**entries[OTHERS], **entry}) for name, entry in entries.items()}
    entry = found.get(department, found[OTHERS])
    return Agency(name=entry.full_name or f"{city}{department}", mark=entry.mark)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise TemplateError(f"{FILE}{'' if line is None else f' 第 {line + 1} 行'}：读不了，不是 YAML") from None
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise TemplateError(f"{FILE}：每个机关一项，里面写“代字：…”这样的内容")
    return found


def _entry(path: Path, name: str, content: dict[str, Any]) -> _Entry:
    try:
        return _Entry.model_validate(content)
    except ValidationError as error:
        fields = "、".join(str(flaw["loc"][0]) for flaw in error.errors())
        known = "、".join(field.alias or "" for field in _Entry.model_fields.values())
        raise TemplateError(f"{path.name} “{name}”：{fields} 缺少或者不对，可以有：{known}") from None
