"""A notice as it is written: what stands on the paper, in order. Word and PDF are made from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from bot.replies.lists import day_in_words

# Stands where the number will be while the clerk still looks at the draft.
NO_NUMBER = "（发出时编号）"


@dataclass(frozen=True)
class Letter:
    """`attachments`: the names of the files that go with it. `phone`: of the agency, at the foot of the letter."""

    agency: str
    title: str
    number: str
    addressee: str
    paragraphs: tuple[str, ...]
    attachments: tuple[str, ...]
    issued_on: date
    phone: str = ""

    @property
    def headline(self) -> str:
        """The title with its agency, which the first page shows in two lines."""
        return f"{self.agency}{self.title}"

    @property
    def attachment_lines(self) -> tuple[str, ...]:
        """“附件：1. 批复.pdf”, the others under the first; a single file has no number."""
        if len(self.attachments) == 1:
            return (f"附件：{self.attachments[0]}",)
        lines = [f"{number}. {name}" for number, name in enumerate(self.attachments, start=1)]
        return tuple(f"附件：{line}" if place == 0 else f"　　　{line}" for place, line in enumerate(lines))

    @property
    def signature(self) -> tuple[str, str]:
        return f"{self.agency}（盖章）", day_in_words(self.issued_on)

    @property
    def contact_line(self) -> str:
        """“（联系电话：0990-8810630）” at the foot of the letter; empty without a telephone."""
        return f"（联系电话：{self.phone}）" if self.phone else ""

    def with_addressee(self, name: str) -> Letter:
        return replace(self, addressee=name)

    def as_dict(self) -> dict[str, Any]:
        """For a column of JSON; `from_dict` reads it."""
        return {**asdict(self), "issued_on": self.issued_on.isoformat()}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Letter:
        """Raises KeyError: it is empty, because the key that sealed it is gone."""
        return cls(
            **{
                **content,
                "paragraphs": tuple(content["paragraphs"]),
                "attachments": tuple(content["attachments"]),
                "issued_on": date.fromisoformat(content["issued_on"]),
            }
        )

    def as_text(self) -> str:
        """The whole letter as plain text, a line each."""
        return "\n".join(
            (
                self.agency,
                self.title,
                self.number,
                f"{self.addressee}：",
                *self.paragraphs,
                *self.attachment_lines,
                *self.signature,
                *((f"联系电话：{self.phone}",) if self.phone else ()),
            )
        )
