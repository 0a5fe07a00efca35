"""Compares two versions of a document, passage by passage and clause by clause. Pure functions of passages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

_CLAUSE = re.compile(r"[^，。；：！？、\n]*[，。；：！？、\n]?")


@dataclass(frozen=True)
class ComparedPiece:
    text: str
    is_changed: bool


@dataclass(frozen=True)
class Pair:
    """A passage in both versions. `place`: its article or heading. A side is empty if that version does not have it."""

    place: str
    before: tuple[ComparedPiece, ...]
    after: tuple[ComparedPiece, ...]

    @property
    def is_same(self) -> bool:
        return not any(piece.is_changed for piece in (*self.before, *self.after))


class Compared(Protocol):
    """A passage that is stored, or an excerpt that is not yet."""

    @property
    def heading(self) -> str: ...
    @property
    def article(self) -> str | None: ...
    @property
    def text(self) -> str: ...


def compared(before: Sequence[Compared], after: Sequence[Compared]) -> list[Pair]:
    """Both versions in order; passages of the same article, or under the same heading, stand side by side."""
    old, new = [_key(passage) for passage in before], [_key(passage) for passage in after]
    pairs: list[Pair] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        pairs += _side_by_side(before[i1:i2], after[j1:j2])
    return pairs


def _side_by_side(before: Sequence[Compared], after: Sequence[Compared]) -> Iterator[Pair]:
    """Passages of one stretch: those with the same place are a pair, the others stand alone."""
    left = list(after)
    for old in before:
        new = next((one for one in left if _key(one) == _key(old)), None)
        if new is None:
            yield Pair(_place(old), _all_changed(old), ())
            continue
        while left[0] is not new:
            yield Pair(_place(left[0]), (), _all_changed(left.pop(0)))
        yield _pair(old, left.pop(0))
    for new in left:
        yield Pair(_place(new), (), _all_changed(new))


def clauses(before: str, after: str) -> tuple[tuple[ComparedPiece, ...], tuple[ComparedPiece, ...]]:
    """Both texts cut into pieces, of which those that the other text has not are marked as changed."""
    a, b = _CLAUSE.findall(before), _CLAUSE.findall(after)
    old: list[ComparedPiece] = []
    new: list[ComparedPiece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for pieces, text in ((old, "".join(a[i1:i2])), (new, "".join(b[j1:j2]))):
            if text:
                pieces.append(ComparedPiece(text, tag != "equal"))
    return tuple(old), tuple(new)


def _pair(old: Compared, new: Compared) -> Pair:
    return Pair(_place(new), *clauses(old.text, new.text))


def _all_changed(passage: Compared) -> tuple[ComparedPiece, ...]:
    return (ComparedPiece(passage.text, True),)


def _key(passage: Compared) -> str:
    return passage.article or passage.heading or "—"


def _place(passage: Compared) -> str:
    return passage.article or passage.heading.split(" / ")[-1]
