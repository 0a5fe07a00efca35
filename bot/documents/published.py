"""Finds number, issuer and date in the text of a document whose format has no fields for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.documents.content import Block, Paragraph, Particulars

_NUMBER = re.compile(r"^[一-龥]{2,12}[〔\[(（]\d{4}[〕\])）]\s*\d{1,4}\s*号$")
_SIGNATURE_DATE = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日$")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_HEAD, _FOOT = 8, 12


def shown_particulars(blocks: Sequence[Block]) -> tuple[Particulars, list[Block]]:
    """The particulars found in the text, and the remaining blocks.

    The number (文号) is on a line of its own near the top; issuer and date are signed at the end (落款).
    """
    rest = list(blocks)
    number = _take_number(rest)
    issuer, published_on = _take_signature(rest)
    return Particulars(number=number, issuer=issuer, published_on=published_on), rest


def parsed_date(text: str) -> date | None:
    """The first date in `text`, None if there is none."""
    match = _DATE.search(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _take_number(blocks: list[Block]) -> str | None:
    for position, block in enumerate(blocks[:_HEAD]):
        if isinstance(block, Paragraph) and _NUMBER.match(block.text):
            del blocks[position]
            return block.text
    return None


def _take_signature(blocks: list[Block]) -> tuple[str | None, date | None]:
    for position in range(len(blocks) - 1, max(len(blocks) - 1 - _FOOT, -1), -1):
        block = blocks[position]
        if isinstance(block, Paragraph) and _SIGNATURE_DATE.match(block.text):
            signer = blocks[position - 1] if position else None
            del blocks[position]
            if (
                isinstance(signer, Paragraph)
                and len(signer.text) <= 30
                and not signer.text.endswith(("。", "：", "；"))
            ):
                del blocks[position - 1]
                return signer.text, parsed_date(block.text)
            return None, parsed_date(block.text)
    return None, None
