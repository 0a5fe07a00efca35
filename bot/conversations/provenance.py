"""How an answer came about, as the engine tells the gateway beside the reply (`turn` of a message).

Standard library only, because the engine's environment imports it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.conversations.outcomes import Outcome


@dataclass(frozen=True)
class Provenance:
    """`entities`: name and value of each that was found in the message, without query codes.

    `action`: the action that made the answer; None if none did, since the engine was not asked or failed. `awaits`: the
    step of a form that the answer asks for, which only an action knows.
    """

    outcome: Outcome
    intent: str | None = None
    confidence: float | None = None
    entities: tuple[tuple[str, Any], ...] = ()
    action: str | None = None
    awaits: str | None = None

    def as_record(self) -> dict[str, Any]:
        """For JSON; `of` reads it back."""
        return {
            "outcome": self.outcome.value,
            "intent": self.intent,
            "confidence": self.confidence,
            "entities": [{"entity": name, "value": value} for name, value in self.entities],
            "action": self.action,
            "awaits": self.awaits,
        }

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Provenance | None:
        """Of a message of the engine, or of what its tracker keeps beside one. None if it does not say."""
        turn = message.get("turn") or {}
        try:
            outcome = Outcome(turn.get("outcome"))
        except ValueError:
            return None
        return cls(
            outcome,
            turn.get("intent"),
            turn.get("confidence"),
            tuple((entity["entity"], entity["value"]) for entity in turn.get("entities") or ()),
            turn.get("action"),
            turn.get("awaits"),
        )
