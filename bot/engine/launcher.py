"""Starts Rasa as this project runs it: `python -m bot.engine.launcher` with the arguments of `rasa run`.

It changes eleven things. Stock `rasa run` works without them, but is slower, less reliable, and logs what people write:

- TensorFlow, matplotlib and Rasa's own use of scikit-learn are left out (`bot/engine/left_out.py`).
- only the shape of an action's answer is checked. Rasa compares each event with a schema of all kinds of events.
- components run one after another, without the scheduler (`bot/engine/graph_runner.py`).
- rules are looked up (`bot/engine/rules.py`).
- kinds of events are looked up by their name. Rasa searches all classes for each event.
- nothing is copied for log lines, which carry no values here.
- the connection to the action server is kept. Rasa makes a new one for each call.
- the channel learns that an action could not be reached, and how long actions took. Rasa ignores the first, and
  continues as if the action had run.
- the garbage collector passes over the model (`bot/long_lived.py`).
- the action server gets the id of the request (`bot/request_ids.py`), so that its log lines carry it.
- logs do not contain what people write. Rasa's own lines contain messages and slots, its tracebacks variable values.
"""

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, AsyncIterator, Dict, List, MutableMapping, Optional, Text
from weakref import WeakKeyDictionary

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

# Before Rasa.
import bot.engine.left_out  # noqa: F401, I001

import aiohttp
import rasa.utils.io
import structlog
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core import processor, run
from rasa.core.policies import rule_policy
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig

from bot import log_lines, private_files, quiet_logs
from bot.engine.action_calls import current_calls
from bot.engine.graph_runner import DirectGraphRunner
from bot.engine.rules import look_rules_up
from bot.long_lived import keep_out_of_collection


def check_action_answers_by_shape() -> None:
    """Makes `RemoteAction` compare an answer with its schema only if the answer does not have the usual shape, so that
    errors stay the same. Errors within an event are found when Rasa reads the event."""
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
        if _has_usual_shape(result):
            return True
        error = best_match(validator.iter_errors(result))
        if error is not None:
            error.message += ". The action server's answer does not have Rasa's format."
            raise error
        return True

    RemoteAction._validate_action_result = _validate_action_result


def _has_usual_shape(result: Any) -> bool:
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events"), result.get("responses")
    return (
        isinstance(events, list)
        and all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
    )


def run_components_directly() -> None:
    """Makes models run without dask. Training keeps Rasa's own runner."""
    processor.DaskGraphRunner = DirectGraphRunner


def look_kinds_of_events_up() -> None:
    Event.resolve_by_type = lru_cache(maxsize=None)(Event.resolve_by_type)


def copy_nothing_for_log_lines() -> None:
    """Both modules copy values for structlog only, and `keep_logs_quiet` drops the values."""
    processor.copy = rule_policy.copy = SimpleNamespace(deepcopy=lambda value: value)


def keep_connections() -> None:
    """Makes endpoints keep one client session, and so their connections, for each of them and each event loop."""
    new_session = EndpointConfig.session
    kept: WeakKeyDictionary[asyncio.AbstractEventLoop, Dict[int, aiohttp.ClientSession]] = WeakKeyDictionary()

    @asynccontextmanager
    async def session(self: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
        sessions = kept.setdefault(asyncio.get_running_loop(), {})
        if id(self) not in sessions or sessions[id(self)].closed:
            sessions[id(self)] = new_session(self)
        yield sessions[id(self)]

    EndpointConfig.session = session


def watch_action_calls() -> None:
    """Makes `RemoteAction` tell `bot.engine.action_calls` how long it takes, and when the server does not answer."""
    whole_run = RemoteAction.run

    async def run(self: RemoteAction, *arguments: Any, **more: Any) -> List[Event]:
        calls = current_calls()
        try:
            with calls.timed():
                return await whole_run(self, *arguments, **more)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            cause = error.__cause__ or error.__context__ or error
            calls.failed.append(isinstance(cause, (aiohttp.ClientError, asyncio.TimeoutError)))
            raise

    RemoteAction.run = run


def pass_headers_on() -> None:
    """Makes requests to the action server carry the headers that `bot.engine.action_calls` names."""
    whole_request = EndpointConfig.request

    async def request(self: EndpointConfig, *arguments: Any, **more: Any) -> Optional[Any]:
        headers = {**current_calls().headers, **more.pop("headers", {})}
        return await whole_request(self, *arguments, headers=headers, **more)

    EndpointConfig.request = request


def keep_model_out_of_collection() -> None:
    """Makes the collector pass over what was loaded before the first message."""
    load_agent_on_start = run.load_agent_on_start

    async def load(*arguments: Any) -> None:
        await load_agent_on_start(*arguments)
        keep_out_of_collection()

    run.load_agent_on_start = load


def keep_logs_quiet() -> None:
    """Makes Rasa log the names of events without their values, and all records as lines of `bot.log_lines`."""
    import rasa.__main__ as rasa_command

    configure = rasa_command.configure_structlog

    def configure_structlog(log_level: Optional[int] = None) -> None:
        configure(log_level)
        structlog.configure(processors=[only_what_happened])

    rasa_command.configure_structlog = configure_structlog
    rasa.utils.io.configure_colored_logging = lambda _: None
    log_lines.install("engine")


def only_what_happened(_: Any, __: Text, event: MutableMapping[Text, Any]) -> Text:
    """Renders structlog's event by its name and, for an error, where it happened."""
    error = sys.exc_info()[1] if event.get("exc_info") else None
    name = str(event.get("event", ""))
    return f"{name}: {quiet_logs.condensed(error)}" if error else name


def make_messages_cheaper() -> None:
    """Makes Rasa do less for a message, with the same result: tests show it for each."""
    check_action_answers_by_shape()
    run_components_directly()
    look_rules_up()
    look_kinds_of_events_up()
    copy_nothing_for_log_lines()


def main() -> None:
    private_files.keep_private()
    make_messages_cheaper()
    keep_connections()
    watch_action_calls()
    pass_headers_on()
    keep_model_out_of_collection()
    keep_logs_quiet()
    from rasa.__main__ import main as rasa_main

    sys.argv = ["rasa", "run", *sys.argv[1:]]
    rasa_main()


if __name__ == "__main__":
    main()
