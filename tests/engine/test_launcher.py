"""The launcher's fixes to Rasa, tested in the engine's own environment."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from bot.places import ROOT
from bot.running.environments import ENGINE

pytestmark = pytest.mark.slow


def in_engine(script: str) -> Any:
    """Runs a script in the engine's environment and gives what it prints as JSON."""
    finished = subprocess.run(
        [ENGINE.python, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


VALIDATION = """
import json
from bot.engine import launcher
from rasa.core.actions.action import RemoteAction

answers = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "item", "value": "GA-001"}], "responses": [{"text": "x"}]},
    {"events": [], "responses": [{"template": 7}]},
    {"events": "none"},
    {"events": [{"name": "no event"}], "responses": []},
    {"events": [{"event": 5}], "responses": []},
    [],
]

def verdicts():
    found = []
    for answer in answers:
        try:
            found.append(RemoteAction(None, None)._validate_action_result(answer))
        except Exception as error:
            # Rasa's sentence of advice after the error differs from ours.
            found.append([type(error).__name__, error.message.split(". ")[0].rstrip(".")])
    return found

stock = verdicts()
launcher.check_action_answers_by_shape()
print(json.dumps([stock, verdicts()]))
"""


def test_the_kept_validator_refuses_what_rasas_own_refuses_with_the_same_errors() -> None:
    stock, kept = in_engine(VALIDATION)
    assert kept == stock
    assert kept[:2] == [True, True]
    assert sum(verdict is not True for verdict in kept) >= 3


BOUND = """
import json
from bot.engine import launcher
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

launcher.bound_action_calls()
tracker = DialogueStateTracker.from_events("c", [UserUttered(str(n)) for n in range(1000)])
call = RemoteAction("action_x", None)._action_call_format(tracker, Domain.empty())
texts = [event["text"] for event in call["tracker"]["events"]]
print(json.dumps([len(texts), texts[-1], call["tracker"]["latest_message"]["text"]]))
"""


def test_an_action_gets_the_newest_events_only() -> None:
    assert in_engine(BOUND) == [200, "999", "999"]


LOGS = """
import io, json, logging, sys
from bot.engine import launcher
import structlog, warnings

launcher.keep_logs_quiet()
from rasa.__main__ import configure_structlog
from rasa.shared.utils.io import raise_warning

heard = io.StringIO()
logging.basicConfig(stream=heard, level=logging.DEBUG, force=True)
configure_structlog(logging.DEBUG)
said = "\u738b\u5efa\u56fd 13912345678"

def fail(tracker):
    raise ValueError(tracker["text"])

structured, plain = structlog.get_logger("rasa.core.processor"), logging.getLogger("rasa.core.processor")
structured.info("processor.message.parse", parse_data_text=said)
plain.debug(said)
plain.warning(f"cannot read {said}")
raise_warning(f"Failed to parse arguments in line '{said}'.")
for log in (structured, plain):
    try:
        fail({"text": said})
    except ValueError:
        log.exception("action.failed")
print(json.dumps([said, heard.getvalue()]))
"""


def test_rasas_logs_tell_what_happened_and_where_but_not_what_was_said() -> None:
    said, heard = in_engine(LOGS)
    assert "processor.message.parse" in heard
    assert heard.count("ValueError at <string>") == 2
    assert "in fail" in heard
    for part in (*said.split(), json.dumps(said.split()[0])[1:-1]):
        assert part not in heard
