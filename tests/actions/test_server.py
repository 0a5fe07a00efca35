"""The action server's start: `bot.rasa_sdk_server`."""

from __future__ import annotations

import subprocess
import sys

from bot.places import ROOT

# Looks at the mappers where the thread that queries would start. Nothing is served.
_STARTS = """
import threading
from bot.db import Base

def names():
    return {mapper.class_.__name__ for mapper in Base.registry.mappers}

def start(thread):
    if thread.name != "indexes":
        return really_start(thread)
    started.append((names(), all(mapper.configured for mapper in Base.registry.mappers)))

started = []
really_start = threading.Thread.start
threading.Thread.start = start
from bot import rasa_sdk_server
rasa_sdk_server.main = lambda: None
rasa_sdk_server.serve()
from rasa_sdk.executor import ActionExecutor
ActionExecutor().register_package("actions")
(at_start, were_configured), = started
assert were_configured
assert len(at_start) > 40, at_start
assert at_start == names(), names() - at_start
"""


def test_no_table_is_defined_while_the_answers_are_read_in_a_thread() -> None:
    """A query in the middle of such an import made every later answer of the process fail, on a busy machine."""
    run = subprocess.run([sys.executable, "-c", _STARTS], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
