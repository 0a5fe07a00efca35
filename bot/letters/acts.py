"""Tells what a message or letter does: it asks, or it complains, suggests, praises or requests.

All but questions are taken down as cases. A question must hardly ever be taken down: a needless case costs staff an
hour and the citizen the answer. So a doubtful text counts as a question. `docs/decisions/0009-letters.md` has the
figures.
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

# Probability from which a letter is taken down as a case. Chosen by folds over the labelled letters.
TAKE_FROM = 0.45
# A shorter text, such as “我要投诉”, tells nothing that a person could act on.
SHORTEST = 10


class Act(NamedTuple):
    """`name`: `ASK` or one of `TAKEN_DOWN`; `probability`: that it is to be taken down, also for `ASK`."""

    name: str
    probability: float


def act_of(text: str) -> Act:
    """The act of a text, typed or normalised. What staff have taught for these very words comes first."""
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
