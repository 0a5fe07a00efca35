"""Texts as search compares them: words by jieba, pairs of neighbouring characters, and characters, each as a number.

A term is a 64-bit number, not a string, so that a vocabulary is one sorted array that workers share on disk.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import jieba
import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

from bot.language.numerals import with_digits
from bot.language.text import normalise

jieba.setLogLevel(logging.WARNING)

Codes = NDArray[np.int64]

# Below this many passages another process takes longer to start than it saves.
_WORTH_A_PROCESS = 4000
_CHUNK = 1000
_ARTICLE = re.compile(r"第\d+条(?:之\d+)?")
_LONGEST_NAME = 30
_ARTICLE_AT_END = re.compile(r"\s*(第\d+条(?:之\d+)?)$")

# Words and phrases that only make a question, and do not say what it is about.
_QUESTION_WORDS = """
的 了 着 过 和 与 及 或 而 但 就 才 都 也 还 又 再 很 太 在 于 从 到 对 由 被 把 给 让 为 以 是 是不是 有
有没有 没 没有 会 会不会 能 能不能 能否 可 可以 可不可以 可否 是否 应 应该 应当 需 需要 必须 想 我 我们 你 你们
您 他 她 它 他们 自己 别人 什么 什么样 啥 怎么 怎么办 怎么样 怎样 咋 咋办 如何 为何 为什么 哪 哪些 哪个 哪里 谁
几 多少 多久 多长 何时 吗 呢 吧 啊 呀 请 请问 问 这 那 这个 那个 这些 那些 这样 那样 此 该 其 之 所 者 等 个 一
一个 些 种 如果 要是 因为 所以 情况 问题 属于 算 哪种 区别 要 中 后 时 上 下 里
"""
_QUESTION_PHRASES = """
怎么办 怎么 怎样 什么 如何 是否 哪些 哪个 吗 请问 为什么 能否 可以吗 应当如何 应该 可以 能不能 会不会 有没有 是不是 我的
我们 该怎么 这种 该如何 什么样 情况下 情况 需要 合法吗 有哪些 是什么 的话 应如何 如何处理 怎么处理 应该怎么
"""


@dataclass(frozen=True)
class CodedTerms:
    """The terms of a text."""

    words: Codes
    bigrams: Codes
    characters: Codes


@dataclass(frozen=True)
class Occurrences:
    """Which passage has which term, and how often: three columns, ordered by passage."""

    codes: Codes
    passages: NDArray[np.int32]
    times: NDArray[np.uint16]
    lengths: NDArray[np.int64]
    """How many terms each passage has, repetitions counted."""

    @classmethod
    def joined(cls, parts: Sequence[Occurrences]) -> Occurrences:
        if not parts:
            return occurrences(np.zeros(0, np.int64), np.zeros(0, np.int64))
        offsets = np.cumsum([0, *(len(part.lengths) for part in parts[:-1])])
        return cls(
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.passages + np.int32(offset) for part, offset in zip(parts, offsets, strict=True)]),
            np.concatenate([part.times for part in parts]),
            np.concatenate([part.lengths for part in parts]),
        )


@dataclass(frozen=True)
class CorpusTerms:
    """The terms of passages; one entry for each chunk of passages."""

    words: list[Occurrences]
    bigrams: list[Occurrences]
    characters: list[Occurrences]


@dataclass(frozen=True)
class NamedArticle:
    """An article that a question names. `works`: the possible names of its work, the longest first.

    It is not known where the name of the work begins, so each ending of the text before the article may be it.
    """

    works: Codes
    article: int


@dataclass(frozen=True)
class PassageTitle:
    """A passage's title, taken apart: 中华人民共和国民法典第33条 is article 第33条 of that work."""

    work: str
    article: str


class _Simplified(dict[int, str]):
    """Traditional to simplified characters for `str.translate`, each converted once: fast for many passages."""

    def __missing__(self, code: int) -> str:
        simplified = str(_converter().convert(chr(code)))
        self[code] = simplified
        return simplified


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


_SIMPLIFIED = _Simplified()


def plain(text: str) -> str:
    """A published text as search compares it. Questions also go through `bot.language.text`, since people type them
    in many ways."""
    return with_digits(unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower())


def heading(title: str) -> PassageTitle:
    written = plain(title)
    if match := _ARTICLE_AT_END.search(written):
        return PassageTitle(written[: match.start()], match[1])
    return PassageTitle(written, "")


def question_terms(text: str) -> CodedTerms:
    """The terms of a question, without the words that only make it a question."""
    asked = with_digits(normalise(text))
    telling = _telling_words(asked)
    characters, _ = _characters(["".join(telling)])
    bigrams, _ = _bigrams(*_characters([asked]))
    return CodedTerms(
        np.array([code_of(word) for word in telling + _ARTICLE.findall(asked)], np.int64),
        _without_question_phrases(bigrams),
        characters[_countable(characters)],
    )


def telling_words(text: str) -> list[str]:
    """The words of a question that say what it is about, as `plain` texts have them."""
    return list(dict.fromkeys(_telling_words(with_digits(normalise(text)))))


def _telling_words(asked: str) -> list[str]:
    words = [word for word in jieba.lcut(asked) if _is_word(word)]
    return [word for word in words if word not in _without_matter()] or words


def articles_named(text: str) -> list[NamedArticle]:
    """民法典第33条 and 《民法典》第三十三条 name an article of a work."""
    asked = with_digits(normalise(text))
    named = []
    for match in _ARTICLE.finditer(asked):
        before = asked[: match.start()].rstrip("》 的")
        endings = [before[start:] for start in range(max(0, len(before) - _LONGEST_NAME), len(before) - 1)]
        named.append(NamedArticle(np.array([code_of(name) for name in endings], np.int64), code_of(match[0])))
    return named


def corpus_terms(titles: Sequence[str], texts: Sequence[str], *, processes: int | None = None) -> CorpusTerms:
    """The terms of passages. Characters are those of the text alone, since a long title would outweigh them.

    Segmentation is most of the work of an index, so it is shared among `processes` (all processors by default).
    """
    chunks = [(titles[start : start + _CHUNK], texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processes > 1 and len(texts) >= _WORTH_A_PROCESS:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            parts = pool.starmap(_chunk_terms, chunks, chunksize=1)
    else:
        parts = [_chunk_terms(*chunk) for chunk in chunks]
    return CorpusTerms(
        [words for words, _, _ in parts],
        [bigrams for _, bigrams, _ in parts],
        [characters for _, _, characters in parts],
    )


def code_of(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little", signed=True)


_cached_code_of = lru_cache(maxsize=200_000)(code_of)


def occurrences(codes: Codes, lengths: NDArray[np.int64]) -> Occurrences:
    """Of the terms of all passages, one after the other; `lengths`: how many each passage has."""
    vocabulary, term_of = np.unique(codes, return_inverse=True)
    size = max(len(vocabulary), 1)
    pairs, times = np.unique(np.repeat(np.arange(len(lengths)), lengths) * size + term_of, return_counts=True)
    passages, terms = np.divmod(pairs, size)
    return Occurrences(vocabulary[terms], passages.astype(np.int32), times.astype(np.uint16), lengths)


def _chunk_terms(titles: Sequence[str], texts: Sequence[str]) -> tuple[Occurrences, Occurrences, Occurrences]:
    headings = [heading(title) for title in titles]
    bodies = [plain(text) for text in texts]
    words: list[int] = []
    word_counts = []
    cut_titles: dict[str, list[int]] = {}
    for head, body in zip(headings, bodies, strict=True):
        before = len(words)
        if head.work not in cut_titles:
            cut_titles[head.work] = _word_codes(head.work)
        words += cut_titles[head.work]
        if head.article:
            words.append(_cached_code_of(head.article))
        words += _word_codes(body)
        word_counts.append(len(words) - before)
    characters, lengths = _characters(bodies)
    countable = _countable(characters)
    text_of = np.repeat(np.arange(len(texts)), lengths)[countable]
    named = [f"{head.work} {body}" for head, body in zip(headings, bodies, strict=True)]
    return (
        occurrences(np.array(words, np.int64), np.array(word_counts, np.int64)),
        occurrences(*_bigrams(*_characters(named))),
        occurrences(characters[countable], _counts(text_of, len(texts))),
    )


def _word_codes(text: str) -> list[int]:
    return [_cached_code_of(word) for word in jieba.cut(text) if _is_word(word)]


def _is_word(word: str) -> bool:
    return any(character.isalnum() for character in word)


def _characters(texts: Sequence[str]) -> tuple[Codes, NDArray[np.int64]]:
    """Every character of `texts`, and how many each text has; a line break ends each, so that no pair spans two."""
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    return codes, np.array([len(text) + 1 for text in texts], np.int64)


def _countable(characters: Codes) -> NDArray[np.bool_]:
    kinds, where = np.unique(characters, return_inverse=True)
    return np.array([chr(kind).isalnum() for kind in kinds], np.bool_)[where]


def _bigrams(characters: Codes, lengths: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    countable = _countable(characters)
    pairs = countable[:-1] & countable[1:]
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    return (characters[:-1] << 21 | characters[1:])[pairs], _counts(text_of[:-1][pairs], len(lengths))


def _counts(text_of: NDArray[np.int64], texts: int) -> NDArray[np.int64]:
    return np.bincount(text_of, minlength=texts).astype(np.int64)


def _without_question_phrases(bigrams: Codes) -> Codes:
    telling = bigrams[~np.isin(bigrams, _question_bigrams())]
    return telling if len(telling) else bigrams


@lru_cache(maxsize=1)
def _question_bigrams() -> Codes:
    return _bigrams(*_characters(_QUESTION_PHRASES.split()))[0]


@lru_cache(maxsize=1)
def _without_matter() -> frozenset[str]:
    return frozenset(_QUESTION_WORDS.split())
