"""jieba's tokenizers, each with words of its own beside the one dictionary of the process."""

from __future__ import annotations

import jieba


class _OwnWords(dict[str, int]):
    """Words and their counts that only one tokenizer knows, in front of those that all know: a copy of jieba's half a
    million words for each tokenizer would take 15 MB."""

    def __missing__(self, word: str) -> int:
        return int(jieba.dt.FREQ[word])

    def __contains__(self, word: object) -> bool:
        return word in jieba.dt.FREQ or super().__contains__(word)

    def get(self, word: str, default: int | None = None) -> int | None:  # type: ignore[override]
        own = super().get(word)
        return jieba.dt.FREQ.get(word, default) if own is None else own


def process_wide() -> jieba.Tokenizer:
    """jieba's own tokenizer, ready. It is taught nothing."""
    jieba.dt.check_initialized()
    return jieba.dt


def new_segmenter() -> jieba.Tokenizer:
    """A tokenizer that knows what the process-wide one knows, and whose new words that one does not learn."""
    shared = process_wide()
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total, segmenter.initialized = _OwnWords(), shared.total, True
    return segmenter
