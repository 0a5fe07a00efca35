"""Signs the buttons that are sent, `{"title", "id"}`, and reads the ids that come back. Used in both environments.

The id holds title and payload, signed for the conversation in which the button was offered
(`docs/decisions/0006-buttons.md`).

    buttons = Buttons(sealer)
    ((button,),) = [message["buttons"] for message in buttons.offered("c1", [PERSON_MESSAGE])]
    buttons.pressed("c1", button["id"]).payload  # "/handoff"
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from bot.replies.reply import Button
from bot.sealing import Sealer

# Hexadecimal digits of the digest: 128 bits.
_SIGNATURE_CHARACTERS = 32
LONGEST_ID = 2000


class NoSuchButton(ValueError):
    """No button of that id was offered in this conversation."""


def deed(button_id: str) -> str:
    """The payload in a button's id; an id that is not ours is returned unchanged.

    Buttons that do the same have the same payload, whatever their titles: “申请信息公开”, “接着填申请”.
    """
    try:
        _, payload = _read(button_id.rpartition(".")[0])
    except ValueError:
        return button_id
    return payload


class Buttons:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def offered(self, conversation_id: str, messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The messages as they are sent: each button has an `id` instead of its payload."""
        return [self._with_ids(conversation_id, message) for message in messages]

    def pressed(self, conversation_id: str, button_id: object) -> Button:
        """Raises NoSuchButton."""
        if not isinstance(button_id, str) or not button_id.isascii() or len(button_id) > LONGEST_ID:
            raise NoSuchButton
        content, _, signature = button_id.rpartition(".")
        if not hmac.compare_digest(signature, self._signature(conversation_id, content)):
            raise NoSuchButton
        return Button(*_read(content))

    def _with_ids(self, conversation_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
        if not message.get("buttons"):
            return dict(message)
        shown = [
            {"title": button["title"], "id": self._id(conversation_id, button["title"], button["payload"])}
            for button in message["buttons"]
        ]
        return {**message, "buttons": shown}

    def _id(self, conversation_id: str, title: str, payload: str) -> str:
        plain = json.dumps([title, payload], ensure_ascii=False, separators=(",", ":"))
        content = urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        return f"{content}.{self._signature(conversation_id, content)}"

    def _signature(self, conversation_id: str, content: str) -> str:
        return self._sealer.digest(json.dumps(["button", conversation_id, content]))[:_SIGNATURE_CHARACTERS]


def _read(content: str) -> tuple[str, str]:
    """Title and payload. Raises ValueError."""
    title, payload = json.loads(urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    return title, payload
