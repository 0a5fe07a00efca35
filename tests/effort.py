"""How hard a test tries that makes up its inputs: the same few ones each time, or many others by chance.

`FUZZ_TIMES=100 pytest tests/web/test_any_request.py` tries a hundred times as many.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))


def effort(examples: int, steps: int = 50) -> settings:
    """`steps`: the most steps of a state machine in one example; they grow less, since failures are told in steps."""
    return settings(
        max_examples=examples * TIMES,
        stateful_step_count=steps if TIMES == 1 else 2 * steps,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # What is made from an OpenAPI document takes long to shrink, and is short anyway.
        phases=set(Phase) - {Phase.explain},
    )
