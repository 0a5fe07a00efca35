"""Links in what staff write or import, which may only lead to web pages; and links to pages of ours."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from bot.settings import Settings

WEB_ADDRESS = r"^https?://[^\s\x00-\x1f]+$"
NO_WEB_ADDRESS = "有不是网页的链接，链接只能用 http:// 或 https:// 开头的"

# Addresses that run in the reader's page, or open what lies on the reader's own machine.
_HOSTILE = re.compile(
    r"(?:java|vb|live)script:|(?<![a-z])data:(?:[a-z]+/[a-z]|[a-z;=\d-]{0,40}base64,)|(?<![a-z])(?:blob|view-source|file):[/h]"
)
# White space and characters without width, which some programs ignore in an address.
_LEFT_OUT = re.compile(r"[\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")


# Our own page of all talks, without the host.
INTERVIEWS_PAGE = "/interviews"
NOT_SECURE = "要是 https:// 开头的完整网址"
_LONGEST_ADDRESS = 500


def is_secure_address(text: str) -> bool:
    """Whether this is the whole address of a web page over HTTPS, with a host, and without a name or password in it."""
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = re.fullmatch(WEB_ADDRESS, text) is not None and len(text) <= _LONGEST_ADDRESS
    has_host = "." in (parts.hostname or "") and "@" not in parts.netloc
    return is_plain and has_port and has_host and parts.scheme == "https"


def leads_elsewhere(text: str) -> bool:
    """Whether a text holds a link that is not to a web page: `javascript:`, `data:` and the like, however written."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return bool(_HOSTILE.search(_LEFT_OUT.sub("", plain)))


def passage_page(document_id: int, position: int) -> str:
    """The address of our own page of a document at a passage, without the host."""
    return f"/documents/{document_id}#p{position}"


def letter_page(letter_id: int) -> str:
    """The address of our own page of a published letter, without the host."""
    return f"/voices/{letter_id}"


def question_page(interview_id: int, question_id: int) -> str:
    """The address of our own page of a talk at a question, without the host."""
    return f"{INTERVIEWS_PAGE}/{interview_id}#q{question_id}"


def with_host(page: str) -> str | None:
    """The whole address of a page of ours; None if no `PUBLIC_URL` says where citizens find us."""
    site = Settings.from_environment().public_url
    return f"{site}{page}" if site else None
