"""Removes what a message denies: in “不是换领，是丢了补办”, 换领 is not what the person wants."""

from __future__ import annotations

import re

_TAKEN_BACK = re.compile(
    r"(?:我)?(?:说|问|要|办|要办|想办|指)?的?(?:不是|并非|不要|不办)[^,。;!?]{1,15}[,。;!? ]+"
    r"(?=[^,。;!?]{0,4}(?:是|要|办|想|问|说))"
)


def affirmed(text: str) -> str:
    """The normalised `text` without what it denies; all of it if nothing would be left."""
    return _TAKEN_BACK.sub("", text).strip() or text
