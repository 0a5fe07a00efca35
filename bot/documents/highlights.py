"""Finds the sentences of a passage that answer a question, so that pages can highlight them."""

from __future__ import annotations

from bot.documents.passages import sentences
from bot.documents.words import TermReader

_NEARLY_AS_GOOD = 0.8


def best_sentences(question: str, text: str, wording: TermReader, most: int = 2) -> list[str]:
    """At most `most` sentences that share the most terms, or nearly so, with the question; in their order in the text.

    Empty if no sentence shares a term.
    """
    asked = wording.question_terms(question)
    wanted = {*asked.words, *asked.bigrams}
    shared: list[tuple[int, str]] = []
    for sentence in sentences(text):
        found = wording.terms(sentence)
        shared.append((len(wanted.intersection([*found.words, *found.bigrams])), sentence))
    best = max((count for count, _ in shared), default=0)
    if best == 0:
        return []
    return [sentence for count, sentence in shared if count >= best * _NEARLY_AS_GOOD][:most]
