"""What a check found, in one line for the operator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How a part is. The value is the exit status of the command whose worst finding this is."""

    RIGHT = 0
    DOUBTFUL = 1
    WRONG = 2


_WORDS = {Level.RIGHT: "正常", Level.DOUBTFUL: "留意", Level.WRONG: "有错"}


@dataclass(frozen=True)
class Finding:
    """`part`: what was looked at. `said`: how it is. `to_do`: what the operator does, empty if nothing."""

    level: Level
    part: str
    said: str
    to_do: str = ""

    def line(self) -> str:
        return f"{_WORDS[self.level]}  {self.part}：{self.said}" + (f"。{self.to_do}" if self.to_do else "")


def right(part: str, said: str) -> Finding:
    return Finding(Level.RIGHT, part, said)


def doubtful(part: str, said: str, to_do: str) -> Finding:
    return Finding(Level.DOUBTFUL, part, said, to_do)


def wrong(part: str, said: str, to_do: str) -> Finding:
    return Finding(Level.WRONG, part, said, to_do)
