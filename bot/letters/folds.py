"""How well a model does on letters that it has not seen: folds over the labelled ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.model_selection import StratifiedKFold

from bot.letters.acts import ASK, TAKE_FROM
from bot.letters.offices import NAMED_FROM, OTHERS
from bot.letters.training import Taught, fit_acts, fit_duties


@dataclass(frozen=True)
class ActFigures:
    """Shares, 0 to 1. `taken_by_act`: how many letters of each act were taken down.

    `kind_right`: of the letters that were rightly taken down, those that got the right act.
    """

    taken_by_act: dict[str, float]
    kind_right: float
    counts: dict[str, int]


def act_figures(
    labelled: Sequence[Taught], others: Sequence[Taught], rows: csr_matrix, other_rows: csr_matrix, folds: int
) -> ActFigures:
    """Judges `labelled` by folds. `others` are only learnt from, except for copies of a letter being judged."""
    acts = np.array([one.label for one in labelled])
    said = np.empty(len(labelled), dtype=object)
    for learn, judge in StratifiedKFold(folds, shuffle=True, random_state=0).split(rows, acts):
        hidden = {labelled[number].source for number in judge} - {""}
        kept = [number for number, one in enumerate(others) if one.source not in hidden]
        taught = [*(labelled[number] for number in learn), *(others[number] for number in kept)]
        models = fit_acts(vstack([rows[learn], other_rows[kept]]), taught)
        for number in judge:
            row = np.asarray(rows[number].todense(), dtype=np.float32).ravel()
            kinds = models["kind"].probabilities(row)
            is_taken = models["take"].probabilities(row)["take"] >= TAKE_FROM
            said[number] = max(kinds, key=lambda kind: kinds[kind]) if is_taken else ASK
    taken = said != ASK
    return ActFigures(
        taken_by_act={str(act): float(taken[acts == act].mean()) for act in sorted(set(acts))},
        kind_right=float((said == acts)[taken & (acts != ASK)].mean()),
        counts=dict(Counter(acts.tolist())),
    )


@dataclass(frozen=True)
class DutyFigures:
    """`named`: the share of letters for which a department is named; `right`: of those, how many rightly."""

    count: int
    named: float
    right: float


def duty_figures(
    answered: Sequence[Taught], others: Sequence[Taught], rows: csr_matrix, other_rows: csr_matrix, folds: int
) -> DutyFigures:
    duties = np.array([one.label for one in answered])
    said = np.empty(len(answered), dtype=object)
    for learn, judge in StratifiedKFold(folds, shuffle=True, random_state=0).split(rows, duties):
        model = fit_duties(vstack([rows[learn], other_rows]), [*(answered[number] for number in learn), *others])
        for number in judge:
            shares = model.probabilities(np.asarray(rows[number].todense(), dtype=np.float32).ravel())
            best = max(shares, key=lambda duty: shares[duty])
            said[number] = best if best != OTHERS and shares[best] >= NAMED_FROM else None
    is_named = np.array([one is not None for one in said])
    return DutyFigures(len(duties), float(is_named.mean()), float((said == duties)[is_named].mean()))
