"""The features of a letter for a linear model: hashed pieces of one to three characters, and a few counts.

Nothing of a text can be read back from its features: pieces share buckets, and their order is gone.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np

from bot.language.text import normalise

BUCKETS = 1 << 15
LONGEST_PIECE = 3
# The rest of a very long letter says no more about what it does.
MOST_CHARACTERS = 1500
# The factor on the pieces, which would weigh too little beside counts of about one.
PIECES_WEIGH = 6.0
_END = 60

_MARKED_PLACE = re.compile(r"[a-z]\d*(?=[市县区镇乡])")
_CITY = re.compile(r"云河市|某市|西地省")

_ASKS = re.compile(
    "怎么|如何|怎样|哪里|哪儿|哪些|哪个|多少|几[年月天个]|多久|什么|是否|能否|可否|能不能|可不可以|吗|请问|咨询|想问"
    "|想了解|想知道"
)
_ACTS_ON = re.compile("尽快|解决|处理|查处|整改|严查|整治|取缔|督促|责令")
_HOPES = re.compile("希望|恳请|恳求|请求|望|盼")
_COUNTED = (
    _ASKS,
    re.compile("[?]"),
    re.compile("!"),
    re.compile("投诉|举报|反映|反应"),
    re.compile("建议|呼吁|提议"),
    _HOPES,
    re.compile("感谢|表扬|点赞"),
    re.compile("为什么|为何|凭什么|难道|何在|岂"),
    re.compile("扰民|严重|违规|违法|乱|差|拖|不作为|推诿|踢皮球|不管|没人"),
    _ACTS_ON,
    re.compile("请问.{0,60}[?]"),
    re.compile("材料|手续|流程|条件|程序|政策|标准|规定"),
)
COUNTS = 1 + 2 * len(_COUNTED) + 4
SIZE = BUCKETS + COUNTS


def prepared(text: str) -> str:
    """Normalises, and makes all digits and city names the same, as they say nothing about the kind of letter."""
    plain = _CITY.sub("本市", _MARKED_PLACE.sub("某", normalise(text)))
    return re.sub(r"\d", "0", plain)[:MOST_CHARACTERS]


def features(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """One row of `SIZE` figures for a text as typed."""
    plain = prepared(text)
    row = np.zeros(SIZE, dtype=np.float32)
    found = _pieces(plain)
    row[[zlib.crc32(piece.encode()) % BUCKETS for piece in found]] = PIECES_WEIGH / np.sqrt(len(found))
    row[BUCKETS:] = _counts(plain)
    return row


def _pieces(plain: str) -> list[str]:
    framed = f"^{plain}$"
    return list(
        {
            framed[start : start + length]
            for length in range(1, LONGEST_PIECE + 1)
            for start in range(len(framed) - length + 1)
        }
    )


def _counts(plain: str) -> list[float]:
    figures = [float(np.log1p(len(plain))) / 5]
    for pattern in _COUNTED:
        count = len(pattern.findall(plain))
        figures += [min(count, 3) / 3, min(count * 100 / (len(plain) + 20), 3) / 3]
    end = plain[-_END:]
    return [*figures, *(float(bool(pattern.search(end))) for pattern in (_ASKS, re.compile("[?]"), _ACTS_ON, _HOPES))]
