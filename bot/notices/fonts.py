"""Finds the Chinese fonts of this machine, which PDF needs: the program fontconfig knows them all."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The usual fonts of official papers first, then what free systems have.
_BODY_FAMILIES = ("FangSong", "STFangsong", "FangSong_GB2312", "SimSun", "Noto Serif CJK SC", "Source Han Serif SC")
_TITLE_FAMILIES = ("FZXiaoBiaoSong-B05S", "STZhongsong", "SimSun", "Noto Serif CJK SC", "Source Han Serif SC")
# Weights as fontconfig counts them.
_REGULAR, _BOLD = 80, 200
_WITHIN_SECONDS = 20
# The font files that the PDF library can read.
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True)
class Font:
    """`number`: which font of the file, for a file that holds several. `weight`: as fontconfig counts it."""

    family: str
    weight: float
    path: Path
    number: int


class NoChineseFont(LookupError):
    """No Chinese font is installed, or no fontconfig that finds it: only DOCX can be made."""


def body_font() -> Font:
    """Raises NoChineseFont."""
    return _best(_BODY_FAMILIES, _REGULAR)


def title_font() -> Font:
    """Raises NoChineseFont."""
    return _best(_TITLE_FAMILIES, _BOLD)


def has_chinese_font() -> bool:
    return bool(_chinese_fonts())


def _best(families: tuple[str, ...], weight: int) -> Font:
    """The font nearest to that weight, of the first family that is installed; if none of them is, of any family."""
    found = _chinese_fonts()
    if not found:
        raise NoChineseFont(NoChineseFont.__doc__)
    ranks = {family: rank for rank, family in enumerate(families)}
    return min(found, key=lambda font: (ranks.get(font.family, len(ranks)), abs(font.weight - weight), font.path))


@cache
def _chinese_fonts() -> tuple[Font, ...]:
    program = shutil.which("fc-list")
    if program is None:
        return ()
    try:
        listed = subprocess.run(
            [program, "--format", "%{family[0]}\t%{weight}\t%{file}\t%{index}\n", ":lang=zh-cn"],
            capture_output=True,
            text=True,
            timeout=_WITHIN_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    rows = (line.split("\t") for line in listed.splitlines())
    found = (_font(*row) for row in rows if len(row) == 4)
    return tuple(font for font in found if font is not None)


def _font(family: str, weight: str, file: str, number: str) -> Font | None:
    """None if the PDF library cannot read it. A variable font has a range for its weight, and its number is large."""
    if Path(file).suffix.lower() not in _SUFFIXES or not number.isdecimal() or int(number) > 0xFFFF:
        return None
    try:
        return Font(family, float(weight), Path(file), int(number))
    except ValueError:
        return None
