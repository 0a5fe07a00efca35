"""What a message or letter does: it asks, or it complains, suggests, praises or requests, and is to be taken down.

A question must hardly ever be taken down: a needless case costs staff an hour and the citizen the answer. So what is
doubtful asks. `docs/decisions/0009-letters.md` has the figures.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.letters.features import features
from bot.letters.linear import LinearModel, load
from bot.letters.taught import taught_act

WEIGHTS = Path(__file__).parent / "acts.npz"

ASK = "ask"
COMPLAIN, SUGGEST, PRAISE, REQUEST = "complain", "suggest", "praise", "request_help"
TAKEN_DOWN = (COMPLAIN, SUGGEST, PRAISE, REQUEST)

# From here on it is taken down. Chosen by folds over the labelled letters.
TAKE_FROM = 0.45
# In fewer characters nothing is told that a person could act upon: “我要投诉”.
SHORTEST = 10


class Act(NamedTuple):
    """`name`: `ASK` or one of `TAKEN_DOWN`; `probability` that it is to be taken down, whatever its name."""

    name: str
    probability: float


def act_of(text: str) -> Act:
    """For a text as typed or normalised; what staff have taught of the very words comes first."""
    if taught := taught_act(text):
        return Act(taught, 0.0 if taught == ASK else 1.0)
    models = _models()
    row = features(text)
    probability = models["take"].probabilities(row)["take"]
    if probability < TAKE_FROM or len(text) < SHORTEST:
        return Act(ASK, probability)
    kinds = models["kind"].probabilities(row)
    return Act(max(kinds, key=lambda kind: kinds[kind]), probability)


@lru_cache(maxsize=1)
def _models() -> dict[str, LinearModel]:
    return load(WEIGHTS)
