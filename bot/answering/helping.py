"""What a city's own language model makes of a decision that is not sure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.answering.language_model import LanguageModel, Material
from bot.answering.ranker import OFFERED
from bot.answering.service import Certainty, Decision
from bot.settings import Settings


@cache
def language_model() -> LanguageModel | None:
    """One for the process; None where the city has none."""
    return LanguageModel.of(Settings.from_environment())


def helped(decision: Decision, message: str, before: str, model: LanguageModel | None) -> Decision:
    """The units that the model chose among those considered come first, and are offered; nothing becomes sure by it.

    It must have copied from a unit to choose it, so that it has read what it names.
    """
    if model is None or decision.certainty is Certainty.SURE:
        return decision
    units = [unit for unit, _ in decision.considered]
    choices = model.choices(message, before, [Material(unit.title, unit.text) for unit in units])
    chosen = [units[choice.place] for choice in choices]
    if not chosen:
        return decision
    rest = [unit for unit in decision.units if unit not in chosen]
    return replace(decision, certainty=Certainty.LIKELY, units=tuple([*chosen, *rest][:OFFERED]))
