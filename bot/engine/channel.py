"""Rasa's REST channel, with one message for each answer: text, buttons and `custom` together (the reply contract).

Stock Rasa sends the text and the `custom` of an answer as two messages. A pressed button comes as `metadata.button` and
skips the pipeline, since its meaning is known; a typed text is always read as words, never as a payload.

A client that got no answer may send the message again under the same `metadata.message`. The effects of the first try
on the conversation are then undone, so that nothing is said twice (`docs/decisions/0008-answered-once.md`).

The header `X-Request-Id` is written into the log and passed on to the actions. The answer's `Server-Timing` says how
many milliseconds a message took in all, and how many of these in actions.
"""

import logging
import time
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, OutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import request_ids
from bot.engine.action_calls import ActionCalls, watching_actions
from bot.engine.tracker_store import expect
from bot.log_lines import fields
from bot.replies.buttons import Buttons, NoSuchButton
from bot.replies.failures import EMPTY_MESSAGE, engine_failed
from bot.replies.reply import Button
from bot.sealing import Sealer
from bot.settings import Settings
from bot.storable import storable

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_TEXT_CHARACTERS = 2000
# Metadata that a caller may set. `pressed`, the payload of a button, is set by this channel only.
_TOLD = ("client", "channel", "message")
LONGEST_TOLD = 200
PRESSED = "pressed"


class WholeMessageCollector(CollectingOutputChannel):
    """Keeps each answer whole. `turn` is what the gateway stores about it (see `bot/replies/reply.py`)."""

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        kept = {key: message[key] for key in ("text", "buttons", "custom", "turn") if message.get(key)}
        self.messages.append({"recipient_id": recipient_id, **kept})


class RestChannel(RestInput):
    """`POST /webhooks/rest/webhook` with `{"sender", "message", "metadata"}` answers a list of messages.

    `metadata.button` presses a button; `message` is then ignored and may be left out.

    Errors: 400 when the body is not such an object, or no such button was offered; 413 when it is too long; 503 when
    the action server could not be reached, and the message should be sent again.
    """

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        webhook = Blueprint("whole_message_rest", __name__)
        buttons = Buttons(Sealer.of(Settings.from_environment()))

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            began = time.monotonic()
            named = request_ids.given(request.headers.get(request_ids.HEADER))
            with request_ids.carrying(named), watching_actions(request.headers) as calls:
                answer = await answered(request, calls)
                milliseconds = round((time.monotonic() - began) * 1000, 1), round(calls.seconds * 1000, 1)
                told = fields(status=answer.status, milliseconds=milliseconds[0], actions_milliseconds=milliseconds[1])
                logger.info("message handled", extra=told)
            answer.headers["Server-Timing"] = f"engine;dur={milliseconds[0]}, actions;dur={milliseconds[1]}"
            return answer

        async def answered(request: Request, calls: ActionCalls) -> HTTPResponse:
            if len(request.body) > MAX_BODY_BYTES:
                return response.json({"error": "the message is too long"}, status=413)
            problem = _problem_with(request.json)
            if problem:
                return response.json({"error": problem}, status=400)
            sender, metadata = request.json["sender"], request.json.get("metadata") or {}
            told = {key: metadata[key][:LONGEST_TOLD] for key in _TOLD if isinstance(metadata.get(key), str)}
            collector = WholeMessageCollector()
            if "button" in metadata:
                try:
                    button = buttons.pressed(sender, metadata["button"])
                except NoSuchButton:
                    return response.json({"error": "no such button in this conversation"}, status=400)
                message = self._pressed(button, collector, sender, told)
            elif request.json["message"].strip():
                message = UserMessage(
                    request.json["message"], collector, sender, input_channel=self.name(), metadata=told
                )
            else:
                return response.json([{"recipient_id": sender, **EMPTY_MESSAGE}])
            message.message_id = told.get("message") or message.message_id
            if "message" in told:
                expect(message.message_id)
            answer = await self._answer(on_new_message, message, collector, calls)
            if answer is None:
                return response.json({"error": "the action server could not be reached"}, status=503)
            return response.json(buttons.offered(sender, answer))

        return webhook

    def _pressed(self, button: Button, collector: OutputChannel, sender: Text, told: Dict[Text, Any]) -> UserMessage:
        """The message of a pressed button: its text is the button's title, and the payload gives intent and entities.

        A payload without a slash is handled like a typed text.
        """
        if not button.payload.startswith("/"):
            return UserMessage(button.payload, collector, sender, input_channel=self.name(), metadata=told)
        message = UserMessage(
            button.title,
            collector,
            sender,
            input_channel=self.name(),
            metadata={**told, PRESSED: button.payload},
        )
        message.parse_data = _understood(button)
        return message

    async def _answer(
        self,
        on_new_message: Callable[[UserMessage], Awaitable[None]],
        message: UserMessage,
        collector: WholeMessageCollector,
        calls: ActionCalls,
    ) -> Optional[List[Dict[Text, Any]]]:
        """None if the action server was out of reach, since the answer may then be incomplete."""
        try:
            await on_new_message(message)
        except Exception:  # whatever broke, the citizen gets a courteous answer and the log gets the rest
            logger.exception("the message could not be answered")
        if any(calls.failed):
            return None
        if not collector.messages:
            # Rasa swallows the failure of an action and says nothing.
            return [{"recipient_id": message.sender_id, **engine_failed()}]
        return collector.messages


def _understood(button: Button) -> Dict[Text, Any]:
    """The button's intent and entities, as Rasa's own pipeline would give them."""
    message = Message(data={TEXT: button.payload})
    read = YAMLStoryReader.unpack_regex_message(message, entity_extractor_name="button")
    return {**read.as_dict(only_output_properties=True), TEXT: button.title}


def _problem_with(body: Any) -> Optional[Text]:
    if not isinstance(body, dict):
        return "the body must be a JSON object with sender and message"
    if not isinstance(body.get("sender"), str) or not 0 < len(body["sender"]) <= 255:
        return "sender must be a string of 1 to 255 characters"
    if storable(body["sender"]) != body["sender"]:
        return "sender has characters that cannot be kept: NUL, or half of a pair (a surrogate)"
    if not isinstance(body.get("metadata", {}), (dict, type(None))):
        return "metadata must be an object"
    if "button" in (body.get("metadata") or {}):
        return None
    if not isinstance(body.get("message"), str):
        return "message must be a string"
    if len(body["message"]) > MAX_TEXT_CHARACTERS:
        return f"message must be at most {MAX_TEXT_CHARACTERS} characters"
    return None
