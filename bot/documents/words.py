"""Prepares texts for the search: one script, one width, one way of writing numbers, cut into words and bigrams."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import jieba
from opencc import OpenCC

from bot.language.numerals import with_digits
from bot.language.segmenter import new_segmenter
from bot.language.text import normalise

jieba.setLogLevel(logging.WARNING)

# Words that do not name the subject of a question. They neither help to find a passage nor count as missing from it.
_SAID_IN_QUESTIONS = """
    的 了 着 过 地 得 和 与 及 或 或者 以及 而 但 但是 就 才 都 也 还 又 再 很 太 最 更 并 且 在 于 从 到 向 往
    对 对于 关于 由 被 把 给 让 跟 同 为 为了 以 按 按照 根据 依据 依照 是 是不是 有 有没有 没 没有 不 不是 要
    要不要 会 会不会 能 能不能 能否 可 可以 可不可以 可否 是否 应 应该 应当 需 需要 须 必须 想 想要 打算 准备
    我 我们 我家 你 你们 您 他 她 它 他们 自己 人家 别人 咱 咱们 大家 什么 什么样 啥 怎么 怎么办 怎么样 怎样 咋
    咋办 如何 为何 为什么 哪 哪些 哪个 哪里 哪儿 谁 几 几天 几个 几点 几年 多少 多少钱 多少天 多久 多长 多大
    多长时间 何时 时候 什么时候 吗 呢 吧 啊 呀 嘛 么 哦 呗 嗯 请 请问 问 问下 一下 你好 您好 谢谢 麻烦 告诉 说
    说明 知道 了解 咨询 帮 帮我 这 那 这个 那个 这些 那些 这样 那样 这种 那种 此 该 其 上 下 里 中 内 外 时 后
    前 之 所 者 等 个 一 一个 一共 总共 些 种 次 件 年 月 日 天 现在 目前 如果 要是 假如 的话 因为 所以 情况
    事情 问题 规定 相关 有关 具体 进行 属于 算 算是 关系 办法 做 用 去 找 拿 拿到 还有 办 办理
"""
_QUESTION_WORDS = frozenset(_SAID_IN_QUESTIONS.split())
_PIECE = re.compile(r"[一-鿿㐀-䶿]+|[a-z]+|\d+(?:\.\d+)?%?")
_ARTICLE = re.compile(r"第\d+条(?:之\d+)?")
_FIRST_CHINESE = "㐀"


class _Simplified(dict[int, str]):
    """Traditional to simplified characters, for `str.translate`; each is converted when it first occurs.

    Ten times as fast as converting whole texts, which matters for tens of thousands of passages.
    """

    _converter = OpenCC("t2s")

    def __missing__(self, code: int) -> str:
        simplified = str(self._converter.convert(chr(code)))
        self[code] = simplified
        return simplified


_SIMPLIFIED = _Simplified()


@dataclass(frozen=True)
class Terms:
    """Words in the dictionary, and pairs of neighbouring characters for words that are not in it."""

    words: list[str]
    bigrams: list[str]


class TermReader:
    """Replaces synonyms by one name and cuts texts into terms. `synonyms`: wording → name, without chains.

    Immutable, so threads can share it.

        wording = Wording({"居民身份证": "身份证"})
        wording.with_one_name("居民身份証")  # 身份证
    """

    def __init__(self, synonyms: Mapping[str, str]) -> None:
        self._names = {_plain(written): _plain(means) for written, means in synonyms.items()}
        # If two wordings begin the same, the longer one is meant.
        longest_first = sorted(self._names, key=len, reverse=True)
        self._written = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @property
    def names(self) -> Mapping[str, str]:
        """Wording → the name that replaces it, both normalised."""
        return self._names

    @cached_property
    def _segmenter(self) -> jieba.Tokenizer:
        """A tokenizer of its own, because names are added to its dictionary."""
        segmenter = new_segmenter()
        for name in {*self._names.values()}:
            segmenter.add_word(name)
        return segmenter

    def with_one_name(self, text: str) -> str:
        """`text`, normalised, with each synonym replaced by its one name."""
        plain = _plain(text)
        return self._written.sub(lambda match: self._names[match[0]], plain) if self._written else plain

    def terms(self, text: str) -> Terms:
        """The terms of a published text, as often as they occur."""
        articles, pieces = self._pieces(text)
        words = [word for word in chain.from_iterable(map(self._cut, pieces)) if word not in _QUESTION_WORDS]
        return Terms(articles + words, articles + list(chain.from_iterable(map(_bigrams, pieces))))

    def question_terms(self, text: str) -> Terms:
        """The terms of a question, each once, without the words that do not name its subject."""
        articles, pieces = self._pieces(normalise(text))
        words: list[str] = []
        bigrams: list[str] = []
        for piece in pieces:
            run = ""
            for word in [*self._cut(piece), ""]:
                if word and word not in _QUESTION_WORDS:
                    words.append(word)
                    run += word
                else:
                    bigrams += _bigrams(run)
                    run = ""
        return Terms(_once(articles + words), _once(articles + bigrams))

    def bigrams_of(self, text: str) -> frozenset[str]:
        _, pieces = self._pieces(text)
        return frozenset(chain.from_iterable(map(_bigrams, pieces)))

    def _pieces(self, text: str) -> tuple[list[str], list[str]]:
        """The articles that a text names, and its pieces of Chinese, Latin letters or digits."""
        plain = self.with_one_name(text)
        return _ARTICLE.findall(plain), _PIECE.findall(_ARTICLE.sub(" ", plain))

    def _cut(self, piece: str) -> list[str]:
        return list(self._segmenter.lcut(piece, HMM=False)) if piece[0] >= _FIRST_CHINESE else [piece]


def _plain(text: str) -> str:
    """One script, one width, one way of writing numbers."""
    return with_digits(unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower())


def _bigrams(piece: str) -> list[str]:
    if piece and piece[0] < _FIRST_CHINESE:
        return [piece]
    return [piece[start : start + 2] for start in range(len(piece) - 1)]


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))
