"""The calls of the action server that one message causes: what goes along, how long they take, and which failed.

Rasa itself tells none of it.
"""

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Dict, Iterator, List, Mapping, Optional, Text

from bot.request_ids import HEADER

# Of the message's own headers: the request's id, and where the request belongs in a trace (W3C Trace Context).
PASSED_ON = (HEADER, "traceparent")


@dataclass
class ActionCalls:
    """`failed`: an entry for each call that failed, True if the server was out of reach. `seconds`: of all calls."""

    headers: Dict[Text, Text]
    failed: List[bool] = field(default_factory=list)
    seconds: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - began


_CALLS: ContextVar[Optional[ActionCalls]] = ContextVar("action_calls", default=None)


@contextmanager
def watching_actions(headers: Mapping[Text, Text]) -> Iterator[ActionCalls]:
    """Notes the calls within the block. `headers`: of the message, of which some are passed on."""
    calls = ActionCalls({name: headers[name] for name in PASSED_ON if name in headers})
    token = _CALLS.set(calls)
    try:
        yield calls
    finally:
        _CALLS.reset(token)


def current_calls() -> ActionCalls:
    """Outside of `watching_actions`, as for `rasa shell`, one that nobody reads."""
    return _CALLS.get() or ActionCalls({})
