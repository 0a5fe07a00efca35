"""Links in what staff write or import: they may only lead to web pages."""

from __future__ import annotations

import re
import unicodedata

WEB_ADDRESS = r"^https?://[^\s\x00-\x1f]+$"
NO_WEB_ADDRESS = "有不是网页的链接，链接只能用 http:// 或 https:// 开头的"

# Addresses that run in the reader's page, or open what lies on the reader's own machine.
_HOSTILE = re.compile(
    r"(?:java|vb|live)script:|(?<![a-z])data:(?:[a-z]+/[a-z]|[a-z;=\d-]{0,40}base64,)|(?<![a-z])(?:blob|view-source|file):[/h]"
)
# White space and characters without width, which some programs ignore in an address.
_LEFT_OUT = re.compile(r"[\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")


def leads_elsewhere(text: str) -> bool:
    """Whether a text holds a link that is not to a web page: `javascript:`, `data:` and the like, however written."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return bool(_HOSTILE.search(_LEFT_OUT.sub("", plain)))
