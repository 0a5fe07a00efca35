"""Turns the bytes of a text file into text: UTF-8, UTF-16 with or without a mark, GB18030, Big5."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = ("gb18030", "utf-16-le", "utf-16-be", "big5")
# Characters that any Chinese text has. A text in the wrong encoding is made of rare ones.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
    "定行学法所民得经三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由"
    "其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问"
    "意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图"
    "山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处府办市县通知，。、；：（）《》“”\n\r "
    "0123456789"
)
_LEAST_COMMON = 0.2
_MOST_CONTROL = 0.05
_SAMPLE = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")


def decoded(data: bytes) -> str | None:
    """The text; None if it is in none of the encodings, as a picture or a program is."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" not in data and (text := _strictly(data, "utf-8")) is not None:
        return text if len(_CONTROL.findall(text)) <= _MOST_CONTROL * len(text) else None
    shares = {}
    for encoding in _GUESSED:
        # The cut may go through a character.
        sample = data[: _SAMPLE if len(data) > _SAMPLE else len(data)]
        text = sample.decode(encoding, errors="ignore")
        if text and "\0" not in text:
            shares[encoding] = sum(map(_COMMON.__contains__, text)) / len(text)
    for encoding in sorted(shares, key=lambda name: -shares[name]):
        if shares[encoding] >= _LEAST_COMMON and (text := _strictly(data, encoding)) is not None:
            return text
    return None


def clean(text: str) -> str:
    """The text without control characters, which a database or a page cannot hold."""
    return _CONTROL.sub("", text)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
