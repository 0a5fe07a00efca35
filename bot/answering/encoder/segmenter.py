"""Cuts a text into the pieces that the model knows: SentencePiece's unigram model (Kudo, ACL 2018)."""

from __future__ import annotations

import re

from bot.answering.encoder.weights import Vocabulary

_BLANK = "▁"
_UNREACHED = float("-inf")


class Segmenter:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._longest = max(map(len, vocabulary.scores))

    def pieces(self, text: str) -> list[int]:
        """The numbers of the pieces in the likeliest cut, without the marks of start and end."""
        marked = self._marked(text)
        places, starts = self._best_ends(marked)
        cut: list[int] = []
        end = len(marked)
        while end:
            cut.append(places[end])
            end = starts[end]
        return cut[::-1]

    def _marked(self, text: str) -> str:
        replaced = re.sub(" +", " ", text.translate(self._vocabulary.replacements))
        return (replaced if replaced.startswith(" ") else f" {replaced}").replace(" ", _BLANK)

    def _best_ends(self, text: str) -> tuple[list[int], list[int]]:
        """For each end the last piece of the best cut up to it, and where that piece starts (Viterbi)."""
        known, unknown_score = self._vocabulary.scores, self._vocabulary.unknown_score
        best = [0.0] + [_UNREACHED] * len(text)
        places, starts = [self._vocabulary.unknown] * len(best), [0] * len(best)
        for start in range(len(text)):
            if best[start] + unknown_score > best[start + 1]:
                best[start + 1], starts[start + 1] = best[start] + unknown_score, start
                places[start + 1] = self._vocabulary.unknown
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                piece = known.get(text[start:end])
                if piece and best[start] + piece[1] > best[end]:
                    best[end], places[end], starts[end] = best[start] + piece[1], piece[0], start
        return places, starts
