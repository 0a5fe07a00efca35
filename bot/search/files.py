"""Reads passages and questions from files of JSON lines, plain or gzipped. Errors name the file and the line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.search.collection import SearchPassage
from bot.search.ranker import AnsweredQuestion


class FileRejected(Exception):
    """A line that cannot be used: `passages.jsonl:12: text is missing`."""


def read_passages(path: Path) -> list[SearchPassage]:
    passages: list[SearchPassage] = []
    seen: set[str] = set()
    for number, record in _records(path):
        passage = SearchPassage(*(_text(path, number, record, field) for field in ("id", "title", "text")))
        if passage.id in seen:
            raise FileRejected(f"{path}:{number}: the id {passage.id} is there twice")
        seen.add(passage.id)
        passages.append(passage)
    if not passages:
        raise FileRejected(f"{path}: no passages")
    return passages


def read_questions(path: Path, passages: list[SearchPassage]) -> list[AnsweredQuestion]:
    """Questions whose answers are among `passages`."""
    ids = {passage.id for passage in passages}
    questions: list[AnsweredQuestion] = []
    for number, record in _records(path):
        text = _text(path, number, record, "text")
        relevant = record.get("relevant")
        if not isinstance(relevant, list) or not relevant or not all(isinstance(each, str) for each in relevant):
            raise FileRejected(f"{path}:{number}: relevant must be a list of ids of passages")
        if unknown := next((each for each in relevant if each not in ids), None):
            raise FileRejected(f"{path}:{number}: there is no passage {unknown}")
        questions.append(AnsweredQuestion(text, tuple(relevant)))
    if not questions:
        raise FileRejected(f"{path}: no questions")
    return questions


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if _gzipped(path) else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise FileRejected(f"{path}:{number}: a JSON object is expected on each line")
                yield number, record
    except json.JSONDecodeError as error:
        raise FileRejected(f"{path}:{number}: not JSON ({error.msg})") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FileRejected(f"{path}:{number + 1}: cannot be read ({error})") from None


def _gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _text(path: Path, number: int, record: dict[str, Any], field: str) -> str:
    value = record.get(field)
    if not isinstance(value, str) or (field != "title" and not value.strip()):
        raise FileRejected(f"{path}:{number}: {field} is missing")
    return value
