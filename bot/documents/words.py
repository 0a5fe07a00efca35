"""Texts as search compares them: one script, one width, one way of writing numbers, cut into words and bigrams."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass
from itertools import chain

import jieba
from opencc import OpenCC

from bot.documents.numerals import with_digits
from bot.text import normalise

jieba.setLogLevel(logging.WARNING)

# What a question has besides its matter. These neither help to find a passage nor count as missing from it.
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
# The same thing under two names, the longer or rarer one rewritten as the other wherever it stands.
_SAME = {
    "最低生活保障": "低保",
    "住房公积金": "公积金",
    "公共租赁住房": "公租房",
    "政府信息公开": "信息公开",
    "失业保险金": "失业金",
    "养老保险金": "养老金",
    "基本养老保险": "养老保险",
    "基本医疗保险": "医保",
    "医疗保险": "医保",
    "社会保险": "社保",
    "个体工商户": "个体户",
    "居民身份证": "身份证",
    "机动车驾驶证": "驾驶证",
    "驾照": "驾驶证",
    "残疾证": "残疾人证",
    "不动产权证书": "不动产权证",
    "房产证": "不动产权证",
    "营业执照": "执照",
    "户籍": "户口",
    "老年人": "老人",
    "高龄补贴": "高龄津贴",
    "饭馆": "餐饮店",
    "饭店": "餐饮店",
    "餐馆": "餐饮店",
    "开办": "开",
    "人民法院": "法院",
    "人民政府": "政府",
    "用人单位": "单位",
}
_SAME_PATTERN = re.compile("|".join(sorted(_SAME, key=len, reverse=True)))
_PIECE = re.compile(r"[一-鿿㐀-䶿]+|[a-z]+|\d+(?:\.\d+)?%?")
_ARTICLE = re.compile(r"第\d+条(?:之\d+)?")
_FIRST_CHINESE = "㐀"

# Our own, since words are added to it.
_SEGMENTER = jieba.Tokenizer()
for _name in {*_SAME.values()}:
    _SEGMENTER.add_word(_name)


class _Simplified(dict[int, str]):
    """Traditional to simplified, a character at a time, for `str.translate`; learnt as characters come.

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
    """The two kinds of evidence: words by the dictionary, and pairs of neighbouring characters for what it lacks."""

    words: list[str]
    bigrams: list[str]


def terms(text: str) -> Terms:
    """The terms of a published text, as often as they occur."""
    articles, pieces = _pieces(text)
    words = [word for word in chain.from_iterable(map(_cut, pieces)) if word not in _QUESTION_WORDS]
    return Terms(articles + words, articles + list(chain.from_iterable(map(_bigrams, pieces))))


def question_terms(text: str) -> Terms:
    """The terms of what somebody asks, each once, without the words that only make it a question."""
    articles, pieces = _pieces(normalise(text))
    words: list[str] = []
    bigrams: list[str] = []
    for piece in pieces:
        run = ""
        for word in [*_cut(piece), ""]:
            if word and word not in _QUESTION_WORDS:
                words.append(word)
                run += word
            else:
                bigrams += _bigrams(run)
                run = ""
    return Terms(_once(articles + words), _once(articles + bigrams))


def bigrams_of(text: str) -> frozenset[str]:
    _, pieces = _pieces(text)
    return frozenset(chain.from_iterable(map(_bigrams, pieces)))


def with_one_name(text: str) -> str:
    """`text` with each thing under one name: 居民身份证 is 身份证, in whichever script and width it stands."""
    plain = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower()
    return _SAME_PATTERN.sub(lambda match: _SAME[match[0]], with_digits(plain))


def _pieces(text: str) -> tuple[list[str], list[str]]:
    """The articles that a text names, and its runs of one script."""
    plain = with_one_name(text)
    return _ARTICLE.findall(plain), _PIECE.findall(_ARTICLE.sub(" ", plain))


def _cut(piece: str) -> list[str]:
    return list(_SEGMENTER.lcut(piece, HMM=False)) if piece[0] >= _FIRST_CHINESE else [piece]


def _bigrams(piece: str) -> list[str]:
    if piece and piece[0] < _FIRST_CHINESE:
        return [piece]
    return [piece[start : start + 2] for start in range(len(piece) - 1)]


def _once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))
