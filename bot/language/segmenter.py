"""jieba's tokenizers, each with words of its own, from one reading of its dictionary."""

from __future__ import annotations

import jieba


def new_segmenter() -> jieba.Tokenizer:
    """A tokenizer that knows what the process-wide one knows, and whose new words that one does not learn."""
    jieba.dt.check_initialized()
    segmenter = jieba.Tokenizer()
    segmenter.FREQ, segmenter.total, segmenter.initialized = dict(jieba.dt.FREQ), jieba.dt.total, True
    return segmenter
