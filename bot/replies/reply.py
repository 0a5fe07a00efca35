"""One message of an answer, the same for every channel."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Subject, read, written


@dataclass(frozen=True)
class Button:
    """`payload` is what the engine gets when the button is pressed: `/intent{"entity": "value"}`."""

    title: str
    payload: str

    @classmethod
    def to(cls, title: str, intent: str, **entities: str) -> Button:
        return cls(title, f"/{intent}" + (json.dumps(entities, ensure_ascii=False) if entities else ""))


PERSON = Button.to("转人工", "handoff")
# Makes a case of what the citizen told before.
TAKE_DOWN = Button("记下来转办", "记下来转办")


@dataclass(frozen=True)
class Reply:
    """`text` says everything in plain Chinese; `about` says the same for programs.

    `rest`: the lines that did not fit, sent on “更多”. `awaits`: the step of a form that the reply asks for.
    """

    text: str
    outcome: Outcome
    about: Subject | None = None
    buttons: tuple[Button, ...] = ()
    rest: tuple[str, ...] = ()
    awaits: str | None = None

    @property
    def custom(self) -> dict[str, Any] | None:
        """What programs get of `about`."""
        return written(self.about) if self.about else None

    def as_message(self) -> dict[str, Any]:
        """The fields of Rasa's REST channel: `text`, `buttons`, `custom`."""
        message: dict[str, Any] = {"text": self.text}
        if self.buttons:
            message["buttons"] = [{"title": button.title, "payload": button.payload} for button in self.buttons]
        if self.custom:
            message["custom"] = self.custom
        return message

    def as_record(self) -> dict[str, Any]:
        """For JSON; `of_record` reads it back."""
        return {
            "text": self.text,
            "outcome": self.outcome.value,
            "custom": self.custom,
            "buttons": [asdict(button) for button in self.buttons],
            "rest": list(self.rest),
            "awaits": self.awaits,
        }

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> Reply:
        return cls(
            text=record["text"],
            outcome=Outcome(record["outcome"]),
            about=read(record["custom"]),
            buttons=tuple(Button(**button) for button in record["buttons"]),
            rest=tuple(record["rest"]),
            awaits=record["awaits"],
        )
