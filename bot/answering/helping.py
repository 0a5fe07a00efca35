"""Improves a decision that is not sure, with the help of the city's own language model."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.answering.language_model import GivenMaterial, LanguageModel
from bot.answering.ranker import OFFERED
from bot.answering.service import Certainty, Decision
from bot.settings import Settings


@cache
def language_model() -> LanguageModel | None:
    """The language model of this process; None where the city has none."""
    return LanguageModel.of(Settings.from_environment())


def helped(decision: Decision, message: str, before: str, model: LanguageModel | None) -> Decision:
    """Offers the units that the model chose, then the others. The decision does not become sure by it.

    The model chooses among the units considered. A choice counts only with a quote from the unit, which shows that the
    model has read it.
    """
    if model is None or decision.certainty is Certainty.SURE:
        return decision
    units = [unit for unit, _ in decision.considered]
    choices = model.choices(message, before, [GivenMaterial(unit.title, unit.text) for unit in units])
    chosen = [units[choice.place] for choice in choices]
    if not chosen:
        return decision
    rest = [unit for unit in decision.units if unit not in chosen]
    return replace(decision, certainty=Certainty.LIKELY, units=tuple([*chosen, *rest][:OFFERED]))
