"""The records that a conversation keeps in Rasa's slots from one message to the next.

Slots hold JSON: `in_slot` writes it, and `Turn.of` reads it back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from bot.disclosures.answers import Field
from bot.disclosures.draft import Said


@dataclass(frozen=True)
class UnsaidLines:
    """Slot `more`: the lines of an answer that did not fit. `facet`: None for a joint service."""

    item: str
    facet: str | None
    lines: tuple[str, ...]

    @classmethod
    def of_slot(cls, kept: Any) -> list[UnsaidLines]:
        return [cls(one["item"], one["facet"], tuple(one["lines"])) for one in kept or ()]


@dataclass(frozen=True)
class CaseTalk:
    """Slot `case`: the case discussed last. `asks`: what its form asked for. `did`: what the last answer to it did.

    `act`: the act that was announced and not told yet (`bot.letters.announced`).
    """

    number: str | None
    asks: str | None = None
    did: str | None = None
    act: str | None = None

    @classmethod
    def of_slot(cls, kept: Any) -> CaseTalk | None:
        return cls(**kept) if kept else None


@dataclass(frozen=True)
class FilingTalk:
    """Slot `filing`: what the last message did to the draft, the problem with it, and the field that was skipped."""

    said: Said
    problem: str = ""
    skipped: Field | None = None

    @classmethod
    def of_slot(cls, kept: Any) -> FilingTalk | None:
        if not kept or "said" not in kept:
            return None
        skipped = kept.get("skipped")
        return cls(Said(kept["said"]), kept.get("problem") or "", Field(skipped) if skipped else None)


def in_slot(value: Any) -> Any:
    """The value as JSON."""
    if isinstance(value, (list, tuple)):
        return [in_slot(one) for one in value]
    if isinstance(value, (UnsaidLines, CaseTalk, FilingTalk)):
        return {one.name: in_slot(getattr(value, one.name)) for one in fields(value)}
    return value.value if isinstance(value, Enum) else value
