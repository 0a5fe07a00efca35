"""Brings the many ways in which people type Chinese to one. Both environments use it.

For texts that are searched or recognised, never for texts that are stored or shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from opencc import OpenCC

_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_PICTURES = re.compile(r"[\U0001f000-\U0001faff\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff]+")
# Repetitions: “我我我要要办办办” and “？？？”. Digits, Chinese ones too, and Latin letters may rightly repeat.
_STUTTER = re.compile(r"((?![零一二两三四五六七八九幺])[一-龥])\1{2,}|([^\w\s])\2+")
# Many write a space for a comma: “房东不给开发票 能提公积金吗”. In “身份证 补办” it joins words.
_GAP_BETWEEN_CLAUSES = re.compile(
    r"(?<=[一-龥]{3}[了吗呢吧啊过])\s+(?=[一-龥]{2})|(?<=[一-龥]{4})\s+(?=(?:能|可以|可不|怎么|咋|我|他|她|要[^求件素]|有|没|是|想|请问|多少|哪|谁|会|该|这|那|但|现在)[一-龥])"
)
# What the conversion to simplified characters leaves as it was: “睡不著”, “甚麼”, “妳”. Of “著” only the particle (着)
# is meant, not what is written or notable (著作、显著).
_LEFT_TRADITIONAL = re.compile(
    r"(?<![显原名专编论巨译遗拙昭卓土合软所撰新旧])著(?![作名者述书称录])|甚(?=么)|妳|姊(?=姊)|(?<=姊)姊"
)
_SIMPLIFIED = {"著": "着", "甚": "什", "妳": "你", "姊": "姐"}
_GAP_WITHIN_CHINESE = re.compile(r"(?<=[一-龥，。？！、；：])\s+(?=[一-龥，。？！、；：])")


def normalise(text: str) -> str:
    """Half-width, simplified, lower case, without invisible characters, pictures, stutter and gaps between characters.

    A gap between clauses becomes a comma.

    Full-width letters and digits become half-width (Unicode's NFKC), which also makes “，” a “,”.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
    plain = _PICTURES.sub(" ", simplified(plain))
    plain = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in plain)
    plain = _STUTTER.sub(lambda match: match[1] or match[2], plain)
    return re.sub(r"\s+", " ", _GAP_WITHIN_CHINESE.sub("", _GAP_BETWEEN_CLAUSES.sub(",", plain))).strip()


def bare(text: str) -> str:
    """The letters and figures of a text, however they are written, spaced and punctuated."""
    return letters_and_figures(normalise(text))


def letters_and_figures(text: str) -> str:
    """The letters and figures of a text that is already normalised."""
    return "".join(character for character in text if character.isalnum())


def simplified(text: str) -> str:
    # Most texts are simplified already, and the conversion takes longer than all else that is done with a text here.
    converted: str = text if _traditional().isdisjoint(text) else _converter().convert(text)
    return _LEFT_TRADITIONAL.sub(lambda match: _SIMPLIFIED[match[0]], converted)


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """The characters that the conversion changes, by themselves or in a phrase."""
    changed: set[str] = set()
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        for line in (files("opencc") / "dictionary" / name).read_text(encoding="utf-8").splitlines():
            written, _, means = line.partition("\t")
            first = means.split(" ")[0]
            changed.update(one for one in written if one not in first)
    return frozenset(changed)
