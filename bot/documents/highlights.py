"""Finds the parts of a text that answer a question: sentences of a passage to highlight, lines of a record to offer."""

from __future__ import annotations

from collections.abc import Sequence

from bot.documents.passages import sentences
from bot.documents.words import TermReader

_NEARLY_AS_GOOD = 0.8


def best_sentences(question: str, text: str, wording: TermReader) -> list[str]:
    """The best parts of a passage, which are its sentences."""
    return best_parts(question, sentences(text), wording)


def best_parts(
    question: str, parts: Sequence[str], wording: TermReader, most: int = 2, *, known: str = ""
) -> list[str]:
    """At most `most` parts that share the most terms, or nearly so, with the question; in their order.

    Empty if no part shares a term. The terms of `known`, what all parts are about, do not count.
    """
    asked, about = wording.question_terms(question), wording.terms(known)
    wanted = {*asked.words, *asked.bigrams} - {*about.words, *about.bigrams}
    shared: list[tuple[int, str]] = []
    for part in parts:
        found = wording.terms(part)
        shared.append((len(wanted.intersection([*found.words, *found.bigrams])), part))
    best = max((count for count, _ in shared), default=0)
    if best == 0:
        return []
    return [part for count, part in shared if count >= best * _NEARLY_AS_GOOD][:most]
