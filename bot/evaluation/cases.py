"""The fixed files of the evaluation: messages and conversations, with what the reply must be.

`messages.jsonl`: `{"text", "outcome", "items", "facets", "split"}` per line. `outcome` is one of `OUTCOMES`; `items`
are the codes that fit; `facets` those of which the first reply must answer one, none where any will do.
`conversations.yml`: `{name, turns: [{say, kind, code?, codes?, facet?, pick?}]}`; `pick` is a place in the list that
was offered the turn before (1, 2 or last), whatever its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.json_lines import read_lines

# Where all sets of the evaluation lie.
SETS = Path(__file__).parent / "sets"
OUTCOMES = (
    "item",
    "choices",
    "not_in_catalogue",
    "out_of_scope",
    "policy",
    "disclosure_status",
    "handoff",
    "smalltalk",
    "feedback_wrong",
)


@dataclass(frozen=True)
class MessageCase:
    text: str
    outcome: str
    items: tuple[str, ...]
    facets: tuple[str, ...]
    split: str


@dataclass(frozen=True)
class TurnCase:
    say: str
    kind: str
    code: str | None
    codes: tuple[str, ...]
    facets: tuple[str, ...]
    pick: int | str | None


@dataclass(frozen=True)
class ConversationCase:
    name: str
    turns: tuple[TurnCase, ...]


def read_messages(path: Path) -> list[MessageCase]:
    return [
        MessageCase(row["text"], row["outcome"], tuple(row["items"]), tuple(row["facets"]), row["split"])
        for row in read_lines(path)
    ]


def read_conversations(path: Path) -> list[ConversationCase]:
    return [
        ConversationCase(conversation["name"], tuple(_turn(turn) for turn in conversation["turns"]))
        for conversation in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def _turn(turn: dict[str, Any]) -> TurnCase:
    return TurnCase(
        say=str(turn["say"]),
        kind=turn["kind"],
        code=turn.get("code"),
        codes=tuple(turn.get("codes", ())),
        facets=_listed(turn.get("facet")),
        pick=turn.get("pick"),
    )


def _listed(facet: str | Sequence[str] | None) -> tuple[str, ...]:
    if facet is None:
        return ()
    return (facet,) if isinstance(facet, str) else tuple(facet)
