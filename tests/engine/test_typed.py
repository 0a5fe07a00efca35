"""No text that anybody types is ever read as the payload of a button."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.typed import as_words
from bot.language.text import normalise
from bot.places import ROOT
from bot.running.environments import ENGINE

pytestmark = pytest.mark.slow

# As Rasa's handler looks at a text, generously: it strips it first.
IS_PAYLOAD = re.compile(r"\s*/")
# Texts that once passed a guard, and similar ones.
SLASHES = (
    "/",
    "／",
    "⁄",
    "∕",
    "\u200b/",
    "/\n/",
    "\u2060／",
    "/\u200d/",
    "\u202e/",
    " /",
    "//",
    "\ufe0f/",
    "😀/",
    "\x1f/",
)
INTENTS = (
    "handoff",
    "session_start",
    "restart",
    "back",
    'ask_fee{"item":"GA-003"}',
    "file_disclosure@1.0",
    "ＨＡＮＤＯＦＦ",
)
PAYLOADS = [slash + intent for slash in SLASHES for intent in INTENTS]

typed_texts = st.one_of(
    st.text(max_size=60),
    st.builds("".join, st.lists(st.one_of(st.sampled_from(SLASHES + INTENTS), st.text(max_size=3)), max_size=6)),
)


@given(typed_texts)
@settings(max_examples=2000)
def test_whatever_is_typed_begins_with_no_slash_when_the_pipeline_ends(text: str) -> None:
    words = as_words(normalise(text))
    assert words.strip()
    assert not IS_PAYLOAD.match(words)


PIPELINE_END = """
import json, sys
from bot.engine.normaliser import Normaliser
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.nlu.training_data.message import Message

def read(texts):
    messages = [Message(data={"text": text}) for text in texts]
    handled = RegexMessageHandler().process(Normaliser(None, None).process(messages))
    return [[message.get("intent"), message.get("entities")] for message in handled]

texts = json.loads(sys.stdin.read())
typed = read(texts)
sys.argv = ["rasa", "shell"]
print(json.dumps({"typed": typed, "terminal": read(["/handoff"])[0][0]["name"]}))
"""


def in_engine(texts: list[str]) -> Any:
    finished = subprocess.run(
        [ENGINE.python, "-W", "ignore", "-c", PIPELINE_END],
        cwd=ROOT, input=json.dumps(texts), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_rasas_own_handler_finds_no_intent_in_what_is_typed_except_on_the_terminal() -> None:
    found = in_engine(PAYLOADS)
    assert found["typed"] == [[None, None]] * len(PAYLOADS)
    assert found["terminal"] == "handoff"
