"""How well intents are recognised, computed in the same way for our pipeline and a stock one."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.metrics import f1_score

from bot.evaluation.cases import MessageCase

_INTENTS_OF = {
    "not_in_catalogue": (),
    "out_of_scope": ("out_of_scope",),
    "policy": ("ask_policy",),
    "disclosure_status": ("ask_disclosure_status",),
    "handoff": ("handoff",),
    "smalltalk": ("greet", "thank", "goodbye", "who_are_you"),
    "feedback_wrong": ("feedback_wrong",),
}


def fitting_intents(case: MessageCase) -> tuple[str, ...]:
    """The intents that fit a message; none if the message does not say enough."""
    if case.outcome in _INTENTS_OF:
        return _INTENTS_OF[case.outcome]
    if any(code.startswith("YJS") for code in case.items):
        return ("ask_joint_service",)
    return tuple(f"ask_{facet}" for facet in case.facets)


def intent_figures(cases: Sequence[MessageCase], predicted: Sequence[str]) -> dict[str, float]:
    """Accuracy and macro-F1 over the messages whose intent is known."""
    pairs = [
        (got if got in fitting else fitting[0], got)
        for case, got in zip(cases, predicted, strict=True)
        if (fitting := fitting_intents(case))
    ]
    meant, got = [list(side) for side in zip(*pairs, strict=True)]
    return {
        "intent_accuracy": sum(a == b for a, b in pairs) / len(pairs),
        "intent_macro_f1": float(f1_score(meant, got, average="macro", zero_division=0)),
    }
