"""No text stops the engine: pasted text, emoji, or text made up by attackers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.places import ROOT
from bot.running.environments import ENGINE
from bot.running.model_making import engine_environment
from bot.settings import Settings
from tests.conftest import VAR_DIR

pytestmark = pytest.mark.slow

# Reads one text per line, takes it as a message of a new conversation, and predicts the action without running it.
LISTENING = """
import asyncio, json, logging, os, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
logging.disable(logging.ERROR)
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

async def heard(processor, text, number):
    tracker = await processor.log_message(UserMessage(text, sender_id=str(number)))
    action, _ = processor.predict_next_with_tracker_if_should(tracker)
    return [tracker.latest_message.intent.get("name"), action.name()]

async def main():
    agent = Agent.load(sys.argv[1])
    for number, line in enumerate(sys.stdin):
        try:
            answer = await heard(agent.processor, json.loads(line), number)
        except Exception as error:
            answer = ["crashed", repr(error)]
        print(json.dumps(answer), file=answers, flush=True)

asyncio.run(main())
"""

LONG = st.builds(
    lambda piece, size: (piece * size)[:size],
    st.sampled_from(["\ufdfa", "\0", "\ud800", "我", "👍", "1", "\u0301", "?", "/", "{", "不", "\u200b", "𠀀", "\n"]),
    st.sampled_from([500, 2000]),
)
SCRIPTS = st.characters(categories=["Lo", "Mn", "Mc", "Me", "So", "Nd", "Cf", "Cc", "Cs"])
TEXTS = st.one_of(
    st.text(st.characters()),
    st.text(SCRIPTS),
    st.text("👍🙏❤😀🇨👩\u200d\ufe0f\u20e3", min_size=1),
    st.text('我要办身份证第一个XXGK-2026000123k7m29qxd \n\u200b\u0301/{}":,，。？', min_size=1),
    LONG,
)


class Engine:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def hears(self, text: str) -> tuple[str, str]:
        """The intent, and the action that follows."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(text), file=self._process.stdin, flush=True)
        intent, action = json.loads(self._process.stdout.readline())
        return intent, action


@pytest.fixture(scope="module")
def engine(model: Path) -> Iterator[Engine]:
    command = [ENGINE.python, "-W", "ignore", "-c", LISTENING, str(model)]
    env = engine_environment(Settings.from_environment({"VAR_DIR": str(VAR_DIR)}))
    with subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL
    ) as process:
        yield Engine(process)
        process.kill()


@pytest.mark.parametrize("text", ["👍", "🙏🙏", "❤️\u200d🔥"])
def test_a_picture_of_thanks_is_thanks(engine: Engine, text: str) -> None:
    assert engine.hears(text) == ("thank", "action_smalltalk")


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800", "\0" * 500, "😡", "……"])
def test_what_says_nothing_is_not_understood(engine: Engine, text: str) -> None:
    assert engine.hears(text) == ("nlu_fallback", "action_answer")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_no_text_whatever_stops_the_engine(engine: Engine, text: str) -> None:
    intent, action = engine.hears(text)
    assert intent != "crashed", action
    assert action.startswith("action_") or action.endswith("_form")
