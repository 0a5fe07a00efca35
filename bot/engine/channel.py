"""Rasa's REST channel, with one message an answer: text, buttons and `custom` together (the reply contract).

Stock Rasa splits an answer into a message for its text and another for its `custom`.
"""

import logging
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.replies.failures import EMPTY_MESSAGE, engine_failed

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_TEXT_CHARACTERS = 2000


class WholeMessageCollector(CollectingOutputChannel):
    """Keeps each answer whole. `turn` is what the gateway stores about it (see `bot/replies/reply.py`)."""

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        kept = {key: message[key] for key in ("text", "buttons", "custom", "turn") if message.get(key)}
        self.messages.append({"recipient_id": recipient_id, **kept})


class RestChannel(RestInput):
    """`POST /webhooks/rest/webhook` with `{"sender", "message", "metadata"}` answers a list of messages.

    Errors: 400 when the body is not such an object, 413 when it is too long.
    """

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        webhook = Blueprint("whole_message_rest", __name__)

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if len(request.body) > MAX_BODY_BYTES:
                return response.json({"error": "the message is too long"}, status=413)
            problem = _problem_with(request.json)
            if problem:
                return response.json({"error": problem}, status=400)
            sender, text = request.json["sender"], request.json["message"]
            if not text.strip():
                return response.json([{"recipient_id": sender, **EMPTY_MESSAGE}])
            return response.json(await self._answer(on_new_message, sender, text, request.json.get("metadata")))

        return webhook

    async def _answer(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[None]],
        sender: Text,
        text: Text,
        metadata: Optional[Dict[Text, Any]],
    ) -> List[Dict[Text, Any]]:
        collector = WholeMessageCollector()
        try:
            await on_new_message(
                UserMessage(text, collector, sender, input_channel=self.name(), metadata=metadata or {})
            )
        except Exception:  # whatever broke, the citizen gets a courteous answer and the log gets the rest
            logger.exception("the message could not be answered")
        if not collector.messages:
            # Rasa swallows the failure of an action and says nothing.
            return [{"recipient_id": sender, **engine_failed()}]
        return collector.messages


def _problem_with(body: Any) -> Optional[Text]:
    if not isinstance(body, dict):
        return "the body must be a JSON object with sender and message"
    if not isinstance(body.get("sender"), str) or not 0 < len(body["sender"]) <= 255:
        return "sender must be a string of 1 to 255 characters"
    if not isinstance(body.get("message"), str):
        return "message must be a string"
    if len(body["message"]) > MAX_TEXT_CHARACTERS:
        return f"message must be at most {MAX_TEXT_CHARACTERS} characters"
    if not isinstance(body.get("metadata", {}), (dict, type(None))):
        return "metadata must be an object"
    return None
