"""What became of each file of an imported folder, and the report (CSV) that lists them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from bot.documents.reader import ReadDocument

_HEADINGS = ("文件", "结果", "原因", "标题", "文号", "发布单位", "日期", "施行日期", "效力", "段数")


class FileOutcome(StrEnum):
    """In the words of the report. Of a dry run `LOADED` is what would be loaded."""

    LOADED = "载入"
    UNCHANGED = "没有变化"
    # By a rule: notes about the folder, hidden files, the `.yaml` beside a document.
    LEFT_OUT = "不载入"
    FAILED = "读不了"


class FoundParticulars(NamedTuple):
    """The particulars of a document, as the report has them: empty where the file does not say."""

    title: str
    number: str
    issuer: str
    published_on: str
    effective_on: str
    force: str
    passages: int


@dataclass(frozen=True)
class FileAccount:
    """`name`: the path under the folder. `found`: what was read of it.

    `reason`: why it was not loaded; for a loaded scan, that its text was recognised.
    """

    name: str
    outcome: FileOutcome
    reason: str = ""
    found: FoundParticulars | None = None


def summary(accounts: Iterable[FileAccount]) -> str:
    """新载入 2 份文件（9 段），1 份没有变化，3 份不载入，1 份读不了."""
    counts = dict.fromkeys(FileOutcome, 0)
    passages = 0
    for account in accounts:
        counts[account.outcome] += 1
        passages += account.found.passages if account.found else 0
    told = [f"新载入 {counts[FileOutcome.LOADED]} 份文件（{passages} 段）"]
    told.append(f"{counts[FileOutcome.UNCHANGED]} 份没有变化")
    if counts[FileOutcome.LEFT_OUT]:
        told.append(f"{counts[FileOutcome.LEFT_OUT]} 份不载入")
    return "，".join([*told, f"{counts[FileOutcome.FAILED]} 份读不了。"])


def particulars_of(document: ReadDocument) -> FoundParticulars:
    stated = document.particulars
    return FoundParticulars(
        document.title,
        stated.number or "",
        stated.issuer or "",
        str(stated.published_on or ""),
        str(stated.effective_on or ""),
        "已废止" if stated.says_repealed else "有效" if stated.in_force else "",
        len(document.excerpts),
    )


def recognition_of(document: ReadDocument) -> str:
    """Empty for a file that has text."""
    return f"扫描件，已识别文字（平均把握 {document.confidence:.0%}）" if document.is_recognised else ""


def write_report(path: Path, accounts: Iterable[FileAccount]) -> None:
    """A line for each file, with a mark of UTF-8, without which Excel shows no Chinese."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for account in accounts:
            found = account.found or [""] * len(FoundParticulars._fields)
            writer.writerow(
                _harmless(str(cell)) for cell in (account.name, account.outcome.value, account.reason, *found)
            )


def _harmless(cell: str) -> str:
    """Excel would run a cell that begins like a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
