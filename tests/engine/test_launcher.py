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


CONNECTIONS = """
import asyncio, json
from aiohttp import web
from bot.engine import launcher
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

launcher.keep_connections()
connections = set()

async def answer(request):
    connections.add(request.transport.get_extra_info("peername"))
    asked = await request.json()
    return web.json_response({"events": [], "responses": [asked]}, status=500 if asked["fails"] else 200)

async def main():
    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = EndpointConfig(f"http://127.0.0.1:{runner.addresses[0][1]}/webhook")
    told = []
    for number in range(4):
        try:
            found = await endpoint.request(json={"number": number, "fails": number == 1})
            told.append(found["responses"][0]["number"])
        except ClientResponseError as error:
            told.append(error.status)
    await runner.cleanup()
    print(json.dumps([told, len(connections)]))

asyncio.run(main())
"""


def test_calls_of_actions_share_a_connection_and_one_that_fails_spoils_none_after_it() -> None:
    assert in_engine(CONNECTIONS) == [[0, 500, 2, 3], 1]


COPIES = """
import ast, inspect, json
from bot.engine import launcher
from rasa.core import processor
from rasa.core.policies import rule_policy
from rasa.shared.core.events import Event

def copies(tree):
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"]

found = []
for module in (processor, rule_policy):
    tree = ast.parse(inspect.getsource(module))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    lines = [call for call in calls if ast.unparse(call.func).startswith("structlogger.")]
    found.append([sorted(copies(tree)), sorted({place for call in lines for place in copies(call)})])
names = ["user", "action", "slot", "bot", "session_started"]
stock = [Event.resolve_by_type(name) for name in names]
launcher.look_kinds_of_events_up()
print(json.dumps([found, [Event.resolve_by_type(name) for name in names] == stock, Event.resolve_by_type("topic")]))
"""


def test_rasa_copies_for_its_log_lines_only_and_kinds_of_events_are_found_as_before() -> None:
    found, is_same, topic = in_engine(COPIES)
    for all_copies, copies_for_lines in found:
        assert all_copies == copies_for_lines != []
    assert is_same
    assert topic is None


LEFT_OUT = """
import importlib, json, sys
import bot.engine.launcher
import rasa.__main__
from rasa.core import agent
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
from rasa.shared.utils.common import class_from_module_path

DIET = class_from_module_path("rasa.nlu.classifiers.diet_classifier.DIETClassifier")
said = []
for use in (lambda: DIET({}), lambda: DIET.load):
    try:
        use()
    except Exception as error:
        said.append([type(error).__name__, str(error)])
for each in ("intents", "matters", "normaliser", "recogniser", "refiner"):
    importlib.import_module(f"bot.engine.{each}")
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "sklearn", "matplotlib"})
print(json.dumps([loaded, DIET in DEFAULT_COMPONENTS, said]))
"""


def test_rasa_is_loaded_without_what_our_components_do_not_use_and_who_needs_it_is_told_why() -> None:
    loaded, is_known, said = in_engine(LEFT_OUT)
    assert loaded == []
    assert is_known
    assert [kind for kind, _ in said] == ["LeftOut"] * 2
    assert all(
        sentence.startswith("DIETClassifier needs a library that this engine leaves out") for _, sentence in said
    )
