# ruff: noqa: E501 # tables of texts
"""Inputs that nobody means well, or that telephones and programs spoil on the way: the same ones for the same seed.

`texts` are what a citizen may send by any channel; `values` are what a program may send in place of a text.

    for text in islice(texts(seed=1), 10_000): …
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

QUESTIONS = (
    "办居住证要带什么", "护照多少钱", "补办身份证去哪办", "提取公积金要什么材料", "失业金能领多久", "政府信息公开申请多久答复",
    "占道施工要符合什么规定", "我要申请信息公开", "查一下 XXGK-2026-000123", "K7M2-9QXD", "楼下烧烤店天天半夜噪音，没人管",
    "第一个", "那要多少钱", "还有呢", "确认提交", "算了", "谢谢", "你好", "AJ-000001 办到哪了",
)  # fmt: skip
# Zero width, direction, controls, marks without a letter, variation selectors, NUL, and halves of pairs.
_UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202d\u202e\u2066\u2067\u2069\u0301\u20dd\u0489\ufe0e\ufe0f\U000e0041"
)
_CONTROLS = "".join(map(chr, [*range(32), 127, 0x85, 0x9B, 0x2028, 0x2029, 0xFFFE, 0xFFFF]))
_HALVES = "\ud800\udbff\udc00\udfff"
_EMOJI = (
    "👍", "🙏🙏", "❤️\u200d🔥", "👨\u200d👩\u200d👧\u200d👦", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇨🇳🇨", "1️⃣", "👩🏽\u200d🚀", "☺︎", "😡" * 50,
)  # fmt: skip
# Rasa reads a text that begins with a slash as a payload, and brackets as entities.
_SLASHES = (
    "/restart", "/session_start", "/back", "/greet", "/handoff", "/nlu_fallback", "/ask_fee{\"item\": \"GA-003\"}",
    "/ask_fee{\"item\": [[[[]]]]}", "/ask_fee{broken", "/EXTERNAL: x", "//", "/", "/" * 500, "/确认提交",
    "[身份证](item)要多少钱", "[护照]{\"entity\": \"item\", \"value\": \"GA-007\"}", "/handoff@0.1{\"item\":1}",
    "/ask_disclosure_status{\"receipt\": \"XXGK-2026-000123\", \"query_code\": \"K7M2-9QXD\"}", "/file_disclosure{}",
)  # fmt: skip
_INJECTIONS = (
    "' OR '1'='1", "'; DROP TABLE messages; --", "\" UNION SELECT login, password FROM people --", "%' AND 1=1 --", "\\'; --",
    "1; SELECT pg_sleep(5)", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>",
    "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://x/y}", "{% for x in y %}", "%s%s%s%n", "%00", "../../../../etc/passwd",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>", "]]><x>", "=cmd|' /C calc'!A0", "\r\nSet-Cookie: a=b",
    "\x1b[2J\x1b[31m", "$(reboot)", "`id`", "* MATCH NEAR(a b) OR *", "\"unclosed", "NOT AND OR", "item:*", "^", "{", "}",
)  # fmt: skip
_NUMBERS = (
    "0", "-1", "1e309", "NaN", "Infinity", "0x1F", "１２３", "九十九万九千九百九十九亿", "第九九九九九九个", "第-1个", "½", "٣",
    "9" * 20, "9" * 400, "XXGK-2026-" + "9" * 30, "XXGK－２０２６－０００１２３", "xxgk2026000123", "XXGK-0000-000000",
    "K7M2-9QXE", "KKKK-KKKK", "AJ-999999999999999999999", "13800138000 13800138001", "110101199003077758", "6222" + "0" * 15,
    "2026-02-30", "二〇二六年十三月", "9999-99-99", "第零个", "第1.5个", "一" * 300,
)  # fmt: skip
_SCRIPTS = (
    "ئۇيغۇرچە كىملىك", "བོད་ཡིག་གི་ལག་ཁྱེར", "ᠮᠣᠩᠭᠣᠯ", "Документы на паспорт", "パスポートの料金はいくら", "여권 수수료", "كم رسوم الجواز", "हिन्दी",
    "How much is a passport?", "shenfenzheng diule zenmebu", "𠀀𠀁𠮷", "身份證遺失點樣補領", "Ｈ３Ｌ１０", "ﷺ" * 80, "Z̸̡̛̞a̷l̵g̴o̶" * 20,
)  # fmt: skip
_LONG = (
    "\ufdfa",
    "\0",
    "\ud800",
    "我",
    "👍",
    "1",
    "\u0301",
    "?",
    "不",
    "\u200b",
    "𠀀",
    "\n",
    "身份证",
    "<",
    "&",
    "[](",
    "((((",
)

Make = Callable[[random.Random], str]


def texts(seed: int) -> Iterator[str]:
    """Texts without end, some longer than any channel takes. They may hold NUL and halves of surrogate pairs."""
    chance = random.Random(seed)  # noqa: S311 # nothing secret is made of it
    while True:
        yield chance.choice(_MAKERS)(chance)


def _one_of(these: Sequence[str]) -> Make:
    return lambda chance: chance.choice(these)


def _sprinkled(chance: random.Random) -> str:
    """A question with something unseen in it."""
    said = list(chance.choice(QUESTIONS))
    for _ in range(chance.randint(1, 6)):
        said.insert(chance.randint(0, len(said)), chance.choice(_UNSEEN + _CONTROLS + _HALVES))
    return "".join(said)


def _joined(chance: random.Random) -> str:
    """A question beside something else."""
    other = chance.choice((*_INJECTIONS, *_SLASHES, *_NUMBERS, *_EMOJI, *_SCRIPTS))
    return chance.choice(("{0}{1}", "{1}{0}", "{0}\n{1}", "{1} {0} {1}")).format(chance.choice(QUESTIONS), other)


def _any_characters(chance: random.Random) -> str:
    planes = (0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000)
    return "".join(chr(chance.randrange(chance.choice(planes))) for _ in range(chance.randint(0, 60)))


def _long(chance: random.Random) -> str:
    return (chance.choice(_LONG) * 2001)[: chance.choice((500, 1999, 2000, 2001))]


def _as_json(chance: random.Random) -> str:
    depth = chance.choice((1, 5, 200, 900))
    return chance.choice(('{{"text": {}}}', "{}", '[{{"sender": {}}}')).format("[" * depth + "]" * depth)


def _blank(chance: random.Random) -> str:
    return "".join(chance.choice(" \t\n\u3000\u200b\0") for _ in range(chance.randint(0, 10)))


def _shuffled(chance: random.Random) -> str:
    """Pieces of questions in any order."""
    said = list("".join(chance.sample(QUESTIONS, 3)))
    chance.shuffle(said)
    return "".join(said[: chance.randint(1, len(said))])


_MAKERS: tuple[Make, ...] = (
    _one_of(QUESTIONS), _one_of(_EMOJI), _one_of(_SLASHES), _one_of(_INJECTIONS), _one_of(_NUMBERS), _one_of(_SCRIPTS),
    _sprinkled, _sprinkled, _joined, _joined, _any_characters, _long, _as_json, _blank, _shuffled,
)  # fmt: skip


def values(seed: int) -> Iterator[Any]:
    """What JSON can hold in place of a text: other types, numbers that fit no column, things inside things."""
    chance = random.Random(seed)  # noqa: S311 # as above
    said = texts(seed)
    while True:
        yield _value(chance, said, depth=0)


def _value(chance: random.Random, said: Iterator[str], depth: int) -> Any:
    kind = chance.randrange(10 if depth < 4 else 7)
    if kind == 0:
        return chance.choice((None, True, False, "", "null", "0"))
    if kind == 1:
        return chance.choice((0, -1, 1, 5, 2**31, 2**63, -(2**63) - 1, 10**40, -0.0, 1e308, 0.1))
    if kind < 7:
        return next(said)
    if kind == 7:
        return [_value(chance, said, depth + 1) for _ in range(chance.randint(0, 3))]
    return {next(said)[:20]: _value(chance, said, depth + 1) for _ in range(chance.randint(0, 3))}
