"""Loads Rasa without TensorFlow. Import this before anything of Rasa.

Rasa imports every component that it knows, so TensorFlow comes with it: two thirds of the memory of Rasa's program and
half of the time until it is loaded. No component of `config.yml` uses it. The modules that do are replaced by ones with
the same names in them, and whoever uses one of these is told why it does nothing.
"""

import sys
from types import ModuleType
from typing import Any, Dict, NoReturn, Tuple

# Module of Rasa 3.6 that needs TensorFlow → what others import from it.
_NEEDING_IT: Dict[str, Tuple[str, ...]] = {
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.utils.tensorflow.callback": ("RasaModelCheckpoint", "RasaTrainingLogger"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}


class TensorFlowLeftOut(RuntimeError):
    """A component was used that needs TensorFlow."""


class _LeftOut(type):
    """What stands for a class: it can be imported and compared, and nothing else."""

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        cls._refuse()

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        cls._refuse()

    def _refuse(cls) -> NoReturn:
        raise TensorFlowLeftOut(
            f"{cls.__name__} needs TensorFlow, which this engine leaves out (bot/engine/without_tensorflow.py)"
        )


def leave_tensorflow_out() -> None:
    if "rasa.nlu" in sys.modules or "rasa.core.policies" in sys.modules:
        raise ImportError("bot.engine.without_tensorflow must be imported before Rasa's components")
    for name, classes in _NEEDING_IT.items():
        module = ModuleType(name)
        for each in classes:
            setattr(module, each, _LeftOut(each, (), {"__module__": name}))
        sys.modules[name] = module


leave_tensorflow_out()
